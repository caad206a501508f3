"""Pay on account: confirmed and ticketed, refused, in trouble or unknown; all or nothing over several items."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from app.booking.payable import reversible
from app.domain.error_codes import MoneyMovement
from app.domain.itinerary import Condition
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import CarrierRefused, CarrierUnavailable, OfferExpired, PaymentTooLate, SoldOut, WrongState
from app.ledger import Account
from app.store.tables import EntryRow, EventRow, OperationState, PaymentRow, TicketRow
from tests.booking.judge import judge
from tests.booking.scenes import BASIC, FLEX, STANDARD, by_airline, floating, guaranteed, instant

LOST = [
    {"kind": "lost_reply"},
    {"kind": "late_effect"},
    {"kind": "time_out_before"},
    {"kind": "error_500"},
    {"kind": "error_500", "effect": True},
    {"kind": "unclear_502"},
    {"kind": "unclear_502", "effect": True},
    {"kind": "accepted_202_created"},
    {"kind": "accepted_202_created", "seconds": 7200},
    {"kind": "slow", "seconds": 200},
]


async def account(house, name):
    """The account's balance, in minor units by currency."""
    query = select(EntryRow.currency, func.sum(EntryRow.amount_minor)).where(EntryRow.account == name)
    return {code: minor for code, minor in await house.rows(query.group_by(EntryRow.currency)) if minor}


@pytest.fixture
async def held(house):
    return (await house.reserve("r1", await guaranteed(house))).booking_id


async def test_a_held_booking_is_confirmed_ticketed_and_owed(house, held):
    outcome = await house.pay(held, reference="invoice 7")
    assert outcome.state == OperationState.DONE
    booking = await house.booking(held)
    assert booking.state == "TICKETED"
    assert [order["state"] for order in house.orders()] == ["paid"]
    assert await account(house, Account.PARTNER) == {"GBP": booking.total_minor}
    assert await account(house, Account.BOOKING) == {}
    payment = (await house.rows(select(PaymentRow)))[0]
    assert (payment.status, payment.reference, payment.amount_minor) == ("CAPTURED", "invoice 7", booking.total_minor)
    assert (await house.timeline(held))[3:] == [
        "PAYMENT_AUTHORISED",
        "ITEM_CONFIRMED",
        "TICKETS_ISSUED",
        "PAYMENT_CAPTURED",
    ]
    await judge(house)


async def test_a_paid_booking_cannot_be_paid_again(house, held):
    first = await house.pay(held)
    assert await house.pay(held) == first
    assert isinstance((await house.pay(held, "p2")).refusal, WrongState)
    assert len(house.world.ledger()["charges"]) == 1
    await judge(house)


@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_a_lost_payment_is_never_a_failure_and_never_paid_twice(house, held, fault):
    house.fault("payments.create", **fault)
    opened = await house.pay(held)
    assert (opened.state, opened.refusal) == (OperationState.OPEN, None)
    await house.quiet()
    assert (await house.desk.outcome(opened.operation_id)).state == OperationState.DONE
    assert len(house.world.ledger()["charges"]) == 1
    await judge(house)


@pytest.mark.parametrize("fault", [fault for fault in LOST if fault.get("seconds") != 7200], ids=str)
async def test_a_lost_purchase_is_never_a_failure_and_never_bought_twice(house, fault):
    held = (await house.reserve("r1", await instant(house))).booking_id
    house.fault("orders.create", **fault)
    opened = await house.pay(held)
    assert (opened.state, opened.refusal) == (OperationState.OPEN, None)
    await house.quiet()
    assert (await house.desk.outcome(opened.operation_id)).state == OperationState.DONE
    assert len(house.world.ledger()["charges"]) == 1
    await judge(house)


async def test_an_order_read_lost_after_its_payment_is_looked_up(house, held):
    house.fault("orders.get", "error_503")
    opened = await house.pay(held)
    assert opened.state == OperationState.OPEN
    await house.quiet()
    assert (await house.booking(held)).state == "TICKETED"
    await judge(house)


async def test_lasting_trouble_is_told_and_the_hold_stays(house, held):
    house.fault("payments.create", "error_503", times=4)
    opened = await house.pay(held)
    await house.quiet()
    outcome = await house.desk.outcome(opened.operation_id)
    assert isinstance(outcome.refusal, CarrierUnavailable)
    assert (await house.booking(held)).state == "HELD"
    assert [order["state"] for order in house.orders()] == ["held"]
    assert (await house.pay(held, "p2")).state == OperationState.DONE
    await judge(house)


