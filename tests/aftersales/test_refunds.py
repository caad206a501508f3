"""Refunds: quoted by rule and amount, confirmed exactly, the carrier first and then the money."""

from datetime import timedelta

from app.store.tables import OperationState
from tests.aftersales.selling import quote_refund, refund, refund_facts
from tests.booking.judge import judge
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
