"""Refunds: quoted by rule and amount, confirmed exactly, the carrier first and then the money."""

from datetime import timedelta

from sqlmodel import select

from app.aftersales.paid_changes import ByCard
from app.domain.aftersales import RefundForm
from app.store.tables import OperationState, PaymentRow
from carriers.contract import Cancelled
from tests.aftersales.scenes import sold
from tests.aftersales.selling import asking_money, exchange, exchange_facts, quote_refund, refund, refund_facts
from tests.booking.judge import judge
from tests.booking.paying import deliver, payment_of, submit
from tests.booking.scenes import FLEX, STANDARD, guaranteed

AFTER_VOID_WINDOW = timedelta(days=2)


async def paid(house, brand=FLEX):
    booking_id = (await house.reserve("r1", await guaranteed(house, brand))).booking_id
    assert (await house.pay(booking_id)).state == OperationState.DONE
    return booking_id


async def test_a_flexible_ticket_is_refunded_whole(house):
    booking_id = await paid(house)
    total = (await house.booking(booking_id)).total_minor
    quote = await quote_refund(house, booking_id)
    facts = refund_facts(quote)
    assert (quote.state, facts.back.minor, facts.fee.minor, facts.eligible) == ("READY", total, 0, True)
    assert (await refund(house, quote)).state == OperationState.DONE
    booking = await house.booking(booking_id)
    assert (booking.state, booking.kept_minor) == ("REFUNDED", 0)
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    assert (await house.timeline(booking_id))[-4:] == [
        "REFUND_QUOTED",
        "ITEM_CANCELLED",
        "PAYMENT_REFUNDED",
        "ITEM_REFUNDED",
    ]
    await judge(house)


async def test_a_fee_stays_paid_for(house):
    booking_id = await paid(house, STANDARD)
    house.clock.advance(AFTER_VOID_WINDOW)
    total = (await house.booking(booking_id)).total_minor
    quote = await quote_refund(house, booking_id)
    facts = refund_facts(quote)
    assert 0 < facts.fee.minor < total and facts.back.minor == total - facts.fee.minor
    await refund(house, quote)
    booking = await house.booking(booking_id)
    assert (booking.state, booking.kept_minor) == ("REFUNDED", facts.fee.minor)
    await judge(house)


async def test_what_was_never_paid_comes_back_nowhere(house):
    booking_id = await sold(house)
    quote = await asking_money(house, booking_id)
    submit(house, await payment_of(house, await exchange(house, quote, ByCard())), "capture_refused")
    await deliver(house)
    await house.settle_operations()
    unpaid = exchange_facts(quote).balance.minor
    refunding = await quote_refund(house, booking_id)
    facts = refund_facts(refunding)
    assert sum(source.amount.minor for source in facts.sources) == facts.back.minor - unpaid
    assert facts.set_off.minor == unpaid
    await refund(house, refunding)
    rows = await house.rows(select(PaymentRow).order_by(PaymentRow.id))
    assert [row.refunded_minor for row in rows] == [facts.back.minor - unpaid, 0]
    await judge(house)


async def test_credit_whose_amount_is_never_told_is_a_refund_once_it_is_known_to_be_credit(house, monkeypatch):
    quote = await quote_refund(house, await paid(house))

    async def untold(_terms, _call):
        return Cancelled(ref="x", refund=None)

    async def credit(_terms):
        return Cancelled(ref="x", refund=None, form=RefundForm.VOUCHER)

    monkeypatch.setattr(house.carrier, "refund", untold)
    monkeypatch.setattr(house.carrier, "refunded", credit)
    await refund(house, quote)
    assert (await house.booking(quote.booking_id)).state == "CANCELLED"
    await house.later(timedelta(hours=1))
    booking = await house.booking(quote.booking_id)
    assert (booking.state, booking.kept_minor) == ("REFUNDED", booking.total_minor)
