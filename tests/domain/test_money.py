"""Money: exact, never mixed, split without losing a cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import CURRENCIES, Money, MoneyError, total

AMOUNTS = st.integers(min_value=-(10**12), max_value=10**12)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=1000), min_size=1, max_size=20).filter(any)


@given(AMOUNTS, WEIGHTS)
def test_parts_add_up_to_the_whole(minor, weights):
    money = Money(minor, "EUR")
    assert total(money.split(weights), "EUR") == money


@given(AMOUNTS, WEIGHTS)
def test_no_part_is_off_by_a_whole_unit(minor, weights):
    parts = Money(minor, "EUR").split(weights)
    exact = [Decimal(minor) * weight / sum(weights) for weight in weights]
    assert all(abs(part.minor - share) < 1 for part, share in zip(parts, exact, strict=True))


@given(AMOUNTS, st.sampled_from(sorted(CURRENCIES)))
def test_amounts_survive_their_decimal_form(minor, currency):
    money = Money(minor, currency)
    assert Money.of(money.amount, currency) == money


@pytest.mark.parametrize(
    ("text", "currency", "minor"), [("45.00", "GBP", 4500), ("4500", "JPY", 4500), ("1.234", "KWD", 1234)]
)
def test_exponents_follow_the_currency(text, currency, minor):
    assert Money.of(text, currency).minor == minor


@pytest.mark.parametrize(
    ("text", "currency"), [("1.5", "JPY"), ("1.001", "EUR"), ("x", "EUR"), ("NaN", "EUR"), ("1", "XXQ")]
)
def test_what_is_not_money_is_refused(text, currency):
    with pytest.raises(MoneyError):
        Money.of(text, currency)


def test_currencies_never_mix():
    with pytest.raises(MoneyError):
        Money(1, "EUR") + Money(1, "USD")


def test_conversion_respects_both_exponents():
    assert Money.of("100.00", "EUR").converted(Decimal("161.237"), "JPY") == Money(16124, "JPY")
    assert Money(16124, "JPY").converted(Decimal("0.0062"), "EUR") == Money.of("99.97", "EUR")
