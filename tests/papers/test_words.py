"""How facts are put into words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from app.domain.money import CURRENCIES, Money, exponent
from app.papers import words
from app.papers.receipt import (
    Baggage,
    Condition,
    FlightSegment,
    Journey,
    MoreBags,
    Price,
    PriceLine,
    Stop,
    TicketStatus,
)
from app.papers.route import route

NBSP = "\N{NO-BREAK SPACE}"


def at(iata, hour, offset=0, day=1):
    local = datetime(2027, 3, day, hour, 5, tzinfo=timezone(timedelta(hours=offset)))
    return Stop(iata=iata, city=iata.title(), airport=f"{iata} Airport", at=local)


def hop(origin, destination):
    return FlightSegment(
        flight_number="XX 1",
        marketing_carrier="X",
        operating_carrier="Y",
        origin=origin,
        destination=destination,
        cabin="Economy",
        baggage=Baggage(),
    )


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Money.of("1234567.50", "EUR"), "EUR 1,234,567.50"),
        (Money.of("35000", "JPY"), "JPY 35,000"),
        (Money.of("1.250", "IQD"), "IQD 1.250"),
        (Money.of("99.90", "HUF"), "HUF 99.90"),
        (Money.of("-12.00", "USD"), "USD \N{MINUS SIGN}12.00"),
        (Money.zero("GBP"), "GBP 0.00"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount, written):
    assert words.money(amount) == written.replace(" ", NBSP)


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_no_currency_is_rounded(currency):
    written = words.money(Money(1, currency))
    assert written.endswith("1")
    assert len(written.partition(".")[2]) == exponent(currency)


def test_times_stay_local():
    there = at("KTM", 23, 5.75).at
    assert words.clock_time(there) == "23:05"
    assert words.utc_offset(there) == "UTC+05:45"
    assert words.short_date(there) == "Mon 1 Mar 2027"
    assert words.short_date(date(2027, 3, 2)) == "Tue 2 Mar 2027"


@pytest.mark.parametrize(
    ("minutes", "written"), [(45, "45 min"), (60, "1 h 00 min"), (425, "7 h 05 min"), (1500, "25 h 00 min")]
)
def test_a_length_of_time(minutes, written):
    assert words.span(timedelta(minutes=minutes)) == written.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("origin", "destination", "mark"),
    [
        (at("LHR", 9), at("CDG", 11, 1), ""),
        (at("LHR", 20), at("SIN", 16, 8, day=2), "+1 day"),
        (at("LHR", 20), at("AKL", 6, 13, day=3), "+2 days"),
        (at("AKL", 1, 13, day=2), at("HNL", 8, -10, day=1), "-1 day"),
    ],
)
def test_marks_arrivals_on_another_day(origin, destination, mark):
    assert words.days_later(origin, destination) == mark


def test_a_connection_says_when_the_airport_changes():
    assert words.connection(at("DOH", 9), at("DOH", 11)) == f"2{NBSP}h{NBSP}00{NBSP}min in Doh"
    assert words.connection(at("LHR", 9), at("LGW", 14)).endswith("to change airport in Lhr, from LHR to LGW")


@pytest.mark.parametrize(
    ("allowance", "written"),
    [
        (Baggage(checked=1, carry_on=1, checked_kg=23), "1 checked bag (23 kg), 1 cabin bag"),
        (Baggage(checked=2, carry_on=1, checked_kg=32), "2 checked bags (32 kg each), 1 cabin bag"),
        (Baggage(checked=0, carry_on=1), "no checked bags, 1 cabin bag"),
        (Baggage(checked=0, carry_on=0, checked_kg=23), "no checked bags, no cabin bags"),
        (Baggage(carry_on=2), "2 cabin bags"),
        (Baggage(), "as the airline states"),
    ],
)
def test_baggage(allowance, written):
    assert words.baggage(allowance).replace(NBSP, " ") == written


@pytest.mark.parametrize(
    ("bought", "written"),
    [
        (MoreBags(pieces=1), "plus 1 checked bag"),
        (MoreBags(pieces=1, kg=Decimal(23)), "plus 1 checked bag (23 kg)"),
        (MoreBags(pieces=2, kg=Decimal("22.5")), "plus 2 checked bags (22.5 kg each)"),
        (MoreBags(pieces=1, checked=False), "plus 1 cabin bag"),
    ],
)
def test_bags_that_were_bought(bought, written):
    assert words.more_bags(bought).replace(NBSP, " ") == written


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        (Condition(None), "the airline has not stated its rule. Ask before you rely on it."),
        (Condition(allowed=False), "not allowed."),
        (Condition(allowed=True), "allowed; the airline sets the fee when you ask."),
        (Condition(allowed=True, fee=Money.zero("EUR")), "allowed, free of charge."),
        (Condition(allowed=True, fee=Money.of("60.00", "EUR")), "allowed, for a fee of EUR 60.00."),
    ],
)
def test_conditions(rule, written):
    assert words.condition(rule, "Refund").replace(NBSP, " ") == f"Refund before departure: {written}"


def test_every_status_has_words():
    assert len({words.status(status) for status in TicketStatus}) == len(TicketStatus)


@pytest.mark.parametrize(("flights", "written"), [(1, "direct"), (2, "1 change"), (4, "3 changes")])
def test_changes(flights, written):
    assert words.changes(flights) == written


def test_each_airline_is_named_once(receipts):
    assert words.carriers(receipts.receipt()) == "British Airways and Qatar Airways"


def test_the_route_breaks_where_one_goes_by_land(receipts):
    first = Journey(segments=(hop(at("LHR", 1), at("JFK", 9)),))
    onward = Journey(segments=(hop(at("BOS", 10), at("LHR", 17)),))
    drawn = route(replace(receipts.receipt(), journeys=(first, onward)))
    assert drawn.codes == (("LHR", "JFK"), ("BOS", "LHR"))
    assert drawn.tour == "Lhr \N{EN DASH} Jfk, Bos \N{EN DASH} Lhr"
    assert drawn.size == "medium"


def test_a_flight_cannot_arrive_before_it_departs():
    with pytest.raises(ValueError, match="arrives after"):
        hop(at("LHR", 9), at("CDG", 10, 1))


def test_a_time_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        Stop(
            iata="LHR",
            city="London",
            airport="Heathrow",
            at=datetime(2027, 3, 1, tzinfo=UTC).replace(tzinfo=None),
        )


def test_a_price_that_does_not_add_up_is_refused():
    part = Money.of("10.00", "EUR")
    with pytest.raises(ValueError, match="do not add up"):
        Price(base=part, taxes=part, fees=(PriceLine("Fee", part),), total=part)


def test_nothing_to_travel_is_refused(receipts):
    with pytest.raises(ValueError, match="at least one flight"):
        Journey(segments=())
    with pytest.raises(ValueError, match="at least one journey"):
        receipts.receipt(journeys=())


def test_a_receipt_can_be_logged(receipts):
    receipt = receipts.receipt()
    assert "Sanchez" not in repr(receipt)
    assert receipt.verification_url not in repr(receipt)
