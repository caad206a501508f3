"""Every state a process can die in while a tour is refunded or exchanged; judged by the operator's ledger and ours."""

import pytest

from tests.booking.crashing import cases, survived
from tests.tours import change_scenes as scenes

CANCEL, UPDATE, CREATE = "bookings.cancel", "bookings.update", "bookings.create"
CASES = {
    "another departure on a deposit": (scenes.exchanging_deposit, (UPDATE, "lost_reply"), {"CONFIRMED"}),
}
MORE = {
    "a deposit that is forfeit": (scenes.forfeiting_deposit, (CANCEL, "lost_reply"), {"REFUNDED"}),
    "paid in full": (scenes.refunding, (CANCEL, "lost_reply"), {"REFUNDED"}),
    "paid in full, late": (scenes.refunding, (CANCEL, "late_effect"), {"REFUNDED"}),
    "a deposit": (scenes.refunding_deposit, (CANCEL, "time_out_before"), {"REFUNDED"}),
    "another departure": (scenes.exchanging, (UPDATE, "lost_reply"), {"TICKETED"}),
    "another departure, late": (scenes.exchanging, (UPDATE, "late_effect"), {"TICKETED"}),
    "another departure, sold out": (scenes.exchanging, (UPDATE, "sold_out"), {"TICKETED"}),
    "another departure for less": (scenes.exchanging_down, (UPDATE, "lost_reply"), {"TICKETED"}),
    "another departure by card": (scenes.paying_all_by_card, (UPDATE, "lost_reply"), {"TICKETED"}),
    "held anew": (scenes.exchanging_held, (CREATE, "lost_reply"), {"HELD"}),
    "held anew, the old one silent": (scenes.exchanging_held, (CANCEL, "lost_reply"), {"HELD"}),
    "held anew, sold out": (scenes.exchanging_held, (CREATE, "sold_out"), {"HELD"}),
}


@pytest.mark.parametrize("case", cases(CASES, MORE))
async def test_no_crash_refunds_or_exchanges_twice(case):
    await survived(case)
