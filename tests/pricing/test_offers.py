"""Offer tokens: small, opaque, for one partner, for a while."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.domain.clock import ManualClock
from app.domain.itinerary import ExchangeRate, Fee, OfferPassenger, PassengerField, PassengerType, Price
from app.domain.money import Money
from app.domain.refusals import OfferExpired, OfferInvalid
from app.domain.search import Leg
from app.pricing.offers import MAX_LENGTH, OfferSeals, OfferToken
from app.signing.sealing import Sealer

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
# Carriers' references are about this long and look random, so they do not compress.
REFS = [f"pas_0000B{n}kT{n}Xq{n}uY{n}Wz{n}RvLm{n}" for n in range(9)]


def token(passengers=9, legs=6):
    gbp, usd = ("GBP", "USD")
    return OfferToken(
        carrier="duffel",
        offer="off_0000AhTmH2Thpl6RrM97qK",
        price=Price(
            base=Money.of("8123.45", usd),
            tax=Money.of("1234.56", usd),
            fees=tuple(Fee(name=f"Fee number {n}", amount=Money.of("12.34", usd), refundable=True) for n in range(4)),
            carrier_total=Money.of("7359.72", gbp),
            rate=ExchangeRate(
                source=gbp,
                target=usd,
                rate=Decimal("1.2734567891"),
                margin_percent=Decimal("2.5"),
                expires_at=NOW + timedelta(minutes=15),
            ),
        ),
        passengers=tuple(OfferPassenger(ref=REFS[n], type=PassengerType.CHILD, age=9) for n in range(passengers)),
        holdable=True,
        required=tuple(PassengerField),
        document_kinds=("PASSPORT", "TAX_ID"),
        legs=tuple(
            Leg(
                origin="CDG",
                destination="JFK",
                date=date(2026, 12, n + 1),
                departs_from=time(6),
                arrives_until=time(23),
            )
            for n in range(legs)
        ),
        expires_at=NOW + timedelta(minutes=15),
    )


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def seals(clock):
    return OfferSeals(Sealer([bytes(range(32))]), clock)


def test_what_was_sealed_is_opened(seals):
    assert seals.open(seals.seal(token(), "par_1"), "par_1") == token()
    assert seals.open(seals.seal(token(1, 1), "par_1"), "par_1") == token(1, 1)


def test_nine_passengers_and_six_legs_stay_under_two_kilobytes(seals):
    assert len(seals.seal(token(), "par_1")) <= MAX_LENGTH


def test_nothing_in_it_can_be_read(seals):
    sealed = seals.seal(token(), "par_1")
    assert "duffel" not in sealed and "off_" not in sealed


def tampered(sealed):
    middle = len(sealed) // 2
    return sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]


def test_an_altered_a_foreign_and_a_made_up_token_get_the_same_sentence(seals):
    sealed = seals.seal(token(), "par_1")
    refusals = []
    for wrong, partner in ((tampered(sealed), "par_1"), (sealed, "par_2"), ("hello", "par_1"), ("", "par_1")):
        with pytest.raises(OfferInvalid) as refused:
            seals.open(wrong, partner)
        refusals.append(refused.value)
    assert {refusal.message for refusal in refusals} == {refusals[0].message}
    assert refusals[0].path == ("input", "offer")


def test_a_token_of_another_purpose_is_no_offer(seals):
    cursor = Sealer([bytes(range(32))]).seal("cursor", {"carrier": "duffel"}, {"partner": "par_1"})
    with pytest.raises(OfferInvalid):
        seals.open(cursor, "par_1")


def test_it_ends_with_its_time(seals, clock):
    sealed = seals.seal(token(), "par_1")
    clock.advance(timedelta(minutes=14, seconds=59))
    assert seals.open(sealed, "par_1") == token()
    clock.advance(timedelta(seconds=1))
    with pytest.raises(OfferExpired):
        seals.open(sealed, "par_1")
