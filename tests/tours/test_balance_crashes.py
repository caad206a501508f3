"""Every state a process can die in while a deposit or the rest is paid, or is not; judged by the worlds' ledgers."""

import pytest

from tests.booking.exploring import explore, watched_house
from tests.tours import balance_scenes as scenes

OPERATOR, BANK = "tour_fault", "bank_fault"
CASES = {
    "a deposit": (scenes.depositing, (OPERATOR, "bookings.confirm", "lost_reply"), {"CONFIRMED"}),
    "the rest": (scenes.paying_the_rest, (OPERATOR, "bookings.get", "error_503"), {"TICKETED"}),
}
MORE = {
    "unpaid": (scenes.unpaid, (OPERATOR, "bookings.cancel", "lost_reply"), {"CANCELLED"}),
    "a deposit, late": (scenes.depositing, (OPERATOR, "bookings.confirm", "late_effect"), {"CONFIRMED"}),
    "a deposit, not heard": (scenes.depositing, (OPERATOR, "bookings.confirm", "time_out_before"), {"CONFIRMED"}),
    "unpaid, not heard": (scenes.unpaid, (OPERATOR, "bookings.cancel", "time_out_before"), {"CANCELLED"}),
    "unpaid, late": (scenes.unpaid, (OPERATOR, "bookings.cancel", "late_effect"), {"CANCELLED"}),
    "unpaid, the bank silent": (scenes.unpaid_by_card, (BANK, "charges.refund", "lost_reply"), {"CANCELLED"}),
    "beside a flight": (scenes.unpaid_beside_a_flight, (OPERATOR, "bookings.cancel", "lost_reply"), {"TICKETED"}),
    "a card at the limit": (scenes.card_at_the_limit, (BANK, "charges.close", "lost_reply"), {"TICKETED"}),
    "and captured": (scenes.card_at_the_limit, (BANK, "charges.capture", "lost_reply"), {"TICKETED"}),
}


@pytest.mark.parametrize("case", CASES)
async def test_no_crash_loses_or_doubles_money(case):
    await explored(*CASES[case])


@pytest.mark.proof
@pytest.mark.parametrize("case", MORE)
async def test_no_crash_with_these_faults_either(case):
    await explored(*MORE[case])


async def explored(stage, fault, endings):
    house = await watched_house().open()
    act = await stage(house)
    kind, endpoint, what = fault
    getattr(house, kind)(endpoint, what)
    found = await explore(house, act)
    assert (found.broken, found.endings) == ([], endings)
    assert found.states > 5
