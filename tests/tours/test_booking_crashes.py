"""Every state a process can die in while a tour is reserved, paid, cancelled or expires; judged by all ledgers."""

import pytest

from tests.booking.exploring import explore, watched_house
from tests.booking.judge import judge
from tests.tours import booking_scenes as scenes
from tests.tours.selling import statuses

OPERATOR, AIRLINE = "tour_fault", "fault"
CREATE, CONFIRM, CANCEL = "bookings.create", "bookings.confirm", "bookings.cancel"
CASES = {
    "reserved": (scenes.reserving_alone, (OPERATOR, CREATE, "lost_reply"), {"HELD"}),
    "paid": (scenes.paying_alone, (OPERATOR, CONFIRM, "lost_reply"), {"TICKETED"}),
}
MORE = {
    "sold out": (scenes.reserving, (OPERATOR, CREATE, "sold_out"), {"REJECTED"}),
    "without the flight": (scenes.reserving, (AIRLINE, "orders.create", "sold_out"), {"REJECTED"}),
    "paid with a flight": (scenes.paying, (OPERATOR, CONFIRM, "lost_reply"), {"TICKETED"}),
    # Whoever dies before the operator's no was heard asks again, and it says yes.
    "refused": (scenes.paying, (OPERATOR, CONFIRM, "refused"), {"CANCELLED", "TICKETED"}),
    "cancelled": (scenes.cancelling, (OPERATOR, CANCEL, "lost_reply"), {"CANCELLED"}),
    "expired": (scenes.expiring, (OPERATOR, CANCEL, "lost_reply"), {"EXPIRED"}),
}


@pytest.mark.parametrize("case", CASES)
async def test_no_crash_leaves_half_a_booking(case):
    await explored(*CASES[case])


@pytest.mark.proof
@pytest.mark.parametrize("case", MORE)
async def test_nor_with_these_faults(case):
    await explored(*MORE[case])


async def explored(stage, fault, endings):
    house = await watched_house().open()
    act = await stage(house)
    whose, endpoint, kind = fault
    getattr(house, whose)(endpoint, kind)
    found = await explore(house, act)
    assert (found.broken, found.endings) == ([], endings)
    assert found.states > 5


async def test_a_dearer_hold_that_is_not_taken_back_at_once_is_asked_to_go_again():
    house = await watched_house().open()
    act = await scenes.reserving_alone(house)
    house.tour_fault(CREATE, "price_changed")
    house.tour_fault(CANCEL, "refused")
    await act(house)
    await house.quiet()
    assert statuses(house) == ["CANCELLED"]
    await judge(house)
