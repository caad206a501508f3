"""Prices: converted once, fees as agreed, and the parts always the total."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.itinerary import Airline, CarrierOffer, ExchangeRate, FareConditions, OfferPassenger, PassengerType
from app.domain.money import Money
from app.domain.partner import FeeKind, FeeRule
from app.pricing.price import NoRateError, price
from app.pricing.rates import Rates, no_rates

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def offer(total="100.00", tax="20.00", currency="EUR", passengers=2):
    whole, part = Money.of(total, currency), Money.of(tax, currency)
    return CarrierOffer(
        carrier="duffel",
        ref="off_1",
        owner=Airline(code="ZZ", name="Duffel Airways"),
        journeys=(),
        passengers=tuple(OfferPassenger(ref=f"pas_{n}", type=PassengerType.ADULT) for n in range(passengers)),
        base=whole - part,
        tax=part,
        total=whole,
        conditions=FareConditions(),
        holdable=True,
        expires_at=NOW + timedelta(minutes=20),
    )


def rate(source="GBP", target="EUR", units="1.15"):
    return ExchangeRate(
        source=source,
        target=target,
        rate=Decimal(units),
        margin_percent=Decimal(2),
        expires_at=NOW + timedelta(hours=1),
    )


FIXED = FeeRule(name="Service", kind=FeeKind.FIXED, amount=Money.of("5.00", "EUR"))
EACH = FeeRule(name="Seat", kind=FeeKind.PER_PASSENGER, amount=Money.of("1.50", "EUR"), refundable=True)
PERCENT = FeeRule(name="Markup", kind=FeeKind.PERCENT, percent=Decimal("2.5"))


def test_the_carriers_price_alone():
    priced = price(offer(), currency="EUR", fees=(), rate=None)
    assert (str(priced.base), str(priced.tax), str(priced.total)) == ("80.00 EUR", "20.00 EUR", "100.00 EUR")
    assert priced.rate is None and priced.carrier_total == Money.of("100.00", "EUR")


def test_fees_are_counted_as_agreed():
    priced = price(offer(), currency="EUR", fees=(FIXED, EACH, PERCENT), rate=None)
    assert [(fee.name, str(fee.amount), fee.refundable) for fee in priced.fees] == [
        ("Service", "5.00 EUR", False),
        ("Seat", "3.00 EUR", True),
        ("Markup", "2.50 EUR", False),
    ]
    assert str(priced.total) == "110.50 EUR"


def test_a_fee_agreed_for_another_carrier_is_not_added():
    assert price(offer(), currency="EUR", fees=(replace(FIXED, carrier="other"),), rate=None).fees == ()
    assert len(price(offer(), currency="EUR", fees=(replace(FIXED, carrier="duffel"),), rate=None).fees) == 1


def test_another_currency_is_converted_and_says_at_which_rate():
    priced = price(offer("100.00", "33.33", "GBP"), currency="EUR", fees=(PERCENT,), rate=rate())
    assert (str(priced.base), str(priced.tax)) == ("76.67 EUR", "38.33 EUR")
    assert str(priced.fees[0].amount) == "2.88 EUR"
    assert priced.carrier_total == Money.of("100.00", "GBP") and priced.rate == rate()


def test_a_fee_in_another_currency_is_converted_by_a_rate_of_its_own():
    priced = price(
        offer(currency="USD"),
        currency="USD",
        fees=(FIXED,),
        rate=None,
        fee_rates={"EUR": rate("EUR", "USD", "1.10")},
    )
    assert str(priced.fees[0].amount) == "5.50 USD"
    assert priced.rate is None


@pytest.mark.parametrize("fees", [(), (FIXED,)])
def test_without_a_rate_there_is_no_price(fees):
    source = "GBP" if not fees else "USD"
    with pytest.raises(NoRateError):
        price(offer(currency=source), currency="EUR" if not fees else "USD", fees=fees, rate=None)


def test_a_fee_that_says_no_amount_is_a_fault_of_the_settings():
    with pytest.raises(ValueError, match="'Service' says no FIXED"):
        price(offer(), currency="EUR", fees=(replace(FIXED, amount=None),), rate=None)


amounts = st.integers(min_value=0, max_value=10**9)
percents = st.decimals(min_value=0, max_value=50, places=3)


@given(
    total=amounts,
    tax_share=st.integers(0, 100),
    units=st.decimals(min_value="0.0001", max_value="20000", places=6),
    target=st.sampled_from(["EUR", "JPY", "KWD"]),
    fee=amounts,
    percent=percents,
    passengers=st.integers(1, 9),
)
def test_the_parts_always_sum_to_the_total(total, tax_share, units, target, fee, percent, passengers):
    whole = Money(total, "GBP")
    bought = replace(
        offer(currency="GBP", passengers=passengers), total=whole, tax=Money(total * tax_share // 100, "GBP")
    )
    rules = (
        FeeRule(name="a", kind=FeeKind.PER_PASSENGER, amount=Money(fee, target)),
        FeeRule(name="b", kind=FeeKind.PERCENT, percent=percent),
    )
    priced = price(bought, currency=target, fees=rules, rate=rate("GBP", target, str(units)))
    converted = whole.converted(units, target)
    assert priced.base + priced.tax == converted
    assert priced.base >= Money.zero(target) and priced.tax >= Money.zero(target)
    assert priced.total == converted + priced.fees[0].amount + priced.fees[1].amount
    assert priced.fees[0].amount == Money(fee * passengers, target)


def test_a_rate_carries_the_margin_and_its_end():
    rates = Rates(lambda *_: Decimal("1.10"), margin_percent=Decimal("2.5"), validity=timedelta(minutes=15))
    assert rates.rate("EUR", "USD", NOW) == ExchangeRate(
        source="EUR",
        target="USD",
        rate=Decimal("1.1275"),
        margin_percent=Decimal("2.5"),
        expires_at=NOW + timedelta(minutes=15),
    )


def test_no_rate_where_none_is_configured_and_none_needed_for_the_same_currency():
    rates = Rates(no_rates, margin_percent=Decimal(0), validity=timedelta(minutes=15))
    assert rates.rate("EUR", "USD", NOW) is None
    with pytest.raises(ValueError, match="needs no rate"):
        rates.rate("EUR", "EUR", NOW)
