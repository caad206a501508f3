"""States: only the table's moves, and one headline for any mixture of items."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.booking import (
    MOVES,
    BookingState,
    ForbiddenMoveError,
    ItemState,
    PaymentState,
    headline,
    moved,
    payment_state,
)
from app.domain.money import Money

STATES = st.lists(st.sampled_from(ItemState), min_size=1, max_size=5)


def test_every_state_has_its_row():
    assert set(MOVES) == set(ItemState)


@given(STATES)
def test_every_mixture_has_a_headline(states):
    assert isinstance(headline(states), BookingState)


@given(STATES)
def test_the_headline_ignores_order(states):
    assert headline(states) == headline(reversed(states))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("HELD CONFIRMED", "HELD"),
        ("TICKETED CANCELLED", "TICKETED"),
        ("CONFIRMED TICKETED", "CONFIRMED"),
        ("EXPIRED EXPIRED", "EXPIRED"),
        ("CANCELLED REJECTED", "CANCELLED"),
    ],
)
def test_headlines(states, expected):
    assert headline(ItemState(state) for state in states.split()) == BookingState(expected)


def test_a_dead_item_never_lives_again():
    with pytest.raises(ForbiddenMoveError):
        moved(ItemState.EXPIRED, ItemState.CONFIRMED)


@pytest.mark.parametrize(
    ("total", "paid", "authorised", "refunded", "expected"),
    [
        (100, 0, 0, 0, "UNPAID"),
        (100, 0, 100, 0, "AUTHORISED"),
        (100, 40, 0, 0, "PART_PAID"),
        (100, 40, 60, 0, "PART_PAID"),
        (100, 100, 0, 0, "PAID"),
        (100, 120, 0, 0, "REFUND_DUE"),
        (0, 100, 0, 0, "REFUND_DUE"),
        (0, 60, 0, 40, "REFUND_DUE"),
        (100, 60, 0, 40, "PART_PAID"),
        (100, 100, 0, 20, "PARTLY_REFUNDED"),
        (0, 0, 0, 100, "REFUNDED"),
        (100, 0, 0, 100, "REFUNDED"),
        (100, 0, 100, 100, "AUTHORISED"),
        (0, 0, 0, 0, "UNPAID"),
    ],
)
def test_where_the_money_stands(total, paid, authorised, refunded, expected):
    amounts = [Money(minor, "EUR") for minor in (total, paid, authorised, refunded)]
    assert payment_state(*amounts) == PaymentState(expected)
