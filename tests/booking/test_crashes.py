"""Every state a process can die in, for every verb; judged by the world's ledger.

One fault each, for what happens without one happens on the way there too; `make proof` goes through all of them.
"""

import pytest

from tests.booking import verb_scenes as scenes
from tests.booking.crashing import cases, survived

_SOLD_OUT = ("orders.create", "sold_out")
CASES = {
    "cancelled": (scenes.cancelling, ("cancellations.confirm", "lost_reply"), {"CANCELLED"}),
    "ticketed later": (scenes.following, ("orders.get", "error_503"), {"TICKETED"}),
}
MORE = {
    "expired": (scenes.expiring, ("cancellations.confirm", "lost_reply"), {"EXPIRED"}),
    "paid": (scenes.paying, ("payments.create", "lost_reply"), {"TICKETED"}),
    "reserved, sold out": (scenes.reserving, _SOLD_OUT, {"REJECTED"}),
    "reserved": (scenes.reserving, ("orders.create", "lost_reply"), {"HELD"}),
    "paid, sold out": (scenes.paying, _SOLD_OUT, {"CANCELLED"}),
}


@pytest.mark.parametrize("case", cases(CASES, MORE))
async def test_no_crash_leaves_half_a_booking(case):
    await survived(case)
