"""States: only the table's moves, and one headline for any mixture of items."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.booking import MOVES, BookingState, ForbiddenMoveError, ItemState, headline, moved

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
