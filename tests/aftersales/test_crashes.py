"""Every state a process can die in while something is given back or exchanged; judged by all three ledgers.

One fault each, where the most could be done twice; `make proof` goes through all of them.
"""

import pytest

from tests.aftersales import scenes
from tests.booking.crashing import cases, survived

_LOST_REFUND = ("cancellations.confirm", "lost_reply")
_LOST_EXCHANGE = ("order_changes.confirm", "lost_reply")
CASES = {
    "no money to the card": (scenes.refunding_card, ("charges.refund", "refused"), {"CANCELLED"}),
}
MORE = {
    "exchanged on account": (scenes.exchanging, _LOST_EXCHANGE, {"TICKETED"}),
    "refunded with a fee": (scenes.refunding, _LOST_REFUND, {"REFUNDED"}),
    "refunded to the card": (scenes.refunding_card, ("charges.refund", "lost_reply"), {"REFUNDED"}),
    "exchanged by card": (scenes.exchange_paid, ("charges.capture", "lost_reply"), {"TICKETED"}),
    "exchanged for less": (scenes.exchanging_down, _LOST_EXCHANGE, {"TICKETED"}),
    "held anew": (scenes.exchanging_held, _LOST_REFUND, {"HELD"}),
}


@pytest.mark.parametrize("case", cases(CASES, MORE))
async def test_no_crash_gives_back_or_exchanges_twice(case):
    await survived(case)
