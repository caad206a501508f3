"""The frame of a crash test: what is set up and done, the one fault it meets, and what it may end in."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from tests.booking.exploring import Act, explore, watched_house
from tests.booking.house import House

Stage = Callable[[House], Awaitable[Act]]
# The endpoint and the kind.
Fault = tuple[str, str]
Case = tuple[Stage, Fault, set[str]]


def cases(quick: Mapping[str, Case], more: Mapping[str, Case]) -> list[Any]:
    """Each case under its name; those of `more` are left to `make proof`."""
    named = [pytest.param(case, id=name) for name, case in quick.items()]
    return named + [pytest.param(case, id=name, marks=pytest.mark.proof) for name, case in more.items()]


async def survived(case: Case) -> None:
    """From every state to die in it ends as the case says, and every ledger agrees."""
    stage, fault, endings = case
    house = await watched_house().open()
    act = await stage(house)
    house.fault(*fault)
    found = await explore(house, act)
    assert (found.broken, found.endings) == ([], endings), found
    assert found.states > 5, found
