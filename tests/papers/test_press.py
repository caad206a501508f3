"""What is printed: read back from the PDF's text, and from its pixels where text alone proves nothing."""

import re
import shutil
import socket
from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest
import segno
import zxingcpp
from xhtml2pdf.config.resources import ResourceAccessError

from app.domain.booking import TicketStatus
from app.domain.money import Money
from app.papers import press
from app.papers.press import PrintError, print_pdf
from app.papers.receipt import Condition, MoreBags


def pages(pdf):
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return texts


def text(pdf):
    return re.sub(r"\s+", " ", " ".join(pages(pdf)))


def image(pdf, scale=2.0, page=0):
    document = pypdfium2.PdfDocument(pdf)
    picture = document[page].render(scale=scale).to_pil()
    document.close()
    return picture


def test_says_every_fact_of_the_ticket(receipts):
    said = text(print_pdf(receipts.receipt()))
    for fact in (
        "Northwind Travel", "E-ticket itinerary receipt", "125-2401958726", "Ms Maria Sanchez", "K7XW4M",
        "R5TQ2J British Airways", "Fri 20 Nov 2026", "LHR → SIN → LHR",
        "London \N{EN DASH} Singapore \N{EN DASH} London",
        "Valid for travel", "London to Singapore", "Singapore to London", "1 change · 16 h 39 min",
        "09:25", "London Heathrow Airport, terminal 5", "Fri 12 Mar 2027, UTC+00:00",
        "10:04 +1 day", "Sat 13 Mar 2027, UTC+08:00", "Connection: 2 h 00 min in Doha",
        "British Airways BA 125", "6 h 45 min · Boeing 787-9", "Qatar Airways", "Economy Classic · QLX4S7M",
        "1 checked bag (23 kg), 1 cabin bag", "Change before departure: allowed, for a fee of GBP 75.00.",
        "Refund before departure: not allowed.", "Fare GBP 612.00", "Taxes and charges GBP 214.37",
        "Booking fee GBP 9.50", "Total GBP 835.87", "Form of payment: On account, Northwind Travel", "Page 1 of 2",
    ):  # fmt: skip
        assert fact in said, fact


def test_says_where_one_sits_and_which_bags_were_bought(receipts):
    usual = receipts.one_way()
    assert "Seat" not in text(print_pdf(usual))
    (segment,) = usual.segments
    seated = replace(segment, seat="12A", more_bags=(MoreBags(pieces=1, kg=Decimal(23)),))
    printed = text(print_pdf(replace(usual, journeys=(replace(usual.journeys[0], segments=(seated,)),))))
    assert "Seat 12A" in printed
    assert "plus 1 checked bag (23 kg)" in printed


def test_the_code_on_the_page_is_the_verification_link(receipts):
    receipt = receipts.receipt()
    (code,) = zxingcpp.read_barcodes(image(print_pdf(receipt)))
    assert code.text == receipt.verification_url


def test_a_long_signed_link_still_scans_at_screen_resolution(receipts):
    link = "https://booking.travel-agency.example/tickets/verify/" + "eyJhbGciOiJFUzI1NiIsInR5cCI6" * 12
    (code,) = zxingcpp.read_barcodes(image(print_pdf(receipts.receipt(verification_url=link))))
    assert code.text == link


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Иван Петров", "Иван Петров"),
        ("Γιώργος Παπαδόπουλος", "Γιώργος Παπαδόπουλος"),
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        ("Łukasz Żółć-Ağaoğlu", "Łukasz Żółć-Ağaoğlu"),
        ("محمد علي", "Mhmd Ly"),
        ("שלום כהן", "Slvm Khhn"),
        ("王小明", "WangXiaoMing"),
        ("김철수", "GimCheolSu"),
        ("さくら", "Sakura"),
        ("अमित कुमार", "Amit Kumar"),
        ("สมชาย", "Smchay"),
        ("\ue000", "?"),
    ],
)
def test_a_name_in_any_script_can_be_read(receipts, name, printed):
    assert printed in text(print_pdf(receipts.one_way(passenger_name=name)))


def test_glyphs_are_drawn_and_not_only_mapped(receipts):
    """The text layer would say the name even if every glyph were an empty box, so compare the ink."""
    inks = {
        image(print_pdf(receipts.one_way(passenger_name=name))).tobytes()
        for name in ("Ж", "Щ", "Ω", "Ψ", "ễ", "ợ", "W")
    }
    assert len(inks) == 7


@pytest.mark.parametrize(
    "name",
    [
        "<img src=file:///etc/passwd>",
        "{{ 7*7 }}",
        "{% raw %}",
        "<pdf:nextpage/>",
        "&lt;b&gt;",
        "</td></table>",
    ],
)
def test_a_hostile_name_comes_out_as_text(receipts, name):
    pdf = print_pdf(receipts.one_way(passenger_name=name))
    assert name in text(pdf)
    assert len(pages(pdf)) == 1


def test_the_text_direction_cannot_be_turned_around(receipts):
    assert "Ms evil" in text(print_pdf(receipts.one_way(passenger_name="Ms \u202eevil")))


def test_the_same_receipt_gives_the_same_bytes(receipts):
    assert print_pdf(receipts.receipt()) == print_pdf(receipts.receipt())


def test_names_no_time_but_the_day_of_issue(receipts):
    metadata = pypdfium2.PdfDocument(print_pdf(receipts.receipt())).get_metadata_dict()
    assert metadata["CreationDate"].startswith("D:20261120000000")
    assert metadata["Title"] == "E-ticket 125-2401958726"


