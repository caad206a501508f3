"""Every state a process can die in while the job repairs: nothing is released twice, and nothing of ours at all."""

import pytest

from app.domain.money import Money
from app.reconcile.job import Reconciler
from app.store.tables import PaymentRow
from tests.booking.exploring import explore, watched_house
from tests.booking.judge import complaints, judge
from tests.booking.paying import paid_by_card
from tests.booking.scenes import FLEX, guaranteed
from tests.payments.worlds import listen
from tests.reconcile.scenes import SETTLED, Office


@pytest.fixture
async def house():
    """An office that can be explored, with a booking of its own that must stay as it is."""
    office = await watched_house(kind=Office).open()
    listen(office.bank)
    await office.reserve("own", await guaranteed(office, FLEX))
    return office


async def compare(again):
    await Reconciler(again.desk).run()
    await again.runner.drain()


async def explored(house, ref):
    """Until the job has repaired what is wrong with this record, and with no other, that may be seen."""
    house.clock.advance(SETTLED)
    assert await complaints(house)
    found = await explore(house, compare, judge)
    assert {complaint for complaint in found.broken if ref not in complaint} == set()
    assert found.states > 5


@pytest.mark.proof
@pytest.mark.parametrize("buy", [pytest.param(False, id="held"), pytest.param(True, id="paid")])
async def test_no_crash_leaves_an_orphan_or_releases_it_twice(house, buy):
    _, key = await house.refused(await guaranteed(house, FLEX))
    orphan = await house.order_with(key, await guaranteed(house, FLEX), buy=buy)
    house.fault("cancellations.confirm", "lost_reply")
    await explored(house, orphan.ref)
    (released,) = [each for each in house.world.ledger()["cancellations"] if each["confirmed_at"]]
    assert released["order_id"] == orphan.ref


@pytest.mark.proof
async def test_no_crash_leaves_money_blocked_for_nothing(house):
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    payment = await paid_by_card(house, booking_id, amount=Money(500, "GBP"))
    await house.store.write(lambda session: setattr(session.get_one(PaymentRow, payment.id), "status", "VOIDED"))
    house.fault("charges.void", "lost_reply")
    await explored(house, payment.id)
