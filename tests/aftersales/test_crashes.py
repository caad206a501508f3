"""Every state a process can die in while something is given back or exchanged; judged by all three ledgers.

One fault each, where the most could be done twice; `make proof` goes through all of them.
"""

import pytest

from tests.aftersales import scenes
from tests.booking.exploring import explore, watched_house

_LOST_REFUND = ("cancellations.confirm", "lost_reply")
_LOST_EXCHANGE = ("order_changes.confirm", "lost_reply")
_LOST_MONEY = ("charges.refund", "lost_reply")
_NO_MONEY = ("charges.refund", "refused")
CASES = {
    "refunded with a fee": (scenes.refunding, _LOST_REFUND, {"REFUNDED"}),
    "refunded to the card": (scenes.refunding_card, _LOST_MONEY, {"REFUNDED"}),
    "no money to the card": (scenes.refunding_card, _NO_MONEY, {"CANCELLED"}),
    "exchanged on account": (scenes.exchanging, _LOST_EXCHANGE, {"TICKETED"}),
    "exchanged by card": (scenes.exchange_paid, ("charges.capture", "lost_reply"), {"TICKETED"}),
    "exchanged for less": (scenes.exchanging_down, _LOST_EXCHANGE, {"TICKETED"}),
    "held anew": (scenes.exchanging_held, _LOST_REFUND, {"HELD"}),
}


# The campaign of `make proof` has every fault of every verb; here, what no change of them may break.
_QUICK = {"no money to the card", "exchanged on account"}


@pytest.mark.parametrize(
    "case", [case if case in _QUICK else pytest.param(case, marks=pytest.mark.proof) for case in CASES]
)
async def test_no_crash_gives_back_or_exchanges_twice(case):
    stage, (endpoint, kind), endings = CASES[case]
    house = await watched_house().open()
    act = await stage(house, False)
    house.fault(endpoint, kind)
    found = await explore(house, act)
    assert found.broken == []
    assert found.endings == endings
    assert found.states > 5
