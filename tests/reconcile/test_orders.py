"""Our items beside the carrier's orders: what is found, what is repaired, and what is left alone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from app.booking.facts import offer_of
from app.domain.refusals import NotRefundable
from app.store.aftersales_tables import CarrierChangeRow
from app.store.tables import ItemRow, OperationRow
from tests.booking.judge import judge
from tests.booking.scenes import BASIC, FLEX, guaranteed

CANCEL = "/actions/confirm"


@pytest.fixture
async def held(house):
    """The item of a held booking, whose time to pay is far."""
    return (await house.items((await house.reserve("r1", await guaranteed(house, FLEX))).booking_id))[0]


@pytest.fixture
async def ticketed(house, held):
    """The same, paid and ticketed."""
    await house.pay(held.booking_id)
    return (await house.items(held.booking_id))[0]


def kinds(rows):
    return [(row.kind, row.ref) for row in rows]


def move_by_two_hours(house, ref):
    """Let an airline move the first journey of an order."""
    order, by = house.order_facts(ref), timedelta(hours=2)
    first = order.slices[0]
    later = [replace(flight, departs=flight.departs + by, arrives=flight.arrives + by) for flight in first.journey]
    order.slices = (replace(first, journey=tuple(later)), *order.slices[1:])


async def test_records_that_agree_are_no_discrepancy(house, ticketed):
    await house.reserve("r2")
    assert await house.reconcile() == []
    assert await house.discrepancies() == []
    await judge(house)


async def test_a_paid_order_that_was_cancelled_at_the_carrier_is_found(house, ticketed):
    house.cancel_there(ticketed.order_ref)
    (found,) = await house.reconcile()
    assert (found.kind, found.source, found.ref) == ("ORDER_STATE", "duffel", ticketed.order_ref)
    assert (found.booking_id, found.item_id, found.partner_id) == (ticketed.booking_id, ticketed.id, "pa_1")
    assert (found.facts["ours"]["state"], found.facts["theirs"]["state"]) == ("TICKETED", "CANCELLED")
    assert (await house.timeline(ticketed.booking_id))[-1] == "DISCREPANCY_FOUND"


async def test_a_hold_that_somebody_else_paid_is_found_and_left(house, held):
    total = house.order_facts(held.order_ref).agreed.total
    payment = {"type": "balance", "amount": str(total.amount), "currency": total.currency}
    house.at_carrier("POST", "/air/payments", {"order_id": held.order_ref, "payment": payment})
    assert kinds(await house.reconcile()) == [("ORDER_STATE", held.order_ref)]
    assert house.state_of(held.order_ref) == "paid"


async def test_a_hold_that_lapsed_at_the_carrier_is_left_to_its_expiry(house, held):
    house.cancel_there(held.order_ref)
    assert await house.reconcile() == []
    assert (await house.items(held.booking_id))[0].state == "HELD"
    await house.quiet()
    await house.later(timedelta(days=4))
    assert (await house.booking(held.booking_id)).state == "EXPIRED"


async def test_an_order_the_carrier_has_lost_is_missing(house, ticketed):
    del house.world._core.facts.orders[ticketed.order_ref]
    (found,) = await house.reconcile()
    assert (found.kind, found.ref, found.facts["theirs"]) == ("MISSING_ORDER", ticketed.order_ref, {})


async def test_an_order_is_asked_for_before_a_list_without_it_is_believed(house, ticketed, monkeypatch):
    async def none(*, since):
        return []

    monkeypatch.setattr(house.carrier, "orders", none)
    assert await house.reconcile() == []
    asked = [request.url for request in house.transport.sent]
    assert any(url.endswith(ticketed.order_ref) for url in asked)


async def test_what_was_made_before_the_list_begins_is_asked_for_while_travel_is_ahead(house, ticketed):
    await house.later(timedelta(days=30))
    house.cancel_there(ticketed.order_ref)
    assert kinds(await house.reconcile()) == [("ORDER_STATE", ticketed.order_ref)]


async def test_no_more_than_some_are_asked_for_in_a_run_and_the_next_goes_on_there(house, monkeypatch):
    items = [(await house.items((await house.reserve(f"r{turn}")).booking_id))[0] for turn in range(3)]
    monkeypatch.setattr("app.reconcile.job._ASKED", 2)
    for item in items:
        del house.world._core.facts.orders[item.order_ref]
    assert {row.item_id for row in await house.reconcile()} == {items[0].id, items[1].id}
    assert len(await house.reconcile()) == 3


async def test_another_total_than_ours_is_found(house, ticketed):
    order = house.order_facts(ticketed.order_ref)
    order.factor *= Decimal("1.5")
    (found,) = await house.reconcile()
    assert found.kind == "ORDER_AMOUNT"
    ours, theirs = found.facts["ours"]["total"], found.facts["theirs"]["total"]
    assert (ours["currency"], theirs["minor"] > ours["minor"]) == (theirs["currency"], True)


async def test_an_order_of_another_system_is_told_once_and_never_touched(house):
    for key in ("somebody else's", "op_000099/hold/it_000099"):
        await house.order_with(key, await guaranteed(house))
    first = await house.reconcile()
    assert [row.kind for row in first] == ["UNKNOWN_ORDER"] * 2
    assert [(row.booking_id, row.partner_id, row.facts["ours"]) for row in first] == [(None, None, {})] * 2
    assert [row.id for row in await house.reconcile()] == [row.id for row in first]
    assert len(house.orders("held")) == 2


async def test_an_order_of_another_system_that_is_over_is_nobodys_business(house):
    order = await house.order_with("somebody else's", await guaranteed(house))
    house.cancel_there(order.ref)
    assert await house.reconcile() == []


async def test_a_held_order_with_our_key_that_nobody_has_is_cancelled_through_the_journal(house):
    item, key = await house.refused(await guaranteed(house))
    orphan = await house.order_with(key, await guaranteed(house))
    assert await house.reconcile() == []
    assert house.state_of(orphan.ref) == "cancelled"
    (row,) = await house.discrepancies()
    assert (row.kind, row.ref, row.item_id) == ("ORDER_STATE", orphan.ref, item.id)
    assert (row.state, row.settled_by) == ("SETTLED", "system")
    (operation,) = await house.operations("release-orphan@1")
    assert (operation.state, operation.booking_id, operation.actor) == ("DONE", item.booking_id, "system")
    assert (await house.timeline(item.booking_id))[-2:] == ["DISCREPANCY_FOUND", "DISCREPANCY_SETTLED"]
    await judge(house)


async def test_a_second_order_for_a_live_item_is_cancelled_and_the_items_own_is_not(house, held):
    twin = await house.order_with(await house.key_of(held.id), await guaranteed(house))
    assert await house.reconcile() == []
    assert (house.state_of(twin.ref), house.state_of(held.order_ref)) == ("cancelled", "held")
    assert (await house.items(held.booking_id))[0].state == "HELD"


async def test_an_orphan_whose_release_got_no_answer_is_released_once(house):
    _, key = await house.refused(await guaranteed(house))
    orphan = await house.order_with(key, await guaranteed(house))
    house.fault("cancellations.confirm", "lost_reply")
    await house.reconcile()
    await house.reconcile()
    assert house.state_of(orphan.ref) == "cancelled"
    assert len(await house.operations("release-orphan@1")) == 1
    await judge(house)


async def test_a_hold_we_cancelled_that_lives_is_cancelled_again(house, held):
    await house.cancel(held.booking_id)
    order = house.order_facts(held.order_ref)
    order.state, order.cancelled_at = type(order.state)("held"), None
    assert await house.reconcile() == []
    assert house.state_of(held.order_ref) == "cancelled"


async def test_a_paid_orphan_that_gives_everything_back_is_refunded(house):
    _, key = await house.refused(await guaranteed(house, FLEX))
    orphan = await house.order_with(key, await guaranteed(house, FLEX), buy=True)
    assert await house.reconcile() == []
    assert house.state_of(orphan.ref) == "cancelled"
    (refund,) = house.world.ledger()["refunds"]
    assert (refund["order_id"], refund["amount"]) == (orphan.ref, str(orphan.total.amount))
    await judge(house)


async def test_a_held_orphan_that_somebody_pays_meanwhile_is_not_cancelled_at_a_loss(house, monkeypatch):
    _, key = await house.refused(await guaranteed(house, BASIC))
    orphan = await house.order_with(key, await guaranteed(house, BASIC))
    told = house.carrier.order

    async def paid_meanwhile(ref):
        monkeypatch.setattr(house.carrier, "order", told)
        amount = {"type": "balance", "amount": str(orphan.total.amount), "currency": orphan.total.currency}
        house.at_carrier("POST", "/air/payments", {"order_id": ref, "payment": amount})
        return await told(ref)

    monkeypatch.setattr(house.carrier, "order", paid_meanwhile)
    assert kinds(await house.reconcile()) == [("ORDER_STATE", orphan.ref)]
    assert house.state_of(orphan.ref) == "paid"


async def test_a_paid_orphan_that_does_not_is_left_to_a_person(house):
    _, key = await house.refused(await guaranteed(house, BASIC))
    orphan = await house.order_with(key, await guaranteed(house, BASIC), buy=True)
    for _ in range(2):
        assert kinds(await house.reconcile()) == [("ORDER_STATE", orphan.ref)]
    (asked,) = await house.operations("release-orphan@1")
    assert (asked.state, asked.refusal["code"]) == ("REFUSED", NotRefundable.code)
    assert house.state_of(orphan.ref) == "paid"
    await house.reconcile(timedelta(days=1))
    assert len(await house.operations("release-orphan@1")) == 2


async def test_a_paid_order_that_we_cancelled_and_that_lives_is_left_to_a_person(house, ticketed):
    await house.store.write(lambda s: setattr(s.get_one(ItemRow, ticketed.id), "state", "CANCELLED"))
    assert kinds(await house.reconcile()) == [("ORDER_STATE", ticketed.order_ref)]
    assert await house.operations("release-orphan@1") == []
    assert house.state_of(ticketed.order_ref) == "paid"


async def test_other_flights_than_ours_are_looked_at_and_no_discrepancy(house, ticketed):
    move_by_two_hours(house, ticketed.order_ref)
    assert await house.reconcile() == []
    assert await house.discrepancies() == []
    assert [look.state for look in await house.operations("look-at-order@1")] == ["DONE"]
    was, now = offer_of(ticketed).departs_at, offer_of((await house.items(ticketed.booking_id))[0]).departs_at
    assert now == was + timedelta(hours=2)
    assert await house.reconcile() == []
    assert len(await house.operations("look-at-order@1")) == 1


async def test_a_change_that_waits_for_its_answer_is_known_and_not_looked_at_again(house, ticketed):
    move_by_two_hours(house, ticketed.order_ref)
    change = CarrierChangeRow(
        id="cc_1",
        partner_id=ticketed.partner_id,
        booking_id=ticketed.booking_id,
        item_id=ticketed.id,
        ref="aic_1",
        facts={},
        found_at=house.clock.now(),
    )
    await house.store.write(lambda session: session.add(change))
    assert await house.reconcile() == []
    assert await house.operations("look-at-order@1") == []


async def test_an_operation_that_waits_for_an_order_that_is_there_is_taken_up_at_once(house):
    house.fault("orders.create", "lost_reply")
    house.fault("orders.list", "error_503", times=None)
    outcome = await house.reserve("r1", await guaranteed(house))
    while await until_due(house) < timedelta(minutes=3):
        await house.later(await until_due(house))
    house.world.faults.remove()
    house.clock.advance(timedelta(minutes=1))
    await house.reconciler.run()
    assert await until_due(house) == timedelta()
    await house.runner.drain()
    assert (await house.booking(outcome.booking_id)).state == "HELD"
    await judge(house)


async def until_due(house):
    """How long until the open operation is taken up by itself."""
    return max(await house.next_due() - house.clock.now(), timedelta())


async def test_a_difference_that_is_gone_is_settled_by_itself(house, ticketed):
    order = house.order_facts(ticketed.order_ref)
    order.factor *= Decimal(2)
    (found,) = await house.reconcile()
    order.factor /= Decimal(2)
    assert await house.reconcile() == []
    (row,) = await house.discrepancies()
    assert (row.id, row.state, row.settled_by, bool(row.reason)) == (found.id, "SETTLED", "system", True)
    assert row.settled_at == house.clock.now()
    assert (await house.timeline(ticketed.booking_id))[-1] == "DISCREPANCY_SETTLED"
    order.factor *= Decimal(2)
    assert [again.id for again in await house.reconcile()] != [found.id]


async def test_a_carrier_that_does_not_answer_settles_nothing_and_keeps_nobody_else_waiting(house, ticketed, caplog):
    house.cancel_there(ticketed.order_ref)
    (found,) = await house.reconcile()
    house.fault("orders.list", "error_503", times=None)
    await house.order_with("somebody else's", await guaranteed(house))
    assert [row.id for row in await house.reconcile()] == [found.id]
    assert "could not be read" in caplog.text


async def test_an_order_that_cannot_be_read_keeps_no_other_from_being_compared(house, ticketed):
    other = await house.order_with("somebody else's", await guaranteed(house))
    own = (await house.items((await house.reserve("r2")).booking_id))[0]
    for order in (other.ref, own.order_ref):
        house.order_facts(order).booking_reference = ""
    house.cancel_there(ticketed.order_ref)
    assert kinds(await house.reconcile()) == [("ORDER_STATE", ticketed.order_ref)]


async def test_a_booking_that_is_being_changed_is_left_for_the_next_run(house, ticketed):
    house.cancel_there(ticketed.order_ref)
    reopen = select(OperationRow).where(OperationRow.verb == "pay@1")
    await house.store.write(lambda s: setattr(s.exec(reopen).one(), "state", "STUCK"))
    assert [row.kind for row in await house.reconcile()] == ["STUCK"]
    await house.store.write(lambda s: setattr(s.exec(reopen).one(), "state", "DONE"))
    assert kinds(await house.reconcile()) == [("ORDER_STATE", ticketed.order_ref)]
