"""Domain values survive JSON: the journal and the tokens depend on it."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from app.domain import codec
from app.domain.error_codes import ErrorCode, MoneyMovement
from app.domain.itinerary import Airline, ExchangeRate, Segment
from app.domain.money import Money
from app.domain.refusals import BookingBusy, CreditExceeded, PaymentTooLate, PriceChanged, SoldOut, refusals

REFUSALS = [
    SoldOut(message="gone", path=("input", "offers", "0")),
    PriceChanged(message="moved", old_total=Money(1, "EUR"), new_total=Money(2, "EUR"), offer="token"),
    PriceChanged(message="moved", old_total=Money(1, "EUR"), new_total=Money(2, "EUR")),
    BookingBusy(message="busy", operation_id="op", money=MoneyMovement.UNKNOWN),
    CreditExceeded(message="limit", required=Money(9, "GBP"), available=Money(3, "GBP")),
    PaymentTooLate(message="late", pay_by=datetime(2026, 1, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code.value)
def test_a_refusal_replays_as_the_same_refusal(refusal):
    assert codec.load_refusal(codec.dump_refusal(refusal)) == refusal


def test_every_code_has_exactly_one_refusal():
    assert set(refusals()) == set(ErrorCode)


def test_local_times_keep_their_offset():
    tokyo = timezone(timedelta(hours=9))
    airline = Airline(code="ZZ", name="Duffel Airways")
    segment = Segment(
        ref="s",
        origin="HND",
        destination="CTS",
        departs_at=datetime(2026, 5, 1, 8, 0, tzinfo=tokyo),
        arrives_at=datetime(2026, 5, 1, 9, 30, tzinfo=tokyo),
        marketing=airline,
        operating=airline,
        flight_number="1",
    )
    loaded = codec.load(Segment, codec.dump(segment))
    assert loaded == segment
    assert loaded.departs_at.utcoffset() == timedelta(hours=9)


def test_rates_stay_exact():
    rate = ExchangeRate(
        source="USD",
        target="EUR",
        rate=Decimal("0.91370000000001"),
        margin_percent=Decimal("1.5"),
        expires_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert codec.load(ExchangeRate, codec.dump(rate)) == rate
