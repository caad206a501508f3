"""A tour's deposit and balance at its operator, by the operator's own ledger: paid in two parts, or not."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.aftersales.paid_changes import OnAccount
from app.domain import codec
from app.domain.money import Money
from app.store.account_tables import StatementRow
from app.store.tables import EventRow, PaymentRow, TicketRow
from tests.aftersales.selling import exchange
from tests.booking.judge import judge
from tests.booking.scenes import FLEX, by_airline
from tests.tours.changing import quoted
from tests.tours.selling import OPEN, TWO_PLACES, statuses, stay


@pytest.fixture
async def booking_id(house):
    """A single room, confirmed by its deposit."""
    return await on_deposit(house)


async def on_deposit(house, *more):
    booking_id = (await house.reserve("r1", await stay(house, OPEN), *more)).booking_id
    deposit = (await house.booking(booking_id)).deposit_minor
    await house.pay(booking_id, "deposit", amount=Money(deposit, "GBP"))
    return booking_id


async def until_due(house, booking_id):
    """Move time to when the rest is due, and let come what is due then."""
    await house.later((await house.booking(booking_id)).balance_due_at - house.clock.now())


async def taken(house):
    """What was taken and not given back."""
    rows = await house.rows(select(PaymentRow).where(PaymentRow.status == "CAPTURED"))
    return sum(row.amount_minor - row.refunded_minor for row in rows)


async def test_the_deposit_confirms_and_the_rest_brings_the_vouchers(house, booking_id):
    booking = await house.booking(booking_id)
    assert (booking.state, statuses(house)) == ("CONFIRMED", ["CONFIRMED"])
    assert await house.rows(select(TicketRow)) == []
    await house.pay(booking_id, "rest")
    await house.quiet()
    booking = await house.booking(booking_id)
    assert (booking.state, booking.balance_due_at) == ("TICKETED", None)
    assert len(await house.rows(select(TicketRow))) == 1
    await judge(house)


async def test_the_rest_is_due_sixty_days_before_in_the_departures_zone(house, booking_id):
    due = (await house.booking(booking_id)).balance_due_at
    assert due.isoformat() == "2026-04-01T14:30:00+00:00"


async def test_what_nobody_pays_is_cancelled_and_no_more_kept_than_the_deposit(house, booking_id):
    deposit = await taken(house)
    await until_due(house, booking_id)
    assert statuses(house) == ["CANCELLED"]
    booking = await house.booking(booking_id)
    assert (booking.state, booking.kept_minor, await taken(house)) == ("CANCELLED", deposit, deposit)
    (facts,) = await house.rows(select(EventRow.facts).where(EventRow.kind == "BALANCE_UNPAID"))
    assert codec.load(Money, facts["kept"]).minor == deposit
    await judge(house)


async def test_the_scale_is_kept_where_it_is_more_than_the_deposit_and_the_rest_goes_back(house, booking_id):
    total = (await house.booking(booking_id)).total_minor
    await house.pay(booking_id, "most", amount=Money(total // 2, "GBP"))
    await until_due(house, booking_id)
    assert statuses(house) == ["CANCELLED"]
    assert await taken(house) == (await house.booking(booking_id)).kept_minor == total // 10
    await judge(house)


async def test_statements_bill_the_partner_and_the_operator_what_is_kept(house, booking_id):
    total = (await house.booking(booking_id)).total_minor
    await house.pay(booking_id, "most", amount=Money(total // 2, "GBP"))
    await until_due(house, booking_id)
    await house.later(timedelta(days=32))
    billed = {"PARTNER": 0, "CARRIER": 0}
    for statement in await house.rows(select(StatementRow)):
        billed[statement.holder] += statement.total_minor
    assert billed == dict.fromkeys(billed, total // 10)
    await judge(house)


async def test_a_flight_that_was_paid_with_it_stays(house):
    booking_id = await on_deposit(house, await by_airline(house, "ZZ", FLEX, "JFK", "EWR"))
    await until_due(house, booking_id)
    tour, flight = await house.items(booking_id)
    assert (tour.state, flight.state, statuses(house)) == ("CANCELLED", "TICKETED", ["CANCELLED"])
    await judge(house)


async def test_its_places_are_free_again(house, booking_id):
    (before,) = house.tours.ledger()["departures"]
    await until_due(house, booking_id)
    (after,) = house.tours.ledger()["departures"]
    assert after["left"] == before["left"] + 1


async def test_an_operator_that_refuses_is_seen_and_asked_again(house, booking_id):
    house.fault("bookings.cancel", "refused")
    await until_due(house, booking_id)
    (item,) = await house.items(booking_id)
    assert (item.state, statuses(house)) == ("CONFIRMED", ["CONFIRMED"])
    assert "did not cancel" in item.stuck
    await house.later(timedelta(hours=1, minutes=1))
    (item,) = await house.items(booking_id)
    assert (item.state, item.stuck, statuses(house)) == ("CANCELLED", None, ["CANCELLED"])
    await judge(house)


async def test_an_operator_that_cannot_be_reached_is_asked_until_it_answers(house, booking_id):
    house.fault("bookings.cancel", "lost_reply", times=3)
    await until_due(house, booking_id)
    await house.quiet()
    assert ((await house.booking(booking_id)).state, statuses(house)) == ("CANCELLED", ["CANCELLED"])
    await judge(house)


async def test_what_was_exchanged_on_a_deposit_is_cancelled_when_its_own_rest_is_due(house, booking_id):
    due = (await house.booking(booking_id)).balance_due_at
    deposit = await taken(house)
    await exchange(house, await quoted(house, booking_id), OnAccount())
    fee = await taken(house) - deposit
    await house.later(due - house.clock.now())
    assert statuses(house) == ["CONFIRMED"]
    await until_due(house, booking_id)
    assert statuses(house) == ["CANCELLED"]
    assert await taken(house) == (await house.booking(booking_id)).kept_minor == deposit + fee
    await judge(house)


class TestTwoTours:
    """One booking, and each rest due at its own time: what is paid is for what is due first."""

    @pytest.fixture
    async def both(self, house):
        return await on_deposit(house, await stay(house, TWO_PLACES))

    async def test_paying_the_first_in_time_moves_the_limit_to_the_second(self, house, both):
        first, second = await house.items(both)
        due = (await house.booking(both)).balance_due_at
        rest = first.offer["total"]["minor"] - first.offer["deposit"]["minor"]
        await house.pay(both, "first", amount=Money(rest, "GBP"))
        assert (await house.booking(both)).balance_due_at == due + timedelta(days=5)
        house.clock.advance(due - house.clock.now())
        await house.runner.drain()
        assert statuses(house) == ["CONFIRMED", "CONFIRMED"]
        await until_due(house, both)
        await house.quiet()
        assert statuses(house) == ["CONFIRMED", "CANCELLED"]
        assert [item.state for item in await house.items(both)] == ["TICKETED", "CANCELLED"]
        assert await taken(house) == first.offer["total"]["minor"] + second.offer["deposit"]["minor"]
        await judge(house)

    async def test_a_limit_that_moved_is_warned_of_anew(self, house, both):
        (first, _), due = await house.items(both), (await house.booking(both)).balance_due_at
        await house.later(due - timedelta(days=7) - house.clock.now())
        rest = first.offer["total"]["minor"] - first.offer["deposit"]["minor"]
        await house.pay(both, "first", amount=Money(rest, "GBP"))
        await house.later(timedelta(days=5))
        told = await house.rows(select(EventRow.facts).where(EventRow.kind == "BALANCE_DUE_SOON").order_by(EventRow.id))
        assert [facts["balanceDueAt"] for facts in told] == [codec.dump(due), codec.dump(due + timedelta(days=5))]

    async def test_paying_nothing_ends_both_each_at_its_time(self, house, both):
        await until_due(house, both)
        assert statuses(house) == ["CANCELLED", "CONFIRMED"]
        await until_due(house, both)
        assert statuses(house) == ["CANCELLED", "CANCELLED"]
        booking = await house.booking(both)
        assert (booking.state, booking.kept_minor) == ("CANCELLED", booking.deposit_minor)
        await judge(house)
