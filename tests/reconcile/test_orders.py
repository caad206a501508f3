"""Our items beside the carrier's orders: what is found, what is repaired, and what is left alone."""

import pytest

from tests.booking.judge import judge
from tests.booking.scenes import FLEX, guaranteed


@pytest.fixture
async def ticketed(house):
    """A paid and ticketed booking."""
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    await house.pay(booking_id)
    return booking_id


async def test_records_that_agree_are_no_discrepancy(house, ticketed):
    await house.reserve("r2")
    assert await house.reconcile() == []
    await judge(house)


async def test_a_paid_order_that_was_cancelled_at_the_carrier_is_found(house, ticketed):
    (item,) = await house.items(ticketed)
    house.cancel_there(item.order_ref)
    (found,) = await house.reconcile()
    assert (found.kind, found.source, found.ref) == ("ORDER_STATE", "duffel", item.order_ref)
    assert (found.booking_id, found.item_id, found.partner_id) == (ticketed, item.id, "pa_1")
    assert (found.facts["ours"]["state"], found.facts["theirs"]["state"]) == ("TICKETED", "CANCELLED")
    assert (await house.timeline(ticketed))[-1] == "DISCREPANCY_FOUND"
