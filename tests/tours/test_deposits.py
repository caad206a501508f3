"""A deposit confirms; until the rest is due it may be paid in parts, and tickets come once all of it is."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.money import Money
from app.domain.refusals import BalanceDue, PaymentTooLate
from app.store.tables import EventRow, PaymentRow
from tests.booking.judge import judge
from tests.booking.paying import deliver, open_form, submit
from tests.booking.scenes import FLEX, by_airline
from tests.tours.depositing import DUE, held


async def deposit_of(house, booking_id):
    return Money((await house.booking(booking_id)).deposit_minor, "GBP")


async def pay_deposit(house, booking_id):
    return await house.pay(booking_id, "deposit", amount=await deposit_of(house, booking_id))


async def test_a_hold_says_what_confirms_it_and_when_the_rest_is_due(house):
    booking = await house.booking(await held(house))
    assert booking.deposit_minor == booking.total_minor // 4
    assert booking.balance_due_at == DUE


async def test_what_was_confirmed_by_a_deposit_has_its_tickets_once_all_is_paid(house):
    booking_id = await held(house)
    await pay_deposit(house, booking_id)
    (item,) = await house.items(booking_id)
    assert (item.state, item.ticketing, item.check_tickets_at) == ("CONFIRMED", "PENDING", None)
    query = select(EventRow).where(EventRow.kind == "TICKETS_PENDING")
    (told,) = await house.rows(query)
    assert told.facts["waitsFor"] == "BALANCE"
    house.clock.advance(timedelta(days=10))
    await house.pay(booking_id, "rest")
    await house.quiet()
    booking = await house.booking(booking_id)
    assert (booking.state, booking.balance_due_at) == ("TICKETED", None)
    await judge(house)


async def test_what_the_price_may_move_by_is_reserved_and_not_taken(house):
    booking_id = await held(house)
    deposit, total = await deposit_of(house, booking_id), Money((await house.booking(booking_id)).total_minor, "GBP")
    more = total + Money.of("50.00", "GBP")
    await house.pay(booking_id, "deposit", amount=deposit, accept_up_to=more)
    await house.pay(booking_id, "part", amount=Money.of("1.00", "GBP"), accept_up_to=more)
    query = select(PaymentRow.amount_minor).where(PaymentRow.status == "CAPTURED").order_by(PaymentRow.id)
    assert await house.rows(query) == [deposit.minor, 100]
    await judge(house)


async def test_what_the_price_may_move_by_makes_no_deposit(house):
    booking_id = await held(house)
    deposit, total = await deposit_of(house, booking_id), Money((await house.booking(booking_id)).total_minor, "GBP")
    less, more = Money.of("1.00", "GBP"), total + Money.of("50.00", "GBP")
    await house.pay(booking_id, "less", amount=deposit - less, accept_up_to=more)
    assert (await house.booking(booking_id)).state == "HELD"


async def test_a_part_of_the_rest_leaves_it_due(house):
    booking_id = await held(house)
    await pay_deposit(house, booking_id)
    await house.pay(booking_id, "part", amount=Money.of("1.00", "GBP"))
    await house.quiet()
    booking = await house.booking(booking_id)
    assert (booking.state, booking.balance_due_at) == ("CONFIRMED", DUE)
    await judge(house)


async def test_all_of_it_at_once_brings_the_tickets_at_once(house):
    booking_id = await held(house)
    await house.pay(booking_id)
    booking = await house.booking(booking_id)
    assert (booking.state, booking.balance_due_at) == ("TICKETED", None)
    await judge(house)


async def test_the_rest_by_card_brings_the_tickets(house):
    booking_id = await held(house)
    await pay_deposit(house, booking_id)
    await open_form(house, booking_id, "s1")
    (form,) = await house.rows(select(PaymentRow).where(PaymentRow.status == "PENDING"))
    submit(house, form, "approved")
    await deliver(house)
    await house.quiet()
    assert (await house.booking(booking_id)).state == "TICKETED"
    await judge(house)


async def test_a_flight_in_the_same_booking_is_paid_and_ticketed_with_the_deposit(house):
    flight = await by_airline(house, "ZZ", FLEX, "JFK", "EWR")
    booking_id = await held(house, FLEX, flight)
    await pay_deposit(house, booking_id)
    tour, flown = await house.items(booking_id)
    assert (tour.state, flown.state) == ("CONFIRMED", "TICKETED")
    paid = (await house.rows(select(PaymentRow)))[0].amount_minor
    assert paid == tour.offer["deposit"]["minor"] + flight.total.minor
    await judge(house)


async def test_a_card_form_ends_before_the_rest_is_due(house):
    booking_id = await held(house)
    await pay_deposit(house, booking_id)
    house.clock.advance(DUE - house.clock.now() - timedelta(minutes=10))
    await open_form(house, booking_id, "s1")
    (form,) = await house.rows(select(PaymentRow).where(PaymentRow.status == "PENDING"))
    assert form.expires_at < DUE


class TestInsideTheBalanceDueDate:
    """Time has passed since it was reserved: the rest is due now, so that a deposit is too little."""

    @pytest.fixture
    async def due(self, house):
        house.due = house.clock.now() + timedelta(hours=1)
        booking_id = await held(house)
        house.clock.advance(timedelta(hours=1))
        return booking_id

    async def test_just_the_deposit_is_refused_with_what_is_needed(self, house, due):
        booking = await house.booking(due)
        outcome = await pay_deposit(house, due)
        assert isinstance(outcome.refusal, BalanceDue)
        assert (outcome.refusal.required.minor, outcome.refusal.due_at) == (booking.total_minor, house.due)
        assert (await house.booking(due)).state == "HELD"

    async def test_all_of_it_confirms_and_brings_the_tickets(self, house, due):
        await house.pay(due)
        assert (await house.booking(due)).state == "TICKETED"
        await judge(house)

    async def test_a_card_form_for_just_the_deposit_is_refused_too(self, house, due):
        outcome = await open_form(house, due, "s1", amount=await deposit_of(house, due))
        assert isinstance(outcome.refusal, BalanceDue)


async def test_the_rest_cannot_be_paid_once_it_was_due(house):
    booking_id = await held(house)
    await pay_deposit(house, booking_id)
    house.clock.advance(DUE - house.clock.now())
    assert isinstance((await house.pay(booking_id, "late")).refusal, PaymentTooLate)
