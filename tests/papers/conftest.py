"""Receipts that tests print: made-up travellers on real airports."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import airportsdata
import pytest

from app.domain.money import Money
from app.papers.receipt import (
    Baggage,
    CarrierReference,
    Condition,
    FlightSegment,
    Journey,
    Price,
    PriceLine,
    Receipt,
    Stop,
    TicketStatus,
)

AIRPORTS = airportsdata.load("IATA")
LONG_NAME = "Mrs Wilhelmina Anastasia Konstantinopoulou-Featherstonehaugh von Hohenzollern-Sigmaringen"
URL = "https://faregate.example/verify/eyJhbGciOiJFUzI1NiIsImtpZCI6InYxIn0.eyJ0IjoiMTI1LTI0MDE5NTg3MjYifQ.c2lnbmF0dXJl"


def stop(iata, at, terminal=None):
    airport = AIRPORTS[iata]
    local = at.astimezone(ZoneInfo(airport["tz"]))
    return Stop(iata=iata, city=airport["city"], airport=airport["name"], at=local, terminal=terminal)


def flight(number, origin, destination, departs, hours, **facts):
    start = datetime.fromisoformat(departs).replace(tzinfo=UTC)
    return FlightSegment(
        **{
            "flight_number": number,
            "marketing_carrier": "British Airways",
            "operating_carrier": "British Airways",
            "origin": stop(origin, start, "5"),
            "destination": stop(destination, start + timedelta(hours=hours)),
            "cabin": "Economy",
            "baggage": Baggage(checked=1, carry_on=1, checked_kg=23),
            "fare_basis": "QLX4S7M",
            "aircraft": "Boeing 787-9",
        }
        | facts
    )


OUTBOUND = Journey(
    segments=(
        flight("BA 125", "LHR", "DOH", "2027-03-12T09:25", 6.75),
        flight(
            "BA 2041",
            "DOH",
            "SIN",
            "2027-03-12T18:10",
            7.9,
            operating_carrier="Qatar Airways",
            aircraft="Airbus A350-900",
        ),
    ),
    fare_brand="Economy Classic",
)
INBOUND = Journey(
    segments=(
        flight(
            "BA 2042",
            "SIN",
            "DOH",
            "2027-03-27T02:35",
            8.2,
            operating_carrier="Qatar Airways",
            aircraft="Airbus A350-900",
        ),
        flight("BA 126", "DOH", "LHR", "2027-03-27T13:05", 7.25),
    ),
    fare_brand="Economy Classic",
)


def receipt(**facts):
    """A return trip with a connection each way, four flights; `facts` replace what a test is about."""
    usual = Receipt(
        issuer="Northwind Travel",
        ticket_number="125-2401958726",
        passenger_name="Ms Maria Sanchez",
        status=TicketStatus.VALID,
        booking_reference="K7XW4M",
        carrier_references=(CarrierReference("British Airways", "R5TQ2J"),),
        issued_on=date(2026, 11, 20),
        journeys=(OUTBOUND, INBOUND),
        refund=Condition(allowed=False),
        change=Condition(allowed=True, fee=Money.of("75.00", "GBP")),
        price=Price(
            base=Money.of("612.00", "GBP"),
            taxes=Money.of("214.37", "GBP"),
            fees=(PriceLine("Booking fee", Money.of("9.50", "GBP")),),
            total=Money.of("835.87", "GBP"),
        ),
        form_of_payment="On account, Northwind Travel",
        verification_url=URL,
        issuer_contact="help@northwind.example · +44 20 7946 0321",
    )
    return replace(usual, **facts)


def one_way(**facts):
    direct = flight(
        "AF 1681",
        "CDG",
        "LHR",
        "2027-05-02T15:30",
        1.25,
        marketing_carrier="Air France",
        operating_carrier="Air France",
        aircraft=None,
    )
    return receipt(journeys=(Journey(segments=(direct,)),), **facts)


def yen(**facts):
    price = Price(
        base=Money.of("182000", "JPY"),
        taxes=Money.of("41230", "JPY"),
        fees=(),
        total=Money.of("223230", "JPY"),
    )
    return receipt(price=price, refund=Condition(allowed=True, fee=Money.of("33000", "JPY")), **facts)


_ROUND_THE_WORLD = ["LHR", "JFK", "YUL", "GRU", "EZE", "SCL", "AKL", "SYD", "NRT", "SVO", "LHR"]


def ten_flights(**facts):
    """Ten journeys of one flight each, more than a page holds."""
    start = datetime(2027, 1, 4, 8, 30, tzinfo=UTC)
    journeys = tuple(
        Journey(
            segments=(
                flight(
                    f"BA {201 + index}",
                    origin,
                    destination,
                    (start + timedelta(days=4 * index)).isoformat()[:16],
                    8,
                ),
            ),
            fare_brand="World Traveller",
        )
        for index, (origin, destination) in enumerate(itertools.pairwise(_ROUND_THE_WORLD))
    )
    return receipt(journeys=journeys, **facts)


def long_words(**facts):
    """Names as long as they come."""
    segment = flight(
        "UX 1097",
        "CLT",
        "TLV",
        "2027-06-01T10:00",
        11,
        marketing_carrier="Líneas Aéreas Internacionales del Mediterráneo Occidental",
        operating_carrier="Compagnie Nationale Royal Air Maroc Express for Air Mediterranean",
        cabin="Premium Economy",
        aircraft="Boeing 737 MAX 8 Passenger (Scimitar Winglets)",
        baggage=Baggage(checked=2, carry_on=1, checked_kg=32),
    )
    return receipt(
        journeys=(Journey(segments=(segment,), fare_brand="Premium Economy Flexible Plus International"),),
        passenger_name=LONG_NAME,
        issuer="Österreichische Donaudampfschifffahrts-Reisegesellschaft & Partner International Ltd",
        carrier_references=(
            CarrierReference("Líneas Aéreas Internacionales del Mediterráneo Occidental", "ZX81QL"),
            CarrierReference("Compagnie Nationale Royal Air Maroc Express", "QWERTY123456"),
        ),
        **facts,
    )


@pytest.fixture
def receipts():
    """The builders above, by name."""
    return SimpleNamespace(receipt=receipt, one_way=one_way, yen=yen, ten_flights=ten_flights, long_words=long_words)
