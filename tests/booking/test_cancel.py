"""Cancel: a hold given back before it is paid; by every way the carrier can answer."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.refusals import CarrierRefused, NotFound, WrongState
from app.store.tables import EventRow, OperationState
from tests.booking.judge import judge
from tests.booking.scenes import floating, instant

CANCEL = "/air/order_cancellations"


@pytest.fixture
async def booking_id(house):
    return (await house.reserve()).booking_id


async def test_a_hold_is_given_back(house, booking_id):
    outcome = await house.cancel(booking_id)
    assert outcome.state == OperationState.DONE
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    assert (await house.booking(booking_id)).state == "CANCELLED"
    assert (await house.timeline(booking_id))[-1] == "ITEM_CANCELLED"
    await judge(house)


@pytest.mark.parametrize("endpoint", ["cancellations.create", "cancellations.confirm"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "time_out_before"},
        {"kind": "lost_reply"},
        {"kind": "late_effect"},
        {"kind": "error_500"},
        {"kind": "error_500", "effect": True},
        {"kind": "unclear_502"},
        {"kind": "error_503", "times": 7},
        {"kind": "rate_limited"},
        {"kind": "slow", "seconds": 200},
    ],
)
async def test_a_cancellation_never_gives_up(house, booking_id, endpoint, fault):
    house.fault(endpoint, **fault)
    await house.cancel(booking_id)
    await house.quiet()
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    assert (await house.booking(booking_id)).state == "CANCELLED"
    assert sum(kind == "ITEM_CANCELLED" for kind in await house.timeline(booking_id)) == 1
    await judge(house)


async def test_a_lost_cancellation_is_not_reported_as_failed(house, booking_id):
    house.fault("cancellations.confirm", "lost_reply")
    outcome = await house.cancel(booking_id)
    assert outcome.state == OperationState.OPEN
    assert outcome.refusal is None


async def test_a_refused_cancellation_is_told_and_the_others_go_on(house):
    offers = [await floating(house), await instant(house), await floating(house, 0)]
    booking_id = (await house.reserve("r1", *offers)).booking_id
    house.declines(CANCEL, "unsupported_action")
    outcome = await house.cancel(booking_id)
    assert isinstance(outcome.refusal, CarrierRefused)
    assert outcome.refusal.reason == "unsupported_action"
    first, second, third = await house.items(booking_id)
    assert first.state == "HELD" and first.stuck
    assert (second.state, third.state) == ("CANCELLED", "CANCELLED")
    assert (await house.booking(booking_id)).state == "HELD"
    assert "ITEM_STUCK" in await house.timeline(booking_id)
    await judge(house)


async def test_what_is_left_of_a_booking_cannot_be_paid_but_cancelled_again(house):
    booking_id = (await house.reserve("r1", await floating(house), await instant(house))).booking_id
    house.declines(CANCEL, "unsupported_action")
    await house.cancel(booking_id)
    assert isinstance((await house.pay(booking_id)).refusal, WrongState)
    assert (await house.cancel(booking_id, "c2")).state == OperationState.DONE
    assert [item.state for item in await house.items(booking_id)] == ["CANCELLED", "CANCELLED"]
    assert [item.stuck for item in await house.items(booking_id)] == [None, None]
    assert house.orders("held") == []
    await judge(house)


async def test_only_a_held_booking_can_be_cancelled(house, booking_id):
    await house.pay(booking_id)
    outcome = await house.cancel(booking_id)
    assert isinstance(outcome.refusal, WrongState)
    assert outcome.refusal.state == "TICKETED"
    await judge(house)


async def test_a_cancelled_booking_cannot_be_cancelled_again_or_paid(house, booking_id):
    await house.cancel(booking_id)
    assert isinstance((await house.cancel(booking_id, "c2")).refusal, WrongState)
    assert isinstance((await house.pay(booking_id)).refusal, WrongState)
    await judge(house)


async def test_a_booking_that_does_not_exist_cannot_be_cancelled(house):
    with pytest.raises(NotFound):
        await house.cancel("bk_none")


async def test_the_carriers_own_lapse_is_as_good_as_a_cancellation(house, booking_id):
    house.fault("cancellations.confirm", "time_out_before", times=None)
    await house.cancel(booking_id)
    house.clock.advance(timedelta(days=5))
    house.world.faults.remove()
    await house.quiet()
    assert [order["state"] for order in house.orders()] == ["expired"]
    assert (await house.booking(booking_id)).state == "CANCELLED"
    await judge(house)


async def test_the_timeline_tells_who_and_why(house, booking_id):
    await house.cancel(booking_id)
    event = (await house.rows(select(EventRow).where(EventRow.kind == "ITEM_CANCELLED")))[0]
    assert event.actor == "Acme Travel backend"
    assert event.facts == {"reason": "CANCELLED_BY_PARTNER"}
