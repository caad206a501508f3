"""Our card payments beside the provider's charges, and what our own records say that a person must mend."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain import codec
from app.domain.money import Money
from app.store.tables import BookingRow, OperationRow, PaymentRow
from tests.booking.judge import judge
from tests.booking.paying import deliver, open_form, paid_by_card, payment_of, submit
from tests.booking.scenes import BASIC, FLEX, floating, guaranteed
from tests.payments.sandbox.talk import opened
from tests.payments.worlds import listen

PART = Money.of("20.00", "GBP")


@pytest.fixture
async def booking_id(house):
    """A held booking, at a provider whose callbacks come."""
    listen(house.bank)
    return (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id


@pytest.fixture
async def captured(house, booking_id):
    """A payment whose card was charged."""
    return await paid_by_card(house, booking_id)


@pytest.fixture
async def reserved(house, booking_id):
    """A part payment whose card waits for the rest."""
    return await paid_by_card(house, booking_id, amount=PART)


def kinds(rows):
    return [(row.kind, row.ref) for row in rows]


def state(house, charge):
    return next(each["state"] for each in house.charged() if each["id"] == charge)


async def altered(house, payment, **facts):
    """The payment, written otherwise behind everybody's back."""

    def write(session):
        session.get_one(PaymentRow, payment.id).sqlmodel_update(facts)

    await house.store.write(write)


async def test_payments_that_agree_are_no_discrepancy(house, captured):
    second = (await house.reserve("r2")).booking_id
    await paid_by_card(house, second, key="s2", amount=PART)
    await open_form(house, second, "s3")
    assert await house.reconcile() == []
    assert await house.discrepancies() == []


async def test_money_that_was_given_back_at_the_provider_is_found(house, captured):
    house.at_bank(captured.charge, "refunds", amount_minor=500)
    (found,) = await house.reconcile()
    assert (found.kind, found.source, found.ref) == ("CHARGE_AMOUNT", "sandbox", captured.charge)
    assert (found.booking_id, found.payment_id, found.item_id) == (captured.booking_id, captured.id, None)
    assert codec.load(Money, found.facts["ours"]["refunded"]).minor == 0
    assert codec.load(Money, found.facts["theirs"]["refunded"]).minor == 500


async def test_a_charge_that_was_captured_at_the_provider_is_found(house, reserved):
    house.at_bank(reserved.charge, "capture", amount_minor=PART.minor)
    assert kinds(await house.reconcile()) == [("CHARGE_STATE", reserved.charge)]


async def test_a_charge_that_was_released_at_the_provider_is_found(house, reserved):
    house.at_bank(reserved.charge, "void")
    assert kinds(await house.reconcile()) == [("CHARGE_STATE", reserved.charge)]


async def test_a_charge_the_provider_has_lost_is_missing(house, captured):
    del house.bank._core.facts.charges[captured.charge]
    assert kinds(await house.reconcile()) == [("MISSING_CHARGE", captured.charge)]


async def test_a_charge_of_another_system_is_told_where_it_holds_money_and_never_touched(house):
    shown = opened(house.bank, "theirs", payment="order 17", expires_at="2026-03-09T09:00:00Z")
    assert await house.reconcile() == []
    house.at_bank(shown["id"], "authorise", card="tok_approved")
    (found,) = await house.reconcile()
    assert (found.kind, found.ref, found.booking_id) == ("UNKNOWN_CHARGE", shown["id"], None)
    assert state(house, shown["id"]) == "authorised"


async def test_a_charge_that_only_names_a_payment_of_ours_is_not_taken_for_its_charge(house, captured):
    shown = opened(house.bank, "theirs", payment=captured.id, expires_at="2026-03-09T09:00:00Z")
    house.at_bank(shown["id"], "authorise", card="tok_approved")
    assert kinds(await house.reconcile()) == [("UNKNOWN_CHARGE", shown["id"])]
    assert state(house, shown["id"]) == "authorised"


@pytest.mark.parametrize("status", ["VOIDED", "EXPIRED", "FAILED"])
async def test_what_is_blocked_for_a_payment_that_is_over_is_released(house, reserved, status):
    await altered(house, reserved, status=status)
    assert await house.reconcile() == []
    assert state(house, reserved.charge) == "closed"
    (row,) = await house.discrepancies()
    assert (row.kind, row.state, row.settled_by) == ("CHARGE_STATE", "SETTLED", "system")
    assert [each.state for each in await house.operations("release-charge@1")] == ["DONE"]


async def test_what_is_reserved_for_a_booking_that_is_over_is_released(house, reserved):
    def over(session):
        session.get_one(BookingRow, reserved.booking_id).state = "CANCELLED"

    await house.store.write(over)
    assert await house.reconcile() == []
    assert state(house, reserved.charge) == "closed"
    assert (await payment_now(house, reserved)).status == "VOIDED"
    assert (await house.timeline(reserved.booking_id))[-2:] == ["PAYMENT_VOIDED", "DISCREPANCY_SETTLED"]