def test_embeds_its_fonts_as_subsets(receipts):
    pdf = print_pdf(receipts.receipt())
    assert pdf.count(b"/FontFile2") == 3
    assert len(pdf) < 100_000


def test_yen_have_no_decimals(receipts):
    said = text(print_pdf(receipts.yen()))
    assert "Total JPY 223,230" in said
    assert "Refund before departure: allowed, for a fee of JPY 33,000." in said


@pytest.mark.parametrize("status", [status for status in TicketStatus if status is not TicketStatus.VALID])
def test_a_ticket_that_is_no_longer_valid_looks_it(receipts, status):
    valid = image(print_pdf(receipts.receipt()), scale=0.2)
    pdf = print_pdf(receipts.receipt(status=status))
    assert status.value.capitalize() in text(pdf)
    assert "Valid for travel" not in text(pdf)
    assert image(pdf, scale=0.2).getpixel((2, 2)) != valid.getpixel((2, 2))


def test_long_words_break_and_leave_the_rest_standing(receipts):
    receipt = receipts.long_words()
    pdf = print_pdf(receipt)
    said = text(pdf)
    assert receipt.passenger_name in said
    assert "Compagnie Nationale Royal Air Maroc Express for Air Mediterranean" in said
    assert "Total GBP 835.87" in said
    assert zxingcpp.read_barcodes(image(pdf))[0].text == receipt.verification_url


def test_words_without_a_break_stay_on_the_page(receipts):
    pdf = print_pdf(receipts.long_words(issuer_contact="x" * 400))
    assert len(pages(pdf)) == 1


def test_ten_flights_go_over_pages_that_name_the_ticket(receipts):
    printed = pages(print_pdf(receipts.ten_flights()))
    assert len(printed) == 3
    for number, page in enumerate(printed, 1):
        assert f"Page {number} of 3" in page
        assert "125-2401958726" in page
    for flight in range(201, 211):
        assert sum(f"BA {flight}" in page for page in printed) == 1


def test_a_flight_is_never_torn_between_pages(receipts):
    for page in pages(print_pdf(receipts.ten_flights())):
        assert page.count("Operated by") == page.count("British Airways BA")


def test_unknown_facts_are_said_to_be_unknown(receipts):
    receipt = receipts.one_way(refund=Condition(None), change=Condition(allowed=True), carrier_references=())
    said = text(print_pdf(receipt))
    assert "Refund before departure: the airline has not stated its rule." in said
    assert "Change before departure: allowed; the airline sets the fee when you ask." in said


def test_a_missing_picture_is_a_failure(receipts, monkeypatch, tmp_path):
    page = (press.TEMPLATES / "receipt.html").read_text().replace("way.svg", "nowhere.svg")
    with pytest.raises(PrintError, match="xhtml2pdf"):
        print_with(page, receipts.receipt(), monkeypatch, tmp_path)


@pytest.mark.parametrize("form", ["{}", "file://{}", "../outside.png"])
def test_no_file_outside_the_template_folder_is_read(receipts, monkeypatch, tmp_path, form):
    outside = tmp_path / "outside.png"
    segno.make("secret").save(str(outside))
    page = (press.TEMPLATES / "receipt.html").read_text().replace("way.svg", form.format(outside))
    with pytest.raises(PrintError, match="xhtml2pdf"):
        print_with(page, receipts.receipt(), monkeypatch, tmp_path)


def test_nothing_is_fetched(receipts, monkeypatch, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        there = f"http://127.0.0.1:{server.getsockname()[1]}/way.png"
        page = (press.TEMPLATES / "receipt.html").read_text().replace("way.svg", there)
        with pytest.raises(PrintError, match="xhtml2pdf"):
            print_with(page, receipts.receipt(), monkeypatch, tmp_path)
        with pytest.raises(BlockingIOError):
            server.accept()
    with pytest.raises(ResourceAccessError):
        press._policy().check_url("https://192.0.2.1/way.png")


def test_a_page_without_the_code_is_a_failure(receipts, monkeypatch, tmp_path):
    page = re.sub(r'<img src="{{ qr }}"[^>]*>', "", (press.TEMPLATES / "ticket.html").read_text())
    with pytest.raises(PrintError, match="verification code"):
        print_with(page, receipts.receipt(), monkeypatch, tmp_path, "ticket.html")


def test_a_failure_tells_nothing_of_the_traveller(receipts, monkeypatch, tmp_path):
    page = "<p>{{ receipt.passenger_name }}</p><img src='{{ receipt.passenger_name }}'>"
    with pytest.raises(PrintError) as failure:
        print_with(page, receipts.receipt(), monkeypatch, tmp_path)
    assert "Sanchez" not in str(failure.value)
    assert failure.value.__cause__ is None


def print_with(page, receipt, monkeypatch, base, name="receipt.html"):
    folder = shutil.copytree(press.TEMPLATES, base / "templates")
    (folder / name).write_text(page)
    monkeypatch.setattr(press, "TEMPLATES", folder)
    press._environment.cache_clear()
    try:
        return print_pdf(receipt)
    finally:
        press._environment.cache_clear()


def test_conditions_count_for_money_too(receipts):
    free = Condition(allowed=True, fee=Money.zero("GBP"))
    assert "Change before departure: allowed, free of charge." in text(
        print_pdf(replace(receipts.one_way(), change=free))
    )
