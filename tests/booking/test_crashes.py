"""Every state a process can die in, for every verb; judged by the world's ledger.

One fault each, for what happens without one happens on the way there too; `make proof` goes through all of them.
"""

from datetime import timedelta

import pytest

from app.booking.pay import PayWish, take_pay
from tests.booking.exploring import explore, watched_house
from tests.booking.house import viewer
from tests.booking.scenes import floating, guaranteed, instant

_NO_FAULT = ()
_LOST_ORDER = ({"endpoint": "orders.create", "kind": "lost_reply"},)
_LOST_PAYMENT = ({"endpoint": "payments.create", "kind": "lost_reply"},)
_LOST_CANCEL = ({"endpoint": "cancellations.confirm", "kind": "lost_reply"},)
_SOLD_OUT = ({"endpoint": "orders.create", "kind": "sold_out"},)


async def opened():
    return await watched_house().open()


async def held():
    """A booking of one item that is held, and one that must be bought at once."""
    house = await opened()
    outcome = await house.reserve("r1", await floating(house), await instant(house))
    return house, outcome.booking_id


def strike(house, faults):
    for fault in faults:
        house.fault(**fault)


@pytest.mark.parametrize(
    ("faults", "endings"), [pytest.param(_LOST_ORDER, {"HELD"}, marks=pytest.mark.proof), (_SOLD_OUT, {"REJECTED"})]
)
async def test_reserve_survives_every_crash(faults, endings):
    house = await opened()
    tokens = [house.token(await guaranteed(house)), house.token(await guaranteed(house, 0))]
    strike(house, faults)
    found = await explore(house, lambda again: again.reserve_tokens("r1", *tokens))
    assert found.broken == []
    assert found.endings == endings
    assert found.states > 15


@pytest.mark.parametrize(
    ("faults", "endings"),
    [(_LOST_PAYMENT, {"TICKETED"}), pytest.param(_SOLD_OUT, {"CANCELLED"}, marks=pytest.mark.proof)],
)
async def test_pay_survives_every_crash(faults, endings):
    house, booking_id = await held()
    strike(house, faults)
    found = await explore(house, lambda again: again.pay(booking_id))
    assert found.broken == []
    assert found.endings == endings
    assert found.states > 15


@pytest.mark.parametrize("faults", [pytest.param(_NO_FAULT, marks=pytest.mark.proof), _LOST_CANCEL])
async def test_cancel_survives_every_crash(faults):
    house, booking_id = await held()
    strike(house, faults)
    found = await explore(house, lambda again: again.cancel(booking_id))
    assert found.broken == []
    assert found.endings == {"CANCELLED"}
    assert found.states > 8


async def test_expiry_survives_every_crash():
    house, _ = await held()
    house.clock.advance(timedelta(days=3))
    strike(house, _LOST_CANCEL)
    found = await explore(house, lambda again: again.quiet())
    assert found.broken == []
    assert found.endings == {"EXPIRED"}


async def test_following_tickets_survives_every_crash():
    house = await opened()
    outcome = await house.reserve()
    house.fault("payments.create", "documents_later", hours=1)
    await take_pay(house.desk, viewer(), "p1", PayWish(booking_id=outcome.booking_id))
    await house.quiet()

    async def wait(again):
        await again.later(timedelta(hours=2))

    found = await explore(house, wait)
    assert found.broken == []
    assert found.endings == {"TICKETED"}
