"""Every state a process can die in while seats and bags are bought or added; judged by the worlds' ledgers.

One fault each, where the most could be done twice; `make proof` goes through all of them.
"""

import pytest

from app.aftersales import service_steps
from tests.aftersales import service_scenes as scenes
from tests.aftersales.scenes import sold
from tests.aftersales.selling import add_services, quote_services
from tests.booking.crashing import cases, survived
from tests.booking.judge import complaints

_LOST = ("orders.add_services", "lost_reply")
CASES = {
    "added on account": (scenes.adding, _LOST, {"TICKETED"}),
}
# They take as long as all else here.
MORE = {
    "gone as it is added": (scenes.adding, ("orders.add_services", "service_gone"), {"TICKETED"}),
    "bought with a fare": (scenes.buying, ("orders.create", "lost_reply"), {"TICKETED"}),
    "added by card": (scenes.added_paid, _LOST, {"TICKETED"}),
}


@pytest.mark.parametrize("case", cases(CASES, MORE))
async def test_no_crash_buys_or_adds_twice(case):
    await survived(case)


@pytest.mark.parametrize("protected", [True, False])
async def test_without_a_look_at_what_the_order_has_now_a_lost_answer_is_seen(house, monkeypatch, protected):
    quote = await quote_services(house, await sold(house))
    house.fault(*_LOST)
    if not protected:
        monkeypatch.setattr(service_steps, "newly_booked", lambda _before, _after: ())
    await add_services(house, quote)
    await house.quiet()
    assert bool(await complaints(house)) is not protected
