"""What is kept of an item whose rest was not paid, of the carrier's part and of the gateway's fees."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.aftersales.amounts import given_back
from app.aftersales.forfeit import kept, owed_no_more
from app.domain.aftersales import RefundForm
from app.domain.itinerary import ExchangeRate, Fee, Price
from app.domain.money import Money


def gbp(minor):
    return Money(minor, "GBP")


# A thousand for the operator, and a desk fee of fifty that is not given back.
PRICE = Price(
    base=gbp(100000),
    tax=gbp(0),
    fees=(Fee(name="Desk", amount=gbp(5000), refundable=False),),
    carrier_total=gbp(100000),
)
# A fifth confirms it.
DEPOSIT, OPERATORS = gbp(21000), gbp(20000)


def back(refund, price=PRICE):
    return given_back(price, gbp(refund), RefundForm.MONEY, gbp(0))


@pytest.mark.parametrize(
    ("refund", "paid", "of_operator", "of_fees"),
    [
        (90000, 21000, 20000, 1000),
        (70000, 105000, 30000, 5000),
        (70000, 21000, 21000, 0),
        (0, 60000, 60000, 0),
        (0, 105000, 100000, 5000),
        (90000, 0, 0, 0),
    ],
    ids=["deposit", "scale", "scale, up to what was paid", "nothing back", "all of it", "nothing paid"],
)
def test_the_greater_of_deposit_and_scale_is_kept_up_to_what_was_paid(refund, paid, of_operator, of_fees):
    found = kept(PRICE, DEPOSIT, OPERATORS, back(refund), gbp(paid))
    assert (found.carrier_part, found.fees) == (gbp(of_operator), gbp(of_fees))


def test_terms_that_nobody_told_leave_the_deposit():
    assert kept(PRICE, DEPOSIT, OPERATORS, None, gbp(50000)).whole == DEPOSIT


def test_what_an_exchange_has_cost_is_the_operators():
    price = replace(PRICE, change_fees=gbp(4000))
    found = kept(price, DEPOSIT + gbp(4000), OPERATORS, None, gbp(50000))
    assert (found.carrier_part, found.fees) == (gbp(24000), gbp(1000))


def test_the_operator_is_owed_in_its_own_currency_what_is_kept_of_its_part():
    rate = ExchangeRate(
        source="AUD",
        target="GBP",
        rate=Decimal("0.5"),
        margin_percent=Decimal(0),
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    )
    price = replace(PRICE, carrier_total=Money(200000, "AUD"), rate=rate)
    found = kept(price, DEPOSIT, Money(40000, "AUD"), None, gbp(21000))
    assert owed_no_more(price, price.carrier_total, found.carrier_part) == Money(160000, "AUD")


@given(
    refund=st.integers(0, 100000),
    paid=st.integers(-100, 105000),
    deposit=st.integers(1, 105000),
    operators=st.integers(1, 100000),
)
def test_it_is_never_more_than_was_paid_nor_than_its_parts_cost(refund, paid, deposit, operators):
    found = kept(PRICE, gbp(deposit), gbp(operators), back(refund), gbp(paid))
    assert gbp(0) <= found.whole <= max(gbp(paid), gbp(0))
    assert gbp(0) <= found.carrier_part <= PRICE.carrier_part
    assert gbp(0) <= found.fees <= PRICE.fee_total
