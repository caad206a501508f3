"""Every state a process can die in while a deposit or the rest is paid, or is not; judged by the worlds' ledgers."""

import pytest

from tests.booking.crashing import cases, survived
from tests.tours import balance_scenes as scenes

CASES = {
    "a deposit": (scenes.depositing, ("bookings.confirm", "lost_reply"), {"CONFIRMED"}),
}
MORE = {
    "the rest": (scenes.paying_the_rest, ("bookings.get", "error_503"), {"TICKETED"}),
    "unpaid": (scenes.unpaid, ("bookings.cancel", "lost_reply"), {"CANCELLED"}),
    "a deposit, late": (scenes.depositing, ("bookings.confirm", "late_effect"), {"CONFIRMED"}),
    "a deposit, not heard": (scenes.depositing, ("bookings.confirm", "time_out_before"), {"CONFIRMED"}),
    "unpaid, not heard": (scenes.unpaid, ("bookings.cancel", "time_out_before"), {"CANCELLED"}),
    "unpaid, late": (scenes.unpaid, ("bookings.cancel", "late_effect"), {"CANCELLED"}),
    "unpaid, the bank silent": (scenes.unpaid_by_card, ("charges.refund", "lost_reply"), {"CANCELLED"}),
    "beside a flight": (scenes.unpaid_beside_a_flight, ("bookings.cancel", "lost_reply"), {"TICKETED"}),
    "a card at the limit": (scenes.card_at_the_limit, ("charges.close", "lost_reply"), {"TICKETED"}),
    "and captured": (scenes.card_at_the_limit, ("charges.capture", "lost_reply"), {"TICKETED"}),
    "given up by its operator": (scenes.unpaid_and_given_up, ("bookings.cancel", "lost_reply"), {"CANCELLED"}),
    "given up, and warned of": (scenes.warned_of, ("bookings.get", "error_503"), {"CANCELLED"}),
    "a cancelled departure, late": (scenes.unpaid_and_cancelled, ("bookings.cancel", "late_effect"), {"CANCELLED"}),
}


@pytest.mark.parametrize("case", cases(CASES, MORE))
async def test_no_crash_loses_or_doubles_money(case):
    await survived(case)