@pytest.mark.parametrize("code", ["insufficient_balance", "payment_declined", "schedule_changed", "already_cancelled"])
async def test_a_refused_payment_releases_the_hold_and_the_credit(house, held, code):
    house.declines("/air/payments", code)
    outcome = await house.pay(held)
    assert isinstance(outcome.refusal, CarrierRefused)
    assert (outcome.refusal.reason, outcome.refusal.money) == (code, MoneyMovement.NONE)
    assert (await house.booking(held)).state == "CANCELLED"
    assert house.orders("held", "paid") == []
    payment = (await house.rows(select(PaymentRow)))[0]
    assert payment.status == "VOIDED"
    assert await account(house, Account.PARTNER) == {}
    await judge(house)


async def test_a_payment_the_carrier_finds_too_late_expires_the_booking(house, held):
    house.declines("/air/payments", "past_payment_required_by_date")
    assert isinstance((await house.pay(held)).refusal, PaymentTooLate)
    assert (await house.booking(held)).state == "EXPIRED"
    await judge(house)


async def test_a_floating_hold_the_carrier_has_cancelled_expires_the_booking(house):
    held = (await house.reserve("r1", await floating(house))).booking_id
    order = next(iter(house.world._core.facts.orders.values()))
    order.state, order.cancelled_at = "cancelled", house.clock.now()
    assert isinstance((await house.pay(held)).refusal, OfferExpired)
    assert (await house.booking(held)).state == "EXPIRED"
    await judge(house)


async def test_a_lost_payment_is_found_once_the_order_can_be_read_again(house, held):
    house.fault("payments.create", "lost_reply")
    await house.pay(held)
    house.fault("orders.get", "error_503", times=20)
    await house.quiet()
    assert len(house.world.ledger()["charges"]) == 1
    assert (await house.booking(held)).state == "TICKETED"
    await judge(house)


async def test_an_order_paid_behind_our_back_is_confirmed(house, held):
    house.declines("/air/payments", "already_paid")
    order = next(iter(house.world._core.facts.orders.values()))
    order.state, order.paid_at = "paid", house.clock.now()
    assert (await house.pay(held)).state == OperationState.DONE
    assert (await house.booking(held)).state in {"CONFIRMED", "TICKETED"}


async def test_an_order_found_cancelled_after_it_was_bought_is_undone(house):
    held = (await house.reserve("r1", await instant(house, FLEX))).booking_id
    house.fault("orders.create", "lost_reply")
    opened = await house.pay(held)
    order = next(iter(house.world._core.facts.orders.values()))
    await house.carrier.cancel(order.id, call_of(house))
    await house.quiet()
    outcome = await house.desk.outcome(opened.operation_id)
    assert isinstance(outcome.refusal, CarrierRefused)
    assert outcome.refusal.reason == "order_cancelled"
    assert (await house.booking(held)).state == "CANCELLED"
    await judge(house)


def call_of(house):
    return Call(key="by hand", send_by=house.clock.now() + timedelta(seconds=10))


async def test_a_held_and_an_instant_item_are_bought_together(house):
    held = (await house.reserve("r1", await floating(house), await instant(house))).booking_id
    await house.pay(held)
    assert [order["state"] for order in house.orders()] == ["paid", "paid"]
    assert [item.inventory_held for item in await house.items(held)] == [True, True]
    assert len(await house.rows(select(TicketRow))) == 2
    await judge(house)


@pytest.mark.parametrize("brand", [BASIC, STANDARD, FLEX])
async def test_when_the_second_is_refused_the_first_is_undone_at_our_loss(house, brand):
    offers = await floating(house, brand), await instant(house)
    held = (await house.reserve("r1", *offers)).booking_id
    house.fault("orders.create", "sold_out")
    outcome = await house.pay(held)
    assert isinstance(outcome.refusal, SoldOut)
    assert (await house.booking(held)).state == "CANCELLED"
    assert house.orders("held", "paid") == []
    ledger = house.world.ledger()
    kept = Decimal(ledger["charges"][0]["amount"]) - sum(Decimal(refund["amount"]) for refund in ledger["refunds"])
    assert await account(house, Account.LOSS) == ({"EUR": Money.of(kept, "EUR").minor} if kept else {})
    assert (kept == 0) == (brand == FLEX)
    assert await account(house, Account.PARTNER) == {}
    assert await account(house, Account.COST) == {}
    assert [ticket.status for ticket in await house.rows(select(TicketRow))] == ["VOID"]
    await judge(house)


