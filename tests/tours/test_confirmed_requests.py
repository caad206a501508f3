"""Some operators confirm at once what they accept: then it is owed to them, whether or not it is ever paid."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from app.store.tables import EntryRow
from carriers.sandbox.exchange import Reply, Request, encode
from tests.booking.house import OPERATOR, House
from tests.booking.judge import judge
from tests.tours.selling import answer, looked_at, request, statuses, stay

# How long it can be paid, where the operator sets no limit.
TIME_TO_PAY = timedelta(hours=48)


@pytest.fixture
async def house():
    """The gateway below GraphQL over an airline's and a tour operator's world, with its partners let in."""
    return await House().open()


async def accepted(house):
    """A booking whose request the operator has accepted, and confirmed, which nobody has heard of yet."""
    booking_id = (await request(house)).booking_id
    answer(house, accept=True)
    (item,) = await house.items(booking_id)
    where = f"/{OPERATOR}/bookings/{item.order_ref}/confirm"
    headers = {"authorization": f"Bearer octo_sandbox_{OPERATOR}"}
    reply = house.tours.handle(Request("POST", where, {}, headers, encode({"contact": {"fullName": "Ada Lovelace"}})))
    assert reply.status == 200, reply.body
    return booking_id


async def confirmed(house):
    """The same, heard of."""
    booking_id = await accepted(house)
    await looked_at(house, booking_id)
    return booking_id


async def books(house, account):
    """What the ledger says in an account, whatever it is of."""
    (minor,) = await house.rows(select(func.sum(EntryRow.amount_minor)).where(EntryRow.account == account))
    return minor or 0


def lets_nothing_be_cancelled(house):
    """Let the operator refuse every cancellation; answers how it is without that."""
    handle = house.tours.handle
    no = Reply(400, {}, encode({"error": "UNPROCESSABLE_ENTITY", "errorMessage": "not now"}))
    house.tours.handle = lambda asked: no if asked.path.endswith("/cancel") else handle(asked)
    return handle


async def test_it_is_owed_as_soon_as_it_is_heard_of(house):
    booking = await house.booking(await confirmed(house))
    assert (booking.state, statuses(house)) == ("HELD", ["CONFIRMED"])
    assert await books(house, "CARRIER") == -booking.total_minor


async def test_paid_it_is_owed_once(house):
    booking_id = await confirmed(house)
    await house.pay(booking_id)
    booking = await house.booking(booking_id)
    assert (booking.state, await books(house, "CARRIER")) == ("TICKETED", -booking.total_minor)
    await judge(house)


async def test_not_paid_it_is_cancelled_and_what_the_operator_keeps_is_our_loss(house):
    booking_id = await confirmed(house)
    await house.later(TIME_TO_PAY)
    assert ((await house.booking(booking_id)).state, statuses(house)) == ("EXPIRED", ["CANCELLED"])
    (ended,) = house.tours.ledger()["bookings"]
    kept = (await house.booking(booking_id)).total_minor * ended["cancellation"]["percent_kept"] // 100
    assert kept > 0
    assert (await books(house, "LOSS"), await books(house, "CARRIER")) == (kept, -kept)
    await judge(house)


async def test_one_that_the_operator_does_not_cancel_is_stuck_owed_and_tried_again(house):
    booking_id = await confirmed(house)
    handle = lets_nothing_be_cancelled(house)
    await house.later(TIME_TO_PAY)
    (item,) = await house.items(booking_id)
    assert (item.state, bool(item.stuck)) == ("HELD", True)
    assert await books(house, "CARRIER") == -(await house.booking(booking_id)).total_minor
    house.tours.handle = handle
    await house.later(timedelta(hours=2))
    assert ((await house.booking(booking_id)).state, statuses(house)) == ("EXPIRED", ["CANCELLED"])
    await judge(house)


async def test_withdrawn_before_anybody_heard_of_it_what_the_operator_keeps_is_our_loss_too(house):
    booking_id = await accepted(house)
    await house.cancel(booking_id)
    assert ((await house.booking(booking_id)).state, statuses(house)) == ("CANCELLED", ["CANCELLED"])
    assert (await books(house, "LOSS"), await books(house, "CARRIER")) == (18650, -18650)
    await judge(house)


@pytest.fixture
async def held(house):
    """A booking that the operator has confirmed as it was reserved, so that it sets no limit to pay it."""
    hold = house.operator.hold

    async def confirming(purchase, travellers, call):
        made = await hold(purchase, travellers, call)
        return await house.operator.pay(made.ref, made.total, call)

    house.operator.hold = confirming
    return (await house.reserve("r1", await stay(house))).booking_id


async def test_what_is_confirmed_as_it_is_held_is_owed_too(house, held):
    await house.cancel(held)
    assert (statuses(house), await books(house, "LOSS")) == (["CANCELLED"], 18650)
    await judge(house)


async def test_what_is_held_without_a_limit_has_one_all_the_same(house, held):
    assert (await house.booking(held)).pay_by == house.clock.now() + TIME_TO_PAY
    await house.later(TIME_TO_PAY)
    assert ((await house.booking(held)).state, statuses(house)) == ("EXPIRED", ["CANCELLED"])
    await judge(house)
