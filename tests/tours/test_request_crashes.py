"""Every state a process can die in while something is asked for, answered or withdrawn; judged by all ledgers."""

import pytest

from tests.booking.exploring import explore, watched_house
from tests.tours import request_scenes as scenes

OPERATOR, AIRLINE = "tour_fault", "fault"
CASES = {
    "accepted": (scenes.accepted, (OPERATOR, "bookings.extend", "lost_reply"), {"HELD"}),
}
MORE = {
    "withdrawn": (scenes.lapsing, (OPERATOR, "bookings.cancel", "lost_reply"), {"EXPIRED"}),
    "asked for": (scenes.asking, (OPERATOR, "bookings.create", "lost_reply"), {"REQUESTED"}),
    "asked for, late": (scenes.asking, (OPERATOR, "bookings.create", "late_effect"), {"REQUESTED"}),
    "without the flight": (scenes.asking, (AIRLINE, "orders.create", "sold_out"), {"REJECTED"}),
    "accepted, late": (scenes.accepted, (OPERATOR, "bookings.extend", "late_effect"), {"HELD"}),
    "accepted, not heard": (scenes.accepted, (OPERATOR, "bookings.get", "error_503"), {"HELD"}),
    "refused": (scenes.refused, (AIRLINE, "cancellations.confirm", "lost_reply"), {"REJECTED"}),
    "withdrawn with a flight": (scenes.lapsing_with_a_flight, (OPERATOR, "bookings.cancel", "lost_reply"), {"EXPIRED"}),
    "withdrawn, late": (scenes.lapsing, (OPERATOR, "bookings.cancel", "late_effect"), {"EXPIRED"}),
    "withdrawn, no reply before": (scenes.lapsing, (OPERATOR, "bookings.cancel", "time_out_before"), {"EXPIRED"}),
    "withdrawn by the client": (scenes.withdrawing, (OPERATOR, "bookings.cancel", "lost_reply"), {"CANCELLED"}),
    "expired": (scenes.expiring, (OPERATOR, "bookings.cancel", "lost_reply"), {"EXPIRED"}),
    "paid": (scenes.paying, (OPERATOR, "bookings.confirm", "lost_reply"), {"TICKETED"}),
    "paid, late": (scenes.paying, (OPERATOR, "bookings.confirm", "late_effect"), {"TICKETED"}),
}


@pytest.mark.parametrize("case", CASES)
async def test_no_crash_gives_a_request_two_ends(case):
    await explored(*CASES[case])


@pytest.mark.proof
@pytest.mark.parametrize("case", MORE)
async def test_no_crash_with_these_faults_either(case):
    await explored(*MORE[case])


async def explored(stage, fault, endings):
    house = await watched_house().open()
    act = await stage(house)
    whose, endpoint, kind = fault
    getattr(house, whose)(endpoint, kind)
    found = await explore(house, act)
    assert (found.broken, found.endings) == ([], endings)
    assert found.states > 5
