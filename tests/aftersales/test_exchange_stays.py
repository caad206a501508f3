"""What is due at once for another departure: all of it, or just the fee where a deposit leaves the rest for later."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.aftersales.exchange_quotes import exchanged
from app.aftersales.exchange_stays import asked_departure, due_now
from app.aftersales.quote_exchange import QuoteExchangeOrder
from app.domain import codec
from app.domain.aftersales import RefundForm
from app.domain.itinerary import Price
from app.domain.money import Money
from app.domain.quotes import ExchangeQuote
from app.domain.refusals import InvalidInput
from app.domain.tours import DepartureKey, DepartureTerms, Room, RoomType, SellingRegion, TourStay
from carriers.contract import ExchangeOffer
from tests.carriers.worlds import START

NOTHING = Money.zero("GBP")
LATER, SOON = START + timedelta(days=90), START + timedelta(days=30)
OFFER_ENDS = START + timedelta(minutes=30)
BOOKED = DepartureKey(operator="aatkings", tour="greece", option="10d", starts_on=date(2026, 9, 5))
WANTED = replace(BOOKED, starts_on=date(2026, 10, 3))


def pounds(amount):
    return Money.of(amount, "GBP")


def stay(key=BOOKED, **terms):
    told = {"deposit": pounds("200.00"), "balance_due_at": LATER, "exchange_until": SOON, **terms}
    return TourStay(
        key=key,
        region=SellingRegion.UK,
        operator_name="AAT Kings",
        tour_name="Best of Greece",
        option_name="10 days",
        ends_on=key.starts_on + timedelta(days=9),
        zone="Europe/Athens",
        rooms=(Room(type=RoomType.TWIN_SHARE, adults=2),),
        terms=DepartureTerms(**told),
    )


def asked(paid, wanted=WANTED):
    """A tour for 2,000.00 of which so much is paid."""
    price = Price(base=pounds("2000.00"), tax=NOTHING, carrier_total=pounds("2000.00"))
    facts = {"item": "it_1", "carrier": "aatkings", "order": "uuid", "price": price}
    money = {"unpaid": price.total - pounds(paid), "deposit": pounds("400.00")}
    return asked_departure(stay(), wanted, START, ("input",), **money, **facts)


def quoted(item, total, fee="50.00", **terms):
    """What the operator asks for a departure of this total."""
    offer = ExchangeOffer(
        ref="x",
        order="uuid",
        stay=stay(WANTED, **terms),
        balance=pounds(total) - item.price.carrier_total + pounds(fee),
        fee=pounds(fee),
        total=pounds(total),
        form=RefundForm.MONEY,
        expires_at=OFFER_ENDS,
    )
    return due_now(item, exchanged(item, offer, replaced=item.stay, stay=offer.stay))


@pytest.mark.parametrize(
    ("paid", "total", "due", "rest"),
    [
        # Paid in full: difference and fee.
        ("2000.00", "2300.00", "350.00", None),
        ("2000.00", "1700.00", "-250.00", None),
        # On a deposit: the fee alone, whatever the difference is.
        ("400.00", "2300.00", "50.00", "1900.00"),
        ("400.00", "1700.00", "50.00", "1300.00"),
        # What is left is less than the fee, nothing, or less than nothing.
        ("1900.00", "1880.00", "30.00", None),
        ("1900.00", "1850.00", "0.00", None),
        ("1900.00", "1500.00", "-350.00", None),
    ],
)
def test_what_is_due_at_once(paid, total, due, rest):
    quote = quoted(asked(paid), total).quote
    assert (quote.balance, quote.rest) == (pounds(due), rest and pounds(rest))
    assert quote.rest_due_at == (LATER if rest else None)
    assert quote.difference == pounds(total) - pounds("2000.00")
    assert pounds(paid) + quote.balance + (quote.rest or NOTHING) == quote.price.total


@pytest.mark.parametrize("terms", [{"balance_due_at": START}, {"balance_due_at": None}, {"deposit": None}])
def test_everything_is_due_where_no_deposit_confirms_the_new_departure(terms):
    quote = quoted(asked("400.00"), "2300.00", **terms).quote
    assert (quote.balance, quote.rest, quote.rest_due_at) == (pounds("1950.00"), None, None)


@pytest.mark.parametrize(
    ("terms", "ends"),
    [
        ({}, OFFER_ENDS),
        ({"balance_due_at": START + timedelta(minutes=5)}, START + timedelta(minutes=5)),
    ],
)
def test_a_quote_ends_before_more_is_due(terms, ends):
    assert quoted(asked("400.00"), "2300.00", **terms).expires_at == ends


@pytest.mark.parametrize(
    ("paid", "limit", "ends"),
    [
        ("400.00", "balance_due_at", START + timedelta(minutes=5)),
        ("2000.00", "balance_due_at", OFFER_ENDS),
    ],
)
def test_a_quote_ends_with_what_the_booked_departure_allows(paid, limit, ends):
    item = replace(asked(paid), stay=stay(**{limit: START + timedelta(minutes=5)}))
    assert quoted(item, "2300.00").expires_at == ends


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (replace(BOOKED, operator="insightvacations"), "same tour"),
        (replace(BOOKED, tour="italy"), "same tour"),
        (BOOKED, "is booked"),
        (replace(BOOKED, starts_on=START.date() - timedelta(days=2)), "is past"),
    ],
)
def test_only_another_departure_of_the_tour_that_is_to_come_can_be_asked_for(wanted, why):
    with pytest.raises(InvalidInput, match=why) as refused:
        asked("2000.00", wanted)
    assert refused.value.path == ("input", "departure")


def test_another_option_of_the_tour_can_be_asked_for():
    longer = replace(BOOKED, option="14d")
    assert asked("2000.00", longer).departure == longer


def test_the_journal_keeps_what_is_asked_and_what_is_quoted():
    order = QuoteExchangeOrder(items=(item := asked("400.00"),))
    assert codec.load(QuoteExchangeOrder, codec.dump(order)) == order
    quote = quoted(item, "2300.00").quote
    assert codec.load(ExchangeQuote, codec.dump(quote)) == quote
