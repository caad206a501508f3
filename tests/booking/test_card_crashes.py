"""Every state a process can die in while somebody pays by card; judged by the provider's ledger and the carrier's.

The scenes that decide most, one fault each; `make proof` goes through all of them with every fault.
"""

import pytest

from tests.booking import card_scenes as scenes
from tests.booking.crashing import cases, survived
from tests.booking.exploring import explore, watched_house

CASES = {"expiry against the card": (scenes.at_the_limit, ("charges.close", "lost_reply"), {"TICKETED"})}
# As long as all others together; what comes of a card that was given is explored below too.
MORE = {"a form, a card, a ticket": (scenes.paying, ("charges.capture", "lost_reply"), {"TICKETED"})}


@pytest.mark.parametrize("case", cases(CASES, MORE))
async def test_no_crash_takes_money_twice_or_for_nothing(case):
    await survived(case)


@pytest.mark.proof
@pytest.mark.parametrize("card", ["callback_lost", "callback_late"])
async def test_callbacks_that_never_come_or_late(card):
    house = await watched_house().open()
    booking_id = await scenes.held(house)
    await scenes.given(house, booking_id, card)
    found = await explore(house, scenes.hear)
    assert (found.broken, found.endings) == ([], {"TICKETED"})