async def payment_now(house, payment):
    return (await house.rows(select(PaymentRow).where(PaymentRow.id == payment.id)))[0]


async def test_a_part_payment_that_waits_for_the_rest_is_kept(house, reserved):
    assert await house.reconcile() == []
    assert state(house, reserved.charge) == "authorised"


async def test_a_charge_that_was_captured_for_a_payment_that_is_over_waits_for_a_person(house, captured):
    await altered(house, captured, status="FAILED")
    assert ("CHARGE_STATE", captured.charge) in kinds(await house.reconcile())
    assert await house.operations("release-charge@1") == []
    assert state(house, captured.charge) == "captured"


async def test_a_card_that_nobody_told_us_of_is_looked_at(house, booking_id):
    payment = await payment_of(house, await open_form(house, booking_id))
    submit(house, payment)
    await altered(house, payment, check_at=None)
    assert await house.reconcile() == []
    assert (await payment_now(house, payment)).status == "CAPTURED"
    assert (await house.booking(booking_id)).state == "TICKETED"
    await judge(house)


async def test_an_operation_that_waits_for_a_form_that_is_there_is_taken_up_at_once(house, booking_id):
    house.fault("charges.open", "lost_reply")
    house.fault("charges.list", "error_503", times=None)
    await open_form(house, booking_id)
    while await until_due(house) < timedelta(minutes=3):
        await house.later(await until_due(house))
    house.bank.faults.remove()
    house.clock.advance(timedelta(minutes=1))
    await house.reconciler.run()
    assert await until_due(house) == timedelta()
    await house.runner.drain()
    assert [charge["state"] for charge in house.charged()] == ["open"]
    assert await house.discrepancies() == []


async def until_due(house):
    """How long until the open operation is taken up by itself."""
    return max(await house.next_due() - house.clock.now(), timedelta())


async def test_an_unpaid_balance_is_shown_until_it_is_paid(house):
    listen(house.bank)
    booking_id = (await house.reserve("r1", await guaranteed(house, BASIC))).booking_id
    failed = await paid_by_card(house, booking_id, "capture_refused")
    (found,) = await house.reconcile()
    assert (found.kind, found.source, found.ref) == ("UNPAID_BALANCE", "sandbox", failed.charge)
    total = (await house.booking(booking_id)).total_minor
    assert codec.load(Money, found.facts["ours"]["unpaid"]).minor == total
    await paid_by_card(house, booking_id, key="s2")
    assert await house.reconcile() == []
    assert [row.settled_by for row in await house.discrepancies()] == ["system"]
    await judge(house)


async def test_a_refund_that_was_refused_is_shown(house, booking_id):
    part = (await house.booking(booking_id)).total_minor // 3
    first = await paid_by_card(house, booking_id, "approved", "s1", amount=Money(2 * part, "GBP"))
    house.fault("charges.refund", "refused")
    await paid_by_card(house, booking_id, "capture_refused", "s2")
    await house.settle_operations()
    (found,) = await house.reconcile()
    assert (found.kind, found.ref, found.payment_id) == ("REFUND_REFUSED", first.charge, first.id)
    assert codec.load(Money, found.facts["ours"]["owed"]).minor == 2 * part


async def test_an_item_that_is_stuck_is_shown_until_it_is_not(house):
    booking_id = (await house.reserve("r1", await floating(house))).booking_id
    house.declines("/actions/confirm", "unsupported_action")
    await house.cancel(booking_id)
    (item,) = await house.items(booking_id)
    (found,) = await house.reconcile()
    assert (found.kind, found.source, found.ref, found.item_id) == ("STUCK", "duffel", item.order_ref, item.id)
    assert found.facts["ours"]["stuck"] == item.stuck
    await house.cancel(booking_id, "c2")
    assert await house.reconcile() == []


async def test_an_operation_that_is_stuck_is_shown(house, booking_id):
    def stick(session):
        session.exec(select(OperationRow)).one().state = "STUCK"

    await house.store.write(stick)
    (found,) = await house.reconcile()
    assert (found.kind, found.source, found.booking_id) == ("STUCK", "faregate", booking_id)
    assert found.facts["ours"] == {"operation": "reserve@1"}


async def test_what_was_looked_at_and_what_is_delivered_later_leave_no_trace(house, booking_id):
    """A callback that comes after the job has looked changes nothing any more."""
    payment = await payment_of(house, await open_form(house, booking_id))
    submit(house, payment)
    await house.reconcile(timedelta(minutes=10))
    await deliver(house)
    assert await house.reconcile() == []
    assert [charge["net_minor"] for charge in house.charged()] == [(await house.booking(booking_id)).total_minor]
    await judge(house)
