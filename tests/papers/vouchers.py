"""Vouchers that tests print: made-up travellers on a tour whose terms are told in full."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from app.domain.booking import TicketStatus
from app.domain.money import Money
from app.domain.tours import (
    CancellationScale,
    Contact,
    DepartureKey,
    DepartureTerms,
    Room,
    RoomType,
    ScaleStep,
    SellingCompany,
    SellingRegion,
    TourStay,
)
from app.papers.receipt import Condition, Price, PriceLine
from app.papers.voucher import Guest, Paid, SharedRoom, Voucher

SCALE = CancellationScale(
    steps=tuple(ScaleStep(days=days, percent=Decimal(part)) for days, part in ((60, 10), (30, 30), (15, 50)))
)
STAY = TourStay(
    key=DepartureKey(operator="aatkings", tour="red-centre", option="classic", starts_on=date(2027, 5, 8)),
    region=SellingRegion.UK,
    operator_name="AAT Kings",
    tour_name="Red Centre Explorer",
    option_name="Classic with Kings Canyon",
    season_name="Winter 2027",
    ends_on=date(2027, 5, 14),
    zone="Australia/Darwin",
    language="en",
    rooms=(Room(type=RoomType.TWIN_SHARE, adults=2, child_ages=(9,)), Room(type=RoomType.SINGLE, adults=1)),
    terms=DepartureTerms(
        deposit=Money.of("200.00", "GBP"),
        balance_due_at=datetime(2027, 3, 8, 14, 30, tzinfo=UTC),
        scale=SCALE,
        exchange_until=datetime(2027, 4, 7, 14, 30, tzinfo=UTC),
        exchange_fee=Money.of("75.00", "GBP"),
    ),
)
ROOMS = (
    SharedRoom(
        type=RoomType.TWIN_SHARE,
        guests=(
            Guest(name="Sanchez / Maria Ms", bearer=True),
            Guest(name="Sanchez / Pablo Mr"),
            Guest(name="Sanchez / Ines Miss"),
        ),
    ),
    SharedRoom(type=RoomType.SINGLE, guests=(Guest(name=None),)),
)


COMPANY = SellingCompany(
    operator="aatkings",
    region=SellingRegion.UK,
    code="AAK-UK",
    name="AAT Kings (UK)",
    contact=Contact(email="uk@aatkings.example", phone="+44 20 7946 0187", website="https://uk.aatkings.example"),
)


def voucher(**facts):
    """Four travellers in two rooms, paid by a deposit and the rest; `facts` replace what a test is about."""
    usual = Voucher(
        issuer="Northwind Travel",
        number="AAT-7KQ2-0001",
        passenger_name="Sanchez / Maria Ms",
        status=TicketStatus.VALID,
        booking_reference="K7XW4M",
        operator_reference="AATK-204817",
        issued_on=date(2026, 11, 20),
        stay=STAY,
        company=COMPANY,
        rooms=ROOMS,
        refund=Condition(allowed=True),
        price=Price(
            base=Money.of("7180.00", "GBP"),
            taxes=Money.of("0", "GBP"),
            fees=(PriceLine("Booking fee", Money.of("25.00", "GBP")),),
            total=Money.of("7205.00", "GBP"),
            passengers=4,
        ),
        payments=(
            Paid(on=date(2026, 11, 20), form="Visa 4242", amount=Money.of("800.00", "GBP")),
            Paid(on=date(2027, 2, 1), form="Account of Northwind Travel", amount=Money.of("6405.00", "GBP")),
        ),
        verification_url="https://faregate.example/verify/eyJhbGciOiJFUzI1NiIsImtpZCI6InYxIn0.eyJ0IjoiQUFUIn0.c2lnbmF0dXJl",
        issuer_contact="help@northwind.example · +44 20 7946 0321",
    )
    return replace(usual, **facts)
