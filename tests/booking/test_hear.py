"""What carriers tell by themselves: a hint to look, whenever and however often it comes."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from app.booking.hear import hear
from app.domain.errors import Access
from app.store.tables import InboxRow, OperationState
from tests.booking.house import House
from tests.booking.judge import judge

ACCEPTED = {"kind": "accepted_202_created", "seconds": 600}
FAILED = {"kind": "accepted_202_failed", "seconds": 600}


def again(house, message):
    """Let the world deliver it once more."""
    delivery = house.world._core.facts.deliveries[message.delivery_id]
    delivery.done, delivery.next_at = False, house.clock.now()


@pytest.fixture
async def failing(house):
    """A reserve whose order the carrier has accepted, and will fail in ten minutes."""
    house.listen()
    house.fault("orders.create", **FAILED)
    return await house.reserve()


async def outcome(house, opened):
    return await house.desk.outcome(opened.operation_id)


async def test_news_of_a_failure_ends_the_wait_at_once(house, failing):
    house.clock.advance(timedelta(minutes=10))
    await house.deliver()
    await house.runner.drain()
    assert (await outcome(house, failing)).state == OperationState.REFUSED
    await judge(house)


async def test_the_same_news_twice_is_one(house, failing):
    house.clock.advance(timedelta(minutes=10))
    (message,) = house.world.pending_webhooks()
    assert [await house.deliver(), again(house, message), await house.deliver()] == [1, None, 0]
    assert len(await house.rows(select(InboxRow))) == 1
    await house.quiet()
    assert (await outcome(house, failing)).state == OperationState.REFUSED
    await judge(house)


async def test_news_after_everything_is_over_changes_nothing(house):
    house.listen()
    house.fault("orders.create", **ACCEPTED)
    opened = await house.reserve()
    await house.quiet()
    ended = await outcome(house, opened)
    assert await house.deliver() == 1
    await house.quiet()
    assert await outcome(house, opened) == ended
    await judge(house)


async def test_news_while_the_operation_runs_is_met_by_the_fence(house, failing):
    house.clock.advance(timedelta(minutes=10))
    send, heard = house.transport.send, []

    async def meanwhile(request, timeout):
        house.transport.send = send
        heard.append(await house.deliver())
        await house.runner.tick()
        return await send(request, timeout)

    house.transport.send = meanwhile
    await house.runner.drain()
    await house.quiet()
    assert heard == [1]
    assert (await outcome(house, failing)).state == OperationState.REFUSED
    await judge(house)


async def test_what_is_not_signed_by_the_carrier_is_not_heard(house, failing):
    house.clock.advance(timedelta(minutes=10))
    (message,) = house.world.pending_webhooks()
    with pytest.raises(Access):
        await hear(house.desk, "duffel", message.headers, message.body + b" ")
    assert await house.rows(select(InboxRow)) == []


async def test_two_deliveries_at_once_on_a_database_are_one(store):
    house = await House(store=store).open()
    house.listen()
    await house.reserve()
    (message,) = house.world.pending_webhooks()
    fresh = await asyncio.gather(*(hear(house.desk, "duffel", message.headers, message.body) for _ in range(5)))
    assert sum(fresh) == 1
    assert len(await house.rows(select(InboxRow))) == 1
