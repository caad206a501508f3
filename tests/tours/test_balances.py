"""What happens to the rest after a deposit: it is warned of, and what nobody pays is cancelled, the deposit kept."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from app.domain import codec
from app.domain.money import Money
from app.store.tables import EntryRow, EventRow, PaymentRow
from tests.booking.house import PARTNER
from tests.booking.judge import judge
from tests.booking.paying import open_form, submit
from tests.booking.scenes import BASIC, FLEX, STANDARD, by_airline
from tests.tours.depositing import DUE, held


async def on_deposit(house, brand=FLEX, *more):
    """A booking that its deposit has confirmed."""
    booking_id = await held(house, brand, *more)
    deposit = (await house.booking(booking_id)).deposit_minor
    await house.pay(booking_id, "deposit", amount=Money(deposit, "GBP"))
    return booking_id


async def until_due(house, before=timedelta()):
    """Move time to when the rest is due, and let come what is due then."""
    await house.later(DUE - before - house.clock.now())
    await house.runner.drain()


async def told(house, kind):
    """The facts of the events of this kind, oldest first."""
    return [row.facts for row in await house.rows(select(EventRow).where(EventRow.kind == kind).order_by(EventRow.id))]


async def paid(house):
    """Of each payment what was taken, and given back of it."""
    rows = await house.rows(select(PaymentRow).order_by(PaymentRow.id))
    return [(row.status, row.amount_minor, row.refunded_minor) for row in rows]


async def owed_to_carrier(house):
    """What the ledger says that carriers are owed."""
    rows = await house.rows(select(EntryRow.amount_minor).where(EntryRow.account == "CARRIER"))
    return -sum(rows)


class TestWarning:
    async def test_it_is_told_once_with_the_amount_and_the_date(self, house):
        booking = await house.booking(await on_deposit(house))
        await until_due(house, timedelta(days=8))
        assert await told(house, "BALANCE_DUE_SOON") == []
        await until_due(house, timedelta(days=7))
        await until_due(house, timedelta(days=6))
        (facts,) = await told(house, "BALANCE_DUE_SOON")
        assert codec.load(Money, facts["balance"]).minor == booking.total_minor - booking.deposit_minor
        assert facts["balanceDueAt"] == codec.dump(DUE)

    async def test_it_comes_as_long_before_as_was_agreed(self, house):
        await house.terms(replace(PARTNER, balance_warning=timedelta(days=15)))
        await on_deposit(house)
        await until_due(house, timedelta(days=15))
        assert len(await told(house, "BALANCE_DUE_SOON")) == 1

    async def test_who_has_paid_is_not_warned(self, house):
        await house.pay(await on_deposit(house), "rest")
        await until_due(house, timedelta(days=1))
        assert await told(house, "BALANCE_DUE_SOON") == []


class TestUnpaid:
    async def test_the_order_is_cancelled_and_the_deposit_kept(self, house):
        booking_id = await on_deposit(house)
        deposit = (await house.booking(booking_id)).deposit_minor
        await until_due(house)
        booking = await house.booking(booking_id)
        assert (booking.state, booking.kept_minor, booking.balance_due_at) == ("CANCELLED", deposit, None)
        assert [order["state"] for order in house.orders()] == ["cancelled"]
        assert await paid(house) == [("CAPTURED", deposit, 0)]
        assert await owed_to_carrier(house) == deposit
        (facts,) = await told(house, "BALANCE_UNPAID")
        assert codec.load(Money, facts["kept"]).minor == deposit
        assert codec.load(Money, facts["unpaid"]).minor == booking.total_minor - deposit
        await judge(house)

    async def test_the_fee_is_kept_where_it_is_more_than_the_deposit(self, house):
        house.part = 20
        booking_id = await on_deposit(house, STANDARD)
        (item,) = await house.items(booking_id)
        await house.pay(booking_id, "most", amount=Money.of("60.00", "GBP"))
        await until_due(house)
        fee = item.offer["conditions"]["refund"]["fee"]["minor"]
        assert fee > item.offer["deposit"]["minor"]
        assert (await house.booking(booking_id)).kept_minor == fee
        assert sum(taken - back for _, taken, back in await paid(house)) == fee
        assert await owed_to_carrier(house) == fee
        await judge(house)

    async def test_no_more_is_kept_than_was_paid(self, house):
        booking_id = await on_deposit(house, BASIC)
        deposit = (await house.booking(booking_id)).deposit_minor
        await until_due(house)
        assert (await house.booking(booking_id)).kept_minor == deposit
        assert await owed_to_carrier(house) == deposit
        await judge(house)

    async def test_what_was_paid_beyond_it_goes_back(self, house):
        booking_id = await on_deposit(house)
        deposit = (await house.booking(booking_id)).deposit_minor
        await house.pay(booking_id, "part", amount=Money.of("10.00", "GBP"))
        await until_due(house)
        assert await paid(house) == [("CAPTURED", deposit, 0), ("CAPTURED", 1000, 1000)]
        await judge(house)

    async def test_a_flight_that_was_paid_with_it_stays(self, house):
        flight = await by_airline(house, "ZZ", FLEX, "JFK", "EWR")
        booking_id = await on_deposit(house, FLEX, flight)
        await until_due(house)
        tour, flown = await house.items(booking_id)
        assert (tour.state, flown.state) == ("CANCELLED", "TICKETED")
        assert tour.kept_minor == tour.offer["deposit"]["minor"]
        assert sorted(order["state"] for order in house.orders()) == ["cancelled", "paid"]
        await judge(house)

    async def test_who_has_paid_keeps_everything(self, house):
        booking_id = await on_deposit(house)
        await house.pay(booking_id, "rest")
        await until_due(house)
        assert (await house.booking(booking_id)).state == "TICKETED"
        assert await house.operations("balance-unpaid@1") == []


class TestForms:
    async def form(self, house):
        booking_id = await on_deposit(house)
        await house.later(DUE - house.clock.now() - timedelta(minutes=20))
        await open_form(house, booking_id)
        (form,) = await house.rows(select(PaymentRow).where(PaymentRow.status == "PENDING"))
        return booking_id, form

    async def test_a_card_that_came_in_time_pays_though_nobody_has_heard_of_it(self, house):
        booking_id, form = await self.form(house)
        submit(house, form)
        await until_due(house)
        await house.quiet()
        assert (await house.booking(booking_id)).state == "TICKETED"
        await judge(house)

    async def test_a_form_that_is_open_is_closed_first(self, house):
        booking_id, _ = await self.form(house)
        await until_due(house)
        await house.quiet()
        assert (await house.booking(booking_id)).state == "CANCELLED"
        assert "EXPIRED" in [status for status, _, _ in await paid(house)]
        await judge(house)

    async def test_a_card_that_cannot_be_taken_pays_nothing(self, house):
        booking_id, form = await self.form(house)
        submit(house, form, "capture_refused")
        await until_due(house)
        await house.quiet()
        assert (await house.booking(booking_id)).state == "CANCELLED"
        await judge(house)


class TestTheCarrier:
    async def test_one_that_refuses_is_seen_and_asked_again(self, house):
        booking_id = await on_deposit(house)
        house.declines("/actions/confirm", "unsupported_action")
        await until_due(house)
        (item,) = await house.items(booking_id)
        assert item.state == "CONFIRMED"
        assert "did not cancel" in item.stuck
        assert "ITEM_STUCK" in await house.timeline(booking_id)
        await house.later(timedelta(minutes=59))
        assert len(await house.operations("balance-unpaid@1")) == 1
        await house.later(timedelta(minutes=2))
        (item,) = await house.items(booking_id)
        assert (item.state, item.stuck) == ("CANCELLED", None)
        await judge(house)

    async def test_one_that_does_not_answer_is_seen_and_asked_again(self, house):
        booking_id = await on_deposit(house)
        house.fault("cancellations.create", "error_503", times=100)
        await until_due(house)
        await house.quiet(timedelta(minutes=30))
        (item,) = await house.items(booking_id)
        assert item.stuck is not None
        house.world.faults.remove()
        await house.later(timedelta(hours=2))
        await house.quiet()
        assert (await house.booking(booking_id)).state == "CANCELLED"
        await judge(house)
