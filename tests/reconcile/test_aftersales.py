"""After refunds and exchanges both sides' records still agree; what a carrier keeps to itself is shown in the end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.aftersales.paid_changes import OnAccount
from tests.aftersales.selling import (
    add_services,
    exchange,
    exchange_facts,
    quote_exchange,
    quote_refund,
    quote_services,
    refund,
)
from tests.booking.judge import judge
from tests.booking.paying import paid_by_card
from tests.booking.scenes import FLEX, STANDARD, guaranteed
from tests.payments.worlds import listen


async def paid(house, brand):
    """A booking that was paid by card, two days ago."""
    listen(house.bank)
    booking_id = (await house.reserve("r1", await guaranteed(house, brand))).booking_id
    await paid_by_card(house, booking_id)
    await house.later(timedelta(days=2))
    return booking_id


@pytest.mark.parametrize("brand", [FLEX, STANDARD])
async def test_what_was_refunded_with_or_without_a_fee_agrees(house, brand):
    booking_id = await paid(house, brand)
    await refund(house, await quote_refund(house, booking_id))
    assert (await house.booking(booking_id)).state == "REFUNDED"
    assert await house.reconcile() == []
    assert await house.discrepancies() == []
    await judge(house)


async def test_what_was_exchanged_at_a_difference_agrees(house):
    booking_id = await paid(house, STANDARD)
    found = await quote_exchange(house, booking_id)
    quote = next(quote for quote in found if exchange_facts(quote).balance.minor > 0)
    await exchange(house, quote, OnAccount())
    assert [item.state for item in await house.items(booking_id)] == ["EXCHANGED", "TICKETED"]
    looks = await house.operations("look-at-order@1")
    assert await house.reconcile() == []
    assert await house.discrepancies() == []
    assert await house.operations("look-at-order@1") == looks


async def test_what_bags_were_added_to_agrees(house):
    booking_id = await paid(house, FLEX)
    await add_services(house, await quote_services(house, booking_id))
    assert "SERVICES_ADDED" in await house.timeline(booking_id)
    assert await house.reconcile() == []
    assert await house.discrepancies() == []


async def test_a_refund_whose_money_the_provider_keeps_is_shown(house):
    booking_id = await paid(house, FLEX)
    house.fault("charges.refund", "refused", times=None)
    await refund(house, await quote_refund(house, booking_id))
    assert (await house.booking(booking_id)).state == "CANCELLED"
    (found,) = await house.reconcile()
    assert (found.kind, found.source, found.booking_id) == ("REFUND_REFUSED", "sandbox", booking_id)


async def test_what_was_held_anew_agrees(house):
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    await exchange(house, (await quote_exchange(house, booking_id))[0])
    assert await house.reconcile() == []
    assert await house.discrepancies() == []


async def test_a_refund_whose_amount_is_not_told_for_days_is_shown_until_it_is(house, monkeypatch):
    booking_id = await paid(house, FLEX)
    quote = await quote_refund(house, booking_id)
    confirm, look = house.carrier.refund, house.carrier.refunded

    async def silent(terms, call):
        return replace(await confirm(terms, call), refund=None)

    async def still_silent(terms):
        return replace(await look(terms), refund=None)

    monkeypatch.setattr(house.carrier, "refund", silent)
    monkeypatch.setattr(house.carrier, "refunded", still_silent)
    await refund(house, quote)
    assert await house.reconcile(timedelta(days=1)) == []
    (found,) = await house.reconcile(timedelta(days=2))
    (item,) = await house.items(booking_id)
    assert (found.kind, found.source, found.ref) == ("REFUND_UNTOLD", "duffel", item.order_ref)
    monkeypatch.setattr(house.carrier, "refunded", look)
    await house.later(timedelta(days=2))
    assert await house.reconcile() == []
    assert (await house.booking(booking_id)).state == "REFUNDED"
    assert [row.settled_by for row in await house.discrepancies()] == ["system"]
    await judge(house)
