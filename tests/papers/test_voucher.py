"""A tour's voucher: what it says, read back from the PDF, and what its words are for unusual terms."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import zxingcpp

from app.domain.booking import TicketStatus
from app.domain.money import Money
from app.domain.tours import CancellationScale, Contact, DepartureTerms, ScaleStep
from app.papers import tour_words as words
from app.papers.press import PrintError, print_pdf
from app.papers.receipt import Condition
from tests.papers.test_press import image, pages, text
from tests.papers.vouchers import COMPANY, STAY, voucher


def scaled(*steps):
    scale = CancellationScale(steps=tuple(ScaleStep(days=days, percent=Decimal(part)) for days, part in steps))
    return replace(STAY, terms=DepartureTerms(scale=scale))


def test_says_everything_that_was_booked():
    said = text(print_pdf(voucher()))
    for fact in (
        "Northwind Travel", "Tour voucher", "Red Centre Explorer", "Classic with Kings Canyon", "Winter 2027",
        "Sat 8 May 2027 \N{EN DASH} Fri 14 May 2027 · 7 days", "Traveller Sanchez / Maria Ms", "AAT-7KQ2-0001",
        "K7XW4M",
        "Fri 20 Nov 2026", "AATK-204817 AAT Kings", "Valid for travel", "First day Saturday 8 May 2027",
        "Last day Friday 14 May 2027", "Length 7 days 6 nights",
        "Meeting on the first day: AAT Kings tells where and at what time",
        "Whom to ask: AAT Kings (UK) · +44 20 7946 0187 · uk@aatkings.example · https://uk.aatkings.example",
        "quote AATK-204817", "Guide's language English", "Twin share room Sanchez / Maria Ms Sanchez / Pablo Mr",
        "Single room Name erased on request", "Until 9 Mar 2027 10 % of the tour's price",
        "From 10 Mar 2027 until 8 Apr 2027 30 %", "From 9 Apr 2027 until 23 Apr 2027 50 %", "From 24 Apr 2027 100 %",
        "Another departure can be had instead before Thu 8 Apr 2027, for a fee of GBP 75.00 per booking.",
        "Tour GBP 7,180.00", "Booking fee GBP 25.00", "Total for 4 travellers GBP 7,205.00",
        "Paid 20 Nov 2026: Visa 4242 GBP 800.00", "GBP 6,405.00", "Sold in the United Kingdom", "Page 1 of 1",
    ):  # fmt: skip
        assert fact in said.replace("\N{NO-BREAK SPACE}", " "), fact
    assert "Taxes" not in said


def test_the_code_on_the_page_is_the_verification_link():
    (code,) = zxingcpp.read_barcodes(image(print_pdf(voucher())))
    assert code.text == voucher().verification_url


def test_one_without_its_code_is_not_printed(monkeypatch):
    monkeypatch.setattr("app.papers.press._qr", lambda _url: "")
    with pytest.raises(PrintError):
        print_pdf(voucher())


def test_one_that_is_not_valid_says_so():
    assert "Refunded, not valid" in text(print_pdf(voucher(status=TicketStatus.REFUNDED)))


def test_the_longest_names_and_many_rooms_go_on_to_the_next_page():
    named = replace(STAY, tour_name="Grand Tour of the Most Beautiful " * 6, option_name="With Every Extension " * 8)
    long = voucher(stay=named, rooms=voucher().rooms * 12, number="https://operator.example/" + "0123456789" * 12)
    first, *_, last = pages(print_pdf(long))
    assert "Page 1 of 3" in first
    assert "Cancelling" in last


def test_what_the_operator_does_not_tell_is_said_so():
    silent = replace(STAY, season_name=None, language=None, terms=DepartureTerms())
    said = text(
        print_pdf(voucher(stay=silent, company=None, refund=Condition(None), payments=(), operator_reference=""))
    )
    assert "As the operator states" in said
    assert "The operator has not stated what cancelling costs" in said
    assert "Not paid" in said
    assert "Another departure" not in said
    assert "quote" not in said
    assert "ask:" not in said


def test_a_company_that_tells_no_contact_is_named():
    silent = replace(COMPANY, contact=Contact())
    assert words.reached(silent) == "AAT Kings (UK)"
    assert words.reached(replace(COMPANY, contact=Contact(phone="+44 1"))) == "AAT Kings (UK) · +44 1"


def test_a_contact_as_long_as_can_be_stays_on_the_page():
    long = replace(COMPANY, contact=Contact(website="https://operator.example/" + "0123456789" * 25))
    assert "0123456789" * 25 in text(print_pdf(voucher(company=long))).replace(" ", "")


def test_nothing_personal_is_in_its_repr():
    assert "Sanchez" not in repr(voucher())
    assert voucher().verification_url not in repr(voucher())


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (((30, 0), (0, 100)), ["free of charge", "100 % of the tour's price"]),
        (((1, "12.5"),), ["12.5 % of the tour's price", "100 % of the tour's price"]),
        ((), []),
    ],
)
def test_what_cancelling_costs(steps, told):
    assert [cost.replace("\N{NO-BREAK SPACE}", " ") for _, cost in words.cancelling(scaled(*steps))] == told


def test_each_time_is_named_once_in_any_order_of_the_steps():
    times = [when for when, _ in words.cancelling(scaled((14, 50), (30, 10), (15, 20)))]
    assert times == [
        "Until 8 Apr 2027", "From 9 Apr 2027 until 23 Apr 2027", "On 24 Apr 2027", "From 25 Apr 2027",
    ]  # fmt: skip


@pytest.mark.parametrize("days", range(70))
def test_the_day_that_is_printed_is_the_last_on_which_the_step_holds(days):
    stay, scale = scaled((60, 10), (30, 30)), scaled((60, 10), (30, 30)).terms.scale
    noon = datetime.fromordinal(stay.key.starts_on.toordinal() - days).replace(hour=3, tzinfo=UTC)
    percent = scale.at(stay.key.starts_on, stay.zone, noon).percent
    place = 0 if days >= 60 else 1 if days >= 30 else 2
    assert words.cancelling(stay)[place][1].startswith(f"{percent}")


@pytest.mark.parametrize(
    ("refund", "told"),
    [
        (Condition(allowed=False), "Who cancels gets nothing back."),
        (Condition(allowed=True, fee=Money.of("0", "GBP")), "Cancelling was free of charge when this was booked."),
        (Condition(allowed=True, fee=Money.of("90", "GBP")), "Cancelling cost GBP 90.00 when this was booked."),
    ],
)
def test_an_operator_without_a_scale(refund, told):
    assert words.unscaled(refund).replace("\N{NO-BREAK SPACE}", " ").startswith(told)


def test_a_time_of_day_is_told_where_it_is_not_midnight():
    terms = DepartureTerms(exchange_until=datetime(2027, 5, 7, 22, 30, tzinfo=UTC))
    told = "Another departure can be had instead before Sat 8 May 2027, 08:00, free of charge."
    assert words.exchanging(terms, "Australia/Darwin") == told


@pytest.mark.parametrize(("code", "name"), [("de", "German"), ("zh-Hans", "Chinese (Simplified)"), ("qq-", "qq-")])
def test_a_guides_language(code, name):
    assert words.language(code) == name


@pytest.mark.parametrize(
    ("last", "told"), [(8, ("1 day", "no nights")), (9, ("2 days", "1 night")), (10, ("3 days", "2 nights"))]
)
def test_the_length_counts_both_ends_and_the_nights_between(last, told):
    stay = replace(STAY, ends_on=STAY.key.starts_on.replace(day=last))
    assert (words.length(stay), words.nights(stay)) == told
