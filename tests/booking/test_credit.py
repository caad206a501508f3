"""Credit on account: reserved before it is used, so that payments at once cannot pass it together."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlmodel import Session, func, select

from app.booking.pay import PayWish, take_pay
from app.domain.money import Money
from app.domain.refusals import CreditExceeded
from app.ledger import owed
from app.store.tables import EntryRow, OperationState, PaymentRow
from tests.booking.house import PARTNER, House, viewer
from tests.booking.judge import judge
from tests.booking.scenes import guaranteed


async def limit(house, amount):
    """The partner's limit in pounds."""
    await house.terms(replace(PARTNER, credit={"GBP": amount}))


async def two_bookings(house):
    offer = await guaranteed(house)
    outcomes = [await house.reserve(key, offer) for key in ("r1", "r2")]
    return [outcome.booking_id for outcome in outcomes], offer.total


async def pay_both_at_once(house, bookings):
    taken = await asyncio.gather(
        *(take_pay(house.desk, viewer(), f"p{index}", PayWish(booking_id=each)) for index, each in enumerate(bookings))
    )
    return [await house.settled(outcome) for outcome in taken]


async def test_what_the_limit_does_not_cover_is_refused_with_what_it_would(house):
    booking_id = (await house.reserve("r1", await guaranteed(house))).booking_id
    price = Money((await house.booking(booking_id)).total_minor, "GBP")
    await limit(house, price - Money(1, "GBP"))
    refusal = (await house.pay(booking_id)).refusal
    assert isinstance(refusal, CreditExceeded)
    assert (refusal.required, refusal.available) == (price, price - Money(1, "GBP"))
    assert (await house.booking(booking_id)).state == "HELD"
    await limit(house, price)
    assert (await house.pay(booking_id, "p2")).state == OperationState.DONE
    await judge(house)


async def test_there_is_no_credit_in_a_currency_that_is_not_agreed(house):
    booking_id = (await house.reserve("r1", await guaranteed(house))).booking_id
    await house.terms(replace(PARTNER, credit={"EUR": Money.of("1000", "EUR")}))
    refusal = (await house.pay(booking_id)).refusal
    assert isinstance(refusal, CreditExceeded)
    assert refusal.available == Money.zero("GBP")


async def test_credit_under_way_is_credit_used(house):
    bookings, price = await two_bookings(house)
    await limit(house, price)
    house.fault("payments.create", "lost_reply")
    assert (await house.pay(bookings[0])).state == OperationState.OPEN
    assert isinstance((await house.pay(bookings[1], "p2")).refusal, CreditExceeded)
    await house.quiet()
    await judge(house)


async def test_a_refused_payment_gives_its_credit_back(house):
    bookings, price = await two_bookings(house)
    await limit(house, price)
    house.declines("/air/payments", "payment_declined")
    await house.pay(bookings[0])
    assert (await house.pay(bookings[1], "p2")).state == OperationState.DONE
    await judge(house)


async def test_what_may_cost_more_is_reserved_in_full_and_charged_as_it_is(house):
    bookings, price = await two_bookings(house)
    await limit(house, price.times(3))
    await house.pay(bookings[0], accept_up_to=price.times(2))
    payment = (await house.rows(select(PaymentRow)))[0]
    assert payment.amount_minor == price.minor
    assert (await house.pay(bookings[1], "p2")).state == OperationState.DONE
    await judge(house)


async def test_of_two_payments_at_once_exactly_one_passes(store):
    house = await House(store=store).open()
    bookings, price = await two_bookings(house)
    await limit(house, price)
    outcomes = await pay_both_at_once(house, bookings)
    assert sorted(outcome.state for outcome in outcomes) == [OperationState.DONE, OperationState.REFUSED]
    assert isinstance(next(outcome.refusal for outcome in outcomes if outcome.refusal), CreditExceeded)
    debt = await house.rows(select(func.sum(EntryRow.amount_minor)).where(EntryRow.account == "PARTNER"))
    assert debt == [price.minor]
    await judge(house)


async def test_the_same_payment_twice_at_once_is_one(store):
    house = await House(store=store).open()
    bookings, _ = await two_bookings(house)
    wish = PayWish(booking_id=bookings[0])
    taken = await asyncio.gather(*(take_pay(house.desk, viewer(), "p1", wish) for _ in range(4)))
    assert len({outcome.operation_id for outcome in taken}) == 1
    await house.runner.drain()
    assert len(house.world.ledger()["charges"]) == 1
    await judge(house)


@pytest.mark.parametrize("payments", [0, 2])
async def test_debt_and_reservation_are_read_in_one_statement(house, payments):
    bookings, _ = await two_bookings(house)
    for index, booking_id in enumerate(bookings[:payments]):
        await house.pay(booking_id, f"p{index}")
    statements = []
    with Session(house.store.engine) as session:
        event.listen(house.store.engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
        total = owed(session, PARTNER.id, "GBP")
    assert [text.split()[0] for text in statements] == ["BEGIN", "SELECT"]
    assert bool(total) == bool(payments)