async def test_a_voucher_that_undoing_brings_is_no_money_that_came_back(house):
    vouchers = await by_airline(house, "KL", FLEX, "SEN", "FAO")
    held = (await house.reserve("r1", vouchers, await instant(house))).booking_id
    house.fault("orders.create", "sold_out")
    assert isinstance((await house.pay(held)).refusal, SoldOut)
    (refund,) = house.world.ledger()["refunds"]
    assert (refund["to"], Money.of(refund["amount"], "EUR")) == ("voucher", vouchers.total)
    assert await account(house, Account.LOSS) == {"EUR": vouchers.total.minor}
    await judge(house)


async def test_the_freely_reversible_is_confirmed_first_and_the_irrevocable_last(house):
    offers = await instant(house, BASIC), await floating(house, STANDARD), await floating(house, FLEX)
    held = (await house.reserve("r1", *offers)).booking_id
    await house.pay(held)
    confirmed = await house.rows(
        select(EventRow.item_id).where(EventRow.kind == "ITEM_CONFIRMED").order_by(EventRow.id)
    )
    first, second, third = [item.id for item in await house.items(held)]
    assert confirmed == [third, first, second]
    await judge(house)


async def test_a_fee_that_is_not_told_is_not_free(house):
    offer = await guaranteed(house)
    silent = Condition(allowed=True, fee=None)
    assert reversible(offer.conditions)
    assert not reversible(replace(offer.conditions, refund=silent))
    assert not reversible(replace(offer.conditions, refund=None))
    assert not reversible((await guaranteed(house, STANDARD)).conditions)


async def test_an_unknown_sibling_parks_the_undo(house):
    offers = await floating(house, FLEX), await by_airline(house, "KL", FLEX)
    held = (await house.reserve("r1", *offers)).booking_id
    house.fault("payments.create", "lost_reply")
    house.declines("/air/payments", "payment_declined")
    opened = await house.pay(held)
    assert opened.state == OperationState.OPEN
    assert house.world.ledger()["refunds"] == []
    await house.quiet()
    assert isinstance((await house.desk.outcome(opened.operation_id)).refusal, CarrierRefused)
    assert house.orders("held", "paid") == []
    await judge(house)


async def test_a_refused_undo_is_stuck_and_visible_while_the_others_go_on(house):
    offers = await floating(house, FLEX), await by_airline(house, "KL", FLEX), await instant(house)
    held = (await house.reserve("r1", *offers)).booking_id
    house.fault("orders.create", "sold_out")
    house.declines("/air/order_cancellations", "order_not_cancellable")
    outcome = await house.pay(held)
    assert isinstance(outcome.refusal, SoldOut)
    first, second, third = await house.items(held)
    assert first.state == "TICKETED" and first.stuck
    assert (second.state, third.state) == ("CANCELLED", "CANCELLED")
    assert "ITEM_STUCK" in await house.timeline(held)
    assert await account(house, Account.PARTNER) == {}
    await judge(house)


async def test_a_refund_in_another_currency_balances_in_both(house):
    offers = await floating(house, FLEX), await instant(house)
    held = (await house.reserve("r1", *offers)).booking_id
    house.fault("orders.create", "sold_out")
    send = house.transport.send

    async def in_francs(request, timeout):
        answer = await send(request, timeout)
        paid_back = request.url.endswith("/actions/confirm")
        return replace(answer, body=answer.body.replace(b'"EUR"', b'"CHF"')) if paid_back else answer

    house.transport.send = in_francs
    assert isinstance((await house.pay(held)).refusal, SoldOut)
    cost = offers[0].total.minor
    assert await account(house, Account.LOSS) == {"EUR": cost, "CHF": -cost}
    assert await account(house, Account.CARRIER) == {"EUR": -cost, "CHF": cost}
    assert (await house.booking(held)).state == "CANCELLED"
