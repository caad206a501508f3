"""Every state a process can die in while a tour is reserved, paid, cancelled or expires; judged by all ledgers."""

import pytest

from tests.booking.crashing import cases, survived
from tests.booking.exploring import watched_house
from tests.booking.judge import judge
from tests.tours import booking_scenes as scenes
from tests.tours.selling import statuses

CREATE, CONFIRM, CANCEL = "bookings.create", "bookings.confirm", "bookings.cancel"
CASES = {
    "paid": (scenes.paying_alone, (CONFIRM, "lost_reply"), {"TICKETED"}),
}
MORE = {
    "reserved": (scenes.reserving_alone, (CREATE, "lost_reply"), {"HELD"}),
    "sold out": (scenes.reserving, (CREATE, "sold_out"), {"REJECTED"}),
    "without the flight": (scenes.reserving, ("orders.create", "sold_out"), {"REJECTED"}),
    "paid with a flight": (scenes.paying, (CONFIRM, "lost_reply"), {"TICKETED"}),
    # Whoever dies before the operator's no was heard asks again, and it says yes.
    "refused": (scenes.paying, (CONFIRM, "refused"), {"CANCELLED", "TICKETED"}),
    "cancelled": (scenes.cancelling, (CANCEL, "lost_reply"), {"CANCELLED"}),
    "expired": (scenes.expiring, (CANCEL, "lost_reply"), {"EXPIRED"}),
}


@pytest.mark.parametrize("case", cases(CASES, MORE))
async def test_no_crash_leaves_half_a_booking(case):
    await survived(case)


async def test_a_dearer_hold_that_is_not_taken_back_at_once_is_asked_to_go_again():
    house = await watched_house().open()
    act = await scenes.reserving_alone(house)
    house.fault(CREATE, "price_changed")
    house.fault(CANCEL, "refused")
    await act(house)
    await house.quiet()
    assert statuses(house) == ["CANCELLED"]
    await judge(house)
