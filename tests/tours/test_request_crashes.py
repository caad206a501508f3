"""Every state a process can die in while something is asked for, answered or withdrawn; judged by all ledgers."""

import pytest

from tests.booking.crashing import cases, survived
from tests.tours import request_scenes as scenes

CASES = {
    "accepted": (scenes.accepted, ("bookings.extend", "lost_reply"), {"HELD"}),
}
MORE = {
    "withdrawn": (scenes.lapsing, ("bookings.cancel", "lost_reply"), {"EXPIRED"}),
    "asked for": (scenes.asking, ("bookings.create", "lost_reply"), {"REQUESTED"}),
    "asked for, late": (scenes.asking, ("bookings.create", "late_effect"), {"REQUESTED"}),
    "without the flight": (scenes.asking, ("orders.create", "sold_out"), {"REJECTED"}),
    "accepted, late": (scenes.accepted, ("bookings.extend", "late_effect"), {"HELD"}),
    "accepted, not heard": (scenes.accepted, ("bookings.get", "error_503"), {"HELD"}),
    "refused": (scenes.refused, ("cancellations.confirm", "lost_reply"), {"REJECTED"}),
    "withdrawn with a flight": (scenes.lapsing_with_a_flight, ("bookings.cancel", "lost_reply"), {"EXPIRED"}),
    "withdrawn, late": (scenes.lapsing, ("bookings.cancel", "late_effect"), {"EXPIRED"}),
    "withdrawn, no reply before": (scenes.lapsing, ("bookings.cancel", "time_out_before"), {"EXPIRED"}),
    "withdrawn by the client": (scenes.withdrawing, ("bookings.cancel", "lost_reply"), {"CANCELLED"}),
    "expired": (scenes.expiring, ("bookings.cancel", "lost_reply"), {"EXPIRED"}),
    "paid": (scenes.paying, ("bookings.confirm", "lost_reply"), {"TICKETED"}),
    "paid, late": (scenes.paying, ("bookings.confirm", "late_effect"), {"TICKETED"}),
}


@pytest.mark.parametrize("case", cases(CASES, MORE))
async def test_no_crash_gives_a_request_two_ends(case):
    await survived(case)
