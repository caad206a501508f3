"""Every state a process can die in while somebody pays by card; judged by the provider's ledger and the carrier's.

The scenes that decide most, one fault each; `make proof` goes through all of them with every fault.
"""

import pytest

from tests.booking import card_scenes as scenes
from tests.booking.exploring import explore, watched_house

CASES = {
    "a form, a card, a ticket": (scenes.paying, ("charges.capture", "lost_reply"), {"TICKETED"}),
    "expiry against the card": (scenes.at_the_limit, ("charges.close", "lost_reply"), {"TICKETED"}),
}


# As long as all others together; what comes of a card that was given is explored below too.
_LONG = {"a form, a card, a ticket"}


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.proof) if case in _LONG else case for case in CASES]
)
async def test_no_crash_takes_money_twice_or_for_nothing(case):
    stage, fault, endings = CASES[case]
    house = await watched_house().open()
    act = await stage(house, False)
    house.fault(*fault)
    found = await explore(house, act)
    assert found.broken == []
    assert found.endings == endings
    assert found.states > 10


@pytest.mark.parametrize("card", ["callback_lost", "callback_late"])
async def test_callbacks_that_never_come_or_late(card):
    house = await watched_house().open()
    booking_id = await scenes.held(house)
    await scenes.given(house, booking_id, card)
    found = await explore(house, scenes.hear)
    assert (found.broken, found.endings) == ([], {"TICKETED"})
