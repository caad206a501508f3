"""Expiry: what is not paid in time goes back to the carrier."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.booking import expire
from app.domain.partner import Partner
from app.domain.refusals import PaymentTooLate
from app.store.tables import OperationState
from tests.booking.house import CREDIT, viewer
from tests.booking.judge import judge
from tests.booking.scenes import floating, guaranteed, instant
from tests.booking.test_cancel import CANCEL

MARGIN = timedelta(minutes=5)


async def expired(house, booking_id):
    booking = await house.booking(booking_id)
    await house.later(booking.pay_by - house.clock.now())
    return booking


async def test_an_unpaid_hold_is_cancelled_at_the_carrier_at_its_limit(house):
    booking_id = (await house.reserve()).booking_id
    booking = await house.booking(booking_id)
    limit = (await house.items(booking_id))[0].pay_by
    assert booking.pay_by == limit - MARGIN
    await house.later(booking.pay_by - house.clock.now() - timedelta(seconds=1))
    assert (await house.booking(booking_id)).state == "HELD"
    await house.later(timedelta(seconds=1))
    assert (await house.booking(booking_id)).state == "EXPIRED"
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    assert (await house.timeline(booking_id))[-1] == "ITEM_EXPIRED"
    await judge(house)


async def test_paying_later_is_too_late(house):
    booking_id = (await house.reserve()).booking_id
    booking = await expired(house, booking_id)
    outcome = await house.pay(booking_id)
    assert isinstance(outcome.refusal, PaymentTooLate)
    assert outcome.refusal.pay_by == booking.pay_by
    assert house.world.ledger()["charges"] == []
    await judge(house)


async def test_paying_at_the_limit_before_the_expiry_has_run_is_too_late(house):
    booking_id = (await house.reserve()).booking_id
    booking = await house.booking(booking_id)
    house.clock.advance(booking.pay_by - house.clock.now())
    asked = await house.pay(booking_id)
    assert isinstance(asked.refusal, PaymentTooLate)
    assert (await house.booking(booking_id)).state == "EXPIRED"
    await judge(house)


async def test_a_payment_under_way_at_the_limit_is_not_expired(house):
    booking_id = (await house.reserve()).booking_id
    booking = await house.booking(booking_id)
    house.clock.advance(booking.pay_by - house.clock.now() - timedelta(seconds=1))
    house.fault("payments.create", "lost_reply")
    assert (await house.pay(booking_id)).state == OperationState.OPEN
    await house.quiet()
    assert (await house.booking(booking_id)).state == "TICKETED"
    await judge(house)


async def test_a_payment_that_fails_over_the_limit_leaves_the_hold_to_expiry(house):
    booking_id = (await house.reserve()).booking_id
    booking = await house.booking(booking_id)
    house.clock.advance(booking.pay_by - house.clock.now() - timedelta(seconds=1))
    house.fault("payments.create", "error_503", times=9)
    await house.pay(booking_id)
    await house.quiet()
    assert (await house.booking(booking_id)).state == "EXPIRED"
    assert house.orders("held", "paid") == []
    await judge(house)


async def test_space_the_carrier_took_back_itself_expires(house):
    booking_id = (await house.reserve()).booking_id
    await house.later(timedelta(days=4))
    assert [order["state"] for order in house.orders()] == ["expired"]
    assert (await house.booking(booking_id)).state == "EXPIRED"
    await judge(house)


async def test_the_partners_own_limit_counts_where_it_is_earlier(house):
    strict = Partner(id="pa_1", name="Acme Travel", currency="GBP", credit=CREDIT, payment_limit=timedelta(hours=1))
    outcome = await house.reserve(viewer=viewer(strict))
    booking = await house.booking(outcome.booking_id)
    assert booking.pay_by == booking.created_at + timedelta(hours=1)
    await house.later(timedelta(hours=1))
    assert (await house.booking(outcome.booking_id)).state == "EXPIRED"
    assert [order["state"] for order in house.orders()] == ["cancelled"]


async def test_the_earliest_of_several_limits_counts(house):
    offers = await guaranteed(house), await house.holdable()
    booking_id = (await house.reserve("r1", *offers)).booking_id
    limits = [item.pay_by for item in await house.items(booking_id)]
    assert (await house.booking(booking_id)).pay_by == min(limits) - MARGIN
    await expired(house, booking_id)
    assert [item.state for item in await house.items(booking_id)] == ["EXPIRED", "EXPIRED"]
    await judge(house)


async def test_what_is_not_held_ends_with_its_offer(house):
    offer = await instant(house)
    booking_id = (await house.reserve("r1", await floating(house), offer)).booking_id
    assert (await house.booking(booking_id)).pay_by == offer.expires_at - MARGIN
    await expired(house, booking_id)
    assert (await house.booking(booking_id)).state == "EXPIRED"
    await judge(house)


@pytest.mark.parametrize("kind", ["time_out_before", "lost_reply", "late_effect", "error_500", "error_503"])
async def test_expiry_goes_on_until_the_carrier_has_the_space_back(house, kind):
    booking_id = (await house.reserve()).booking_id
    house.fault("cancellations.confirm", kind, times=2)
    await expired(house, booking_id)
    await house.quiet()
    assert (await house.booking(booking_id)).state == "EXPIRED"
    assert house.orders("held") == []
    await judge(house)


async def test_a_refused_expiry_is_visible_and_ends_when_the_hold_lapses(house):
    booking_id = (await house.reserve()).booking_id
    house.declines(CANCEL, "unsupported_action")
    await expired(house, booking_id)
    item = (await house.items(booking_id))[0]
    assert item.state == "HELD" and item.stuck
    assert "ITEM_STUCK" in await house.timeline(booking_id)
    await house.later(timedelta(hours=2))
    item = (await house.items(booking_id))[0]
    assert (item.state, item.stuck) == ("EXPIRED", None)
    await judge(house)


async def test_refused_expiries_do_not_hide_the_others(house, monkeypatch):
    few = replace(expire.UNPAID, waiting=expire.UNPAID.waiting.limit(2))
    monkeypatch.setattr("app.verbs.DUTIES", (few,))
    house.compose()
    first, second, third = (await house.offers())[:3]
    stuck = [(await house.reserve(f"r{at}", offer)).booking_id for at, offer in enumerate((first, second))]
    house.clock.advance(timedelta(minutes=1))
    good = (await house.reserve("r3", third)).booking_id
    house.declines(CANCEL, "unsupported_action", times=2)
    for booking_id in (*stuck, good):
        await expired(house, booking_id)
    assert [(await house.booking(booking_id)).state for booking_id in stuck] == ["HELD", "HELD"]
    assert (await house.booking(good)).state == "EXPIRED"
