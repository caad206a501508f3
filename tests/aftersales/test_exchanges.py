"""Exchanges: one signed balance, authorised before the carrier is asked, taken or given back after."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from app.aftersales.paid_changes import OnAccount
from app.store.tables import EntryRow, OperationState
from tests.aftersales.selling import asking_money, exchange, exchange_facts, quote_exchange, quote_refund, refund
from tests.aftersales.test_refunds import paid
from tests.booking.house import PARTNER
from tests.booking.judge import judge
from tests.booking.scenes import FLEX, STANDARD, guaranteed


async def test_a_paid_item_is_exchanged_for_a_later_flight_and_the_difference_is_paid(house):
    booking_id = await paid(house, STANDARD)
    before = await house.booking(booking_id)
    found = await quote_exchange(house, booking_id)
    quote = next(quote for quote in found if exchange_facts(quote).balance.minor > 0)
    facts = exchange_facts(quote)
    assert facts.balance == facts.difference + facts.fee
    outcome = await exchange(house, quote, OnAccount())
    assert (outcome.state, outcome.refusal) == (OperationState.DONE, None)
    booking = await house.booking(booking_id)
    assert (booking.state, booking.total_minor) == ("TICKETED", before.total_minor + facts.balance.minor)
    old, new = await house.items(booking_id)
    assert (old.state, new.state, new.replaces) == ("EXCHANGED", "TICKETED", old.id)
    await judge(house)


async def test_a_held_item_is_held_anew(house):
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    found = await quote_exchange(house, booking_id)
    outcome = await exchange(house, found[0])
    assert (outcome.state, outcome.refusal) == (OperationState.DONE, None)
    assert (await house.booking(booking_id)).state == "HELD"
    assert (await house.pay(booking_id)).state == OperationState.DONE
    await judge(house)


async def test_a_later_flight_is_when_the_booking_departs(house):
    booking_id = await paid(house, FLEX)
    before = (await house.booking(booking_id)).departs_at
    found = await quote_exchange(house, booking_id)
    quote = next(quote for quote in found if exchange_facts(quote).balance.minor > 0)
    await exchange(house, quote, OnAccount())
    assert (await house.booking(booking_id)).departs_at == exchange_facts(quote).added[0].departs_at > before


async def test_a_hold_stays_what_it_is_until_another_has_taken_its_place(house):
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    before = await house.booking(booking_id)
    quote = next(quote for quote in await quote_exchange(house, booking_id) if exchange_facts(quote).balance.minor)
    house.fault("cancellations.confirm", "lost_reply")
    assert (await exchange(house, quote)).state == OperationState.OPEN
    booking = await house.booking(booking_id)
    assert (booking.state, booking.total_minor) == ("HELD", before.total_minor)
    await house.settle_operations()
    booking = await house.booking(booking_id)
    assert (booking.state, booking.total_minor) == ("HELD", exchange_facts(quote).price.total.minor)
    assert booking.departs_at == exchange_facts(quote).added[0].departs_at
    await judge(house)


async def test_what_was_exchanged_is_no_part_of_the_total_once_all_is_refunded(house):
    booking_id = await paid(house, FLEX)
    quote = next(q for q in await quote_exchange(house, booking_id) if exchange_facts(q).balance.minor > 0)
    await exchange(house, quote, OnAccount())
    total = (await house.booking(booking_id)).total_minor
    await refund(house, await quote_refund(house, booking_id))
    booking = await house.booking(booking_id)
    assert (booking.state, booking.total_minor) == ("REFUNDED", total)
    await judge(house)


@pytest.mark.proof
async def test_nobody_has_to_mend_an_item_that_was_exchanged(house):
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    house.fault("payments.create", "documents_later", hours=24 * 30)
    await house.pay(booking_id)
    for _ in range(74):
        await house.later(timedelta(hours=1))
    assert (await house.items(booking_id))[0].stuck
    await exchange(house, (await quote_exchange(house, booking_id))[0], OnAccount())
    assert [(item.state, item.stuck) for item in await house.items(booking_id)] == [
        ("EXCHANGED", None),
        ("TICKETED", None),
    ]


async def test_nothing_is_earned_on_a_change_fee_that_is_all_that_stays(house):
    await house.terms(replace(PARTNER, commission_percent=Decimal(5)))
    booking_id = await paid(house, STANDARD)
    quote = await asking_money(house, booking_id)
    await exchange(house, quote, OnAccount())
    await refund(house, await quote_refund(house, booking_id))
    kept = (await house.booking(booking_id)).kept_minor
    assert kept == exchange_facts(quote).fee.minor > 0
    entries = await house.rows(select(EntryRow).where(EntryRow.booking_id == booking_id))
    assert sum(row.amount_minor for row in entries if row.account == "COMMISSION") == 0
    assert sum(row.amount_minor for row in entries if row.account == "PARTNER") == kept
    await judge(house)
