"""Tickets that were still to come as their item ended: nobody asks for them any more, whatever is heard of it."""

import pytest

from app.aftersales.paid_changes import OnAccount
from tests.aftersales.selling import exchange, quote_exchange, quote_refund, refund
from tests.booking.judge import judge
from tests.booking.scenes import FLEX, guaranteed


@pytest.fixture
async def pending(house):
    """A paid booking whose tickets are days away."""
    house.listen()
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    house.fault("payments.create", "documents_later", hours=48)
    await house.pay(booking_id)
    assert [(item.state, item.ticketing) for item in await house.items(booking_id)] == [("CONFIRMED", "PENDING")]
    return booking_id


async def heard_of(house, booking_id):
    """The carrier tells something about the order."""
    house.change_flight((await house.items(booking_id))[0].order_reference)
    assert await house.deliver()
    await house.runner.drain()


async def test_an_exchanged_item_is_asked_for_none(house, pending):
    await exchange(house, (await quote_exchange(house, pending))[0], OnAccount())
    await heard_of(house, pending)
    assert await house.operations("follow-tickets@1") == []
    assert [item.state for item in await house.items(pending)] == ["EXCHANGED", "TICKETED"]
    await judge(house)


async def test_a_refunded_item_is_asked_for_none(house, pending):
    quote = await quote_refund(house, pending)
    house.change_flight((await house.items(pending))[0].order_reference)
    await refund(house, quote)
    assert await house.deliver()
    await house.runner.drain()
    assert await house.operations("follow-tickets@1") == []
    assert (await house.booking(pending)).state == "REFUNDED"
    await judge(house)
