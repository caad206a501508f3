"""What tour operators change by themselves: departures cancelled or moved, bookings given up; by both ledgers."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from app.aftersales.accept_change import AcceptWish, take_accept
from app.aftersales.carrier_changes import change_of
from app.booking.facts import offer_of
from app.domain import codec
from app.domain.aftersales import ChangeAction, RuleGround
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import CarrierRefused, WrongState
from app.domain.tours import day_begins
from app.reconcile.leftovers import leftovers
from app.store.aftersales_tables import CarrierChangeRow, DiscrepancyKind
from app.store.tables import EventRow, OperationState, PaymentRow
from tests.aftersales.selling import exchange, exchange_facts, quote_refund, refund, refund_facts
from tests.booking.house import viewer
from tests.booking.judge import judge
from tests.tours.changing import SOONER, WEEK_LATER, live_item, on_deposit, paid, quoted
from tests.tours.selling import OPEN, changes_answers, departure, happens_before, key, statuses


def give_up(house, kind="cancelled", **how):
    """The operator cancels or moves its only booking by itself."""
    (booking,) = house.tours.ledger()["bookings"]
    house.change_departure(kind, uuid=booking["uuid"], **how)


def happened(house, kind):
    """The operator gave up the booking, cancelled its departure or moved it by a week."""
    if kind == "gave up":
        give_up(house)
    elif kind == "cancelled":
        house.change_departure(**departure())
    else:
        house.change_departure("moved", **departure(), to=WEEK_LATER.isoformat())


async def looked_at(house, booking_id):
    """Move time to the next look at the booking's order, and look."""
    due = [item.check_order_at for item in await house.items(booking_id) if item.check_order_at]
    await house.later(min(due) - house.clock.now())


async def changes(house):
    return await house.rows(select(CarrierChangeRow).order_by(CarrierChangeRow.id))


async def states(house):
    return [row.state for row in await changes(house)]


async def accept(house, accept_key="a1"):
    """Accept the latest change."""
    row = (await changes(house))[-1]
    return await house.settled(await take_accept(house.desk, viewer(), accept_key, AcceptWish(change_id=row.id)))


async def taken(house):
    """What was taken and not given back."""
    rows = await house.rows(select(PaymentRow).where(PaymentRow.status == "CAPTURED"))
    return sum(row.amount_minor - row.refunded_minor for row in rows)


async def facts(house, kind):
    """The facts of the events of this kind, oldest first."""
    return await house.rows(select(EventRow.facts).where(EventRow.kind == kind).order_by(EventRow.id))


async def until_due(house, booking, before=timedelta()):
    """Move time to so long before the rest is due, and let come what is due then."""
    await house.later(booking.balance_due_at - before - house.clock.now())


class TestNobodyPaysTheRest:
    async def ended(self, house, booking):
        """Everything is given back, and nothing is called forfeit."""
        await house.quiet()
        after = await house.booking(booking.id)
        assert (after.state, after.kept_minor, after.balance_due_at) == ("CANCELLED", 0, None)
        assert await taken(house) == 0
        assert statuses(house) == ["CANCELLED"]
        assert "BALANCE_UNPAID" not in await house.timeline(booking.id)
        (told,) = await facts(house, "ITEM_CANCELLED")
        assert (told["reason"], codec.load(Money, told["back"]).minor) == ("CARRIER_CHANGED", booking.deposit_minor)
        await judge(house)

    async def test_a_booking_that_the_operator_gave_up_comes_back_whole(self, house):
        booking = await on_deposit(house)
        give_up(house)
        await until_due(house, booking)
        await self.ended(house, booking)

    async def test_so_it_does_where_the_operator_keeps_no_reasons(self, house):
        booking = await on_deposit(house)
        give_up(house)
        changes_answers(house, "", b'"reason":"Cancelled by the operator"', b'"reason":null')
        await until_due(house, booking)
        await self.ended(house, booking)

    async def test_a_departure_that_the_operator_cancelled_comes_back_whole(self, house):
        booking = await on_deposit(house)
        house.change_departure(**departure())
        await until_due(house, booking)
        await self.ended(house, booking)

    async def test_a_departure_that_was_moved_and_not_accepted_comes_back_whole(self, house):
        booking = await on_deposit(house)
        house.change_departure("moved", **departure(), to="2026-06-08")
        await until_due(house, booking)
        await self.ended(house, booking)

    async def test_so_does_what_it_gives_up_while_we_ask(self, house):
        booking = await on_deposit(house)
        happens_before(house, "/cancel", lambda: "CONFIRMED" in statuses(house) and give_up(house))
        await until_due(house, booking)
        await self.ended(house, booking)

    async def test_our_own_cancellation_that_came_late_forfeits_the_deposit(self, house):
        booking = await on_deposit(house)
        house.fault("bookings.cancel", "refused")
        await until_due(house, booking)
        assert statuses(house) == ["CONFIRMED"]
        (uuid,) = [each["uuid"] for each in house.tours.ledger()["bookings"]]
        call = Call(key="late", send_by=house.clock.now() + timedelta(minutes=1))
        await house.operator.cancel(uuid, call)
        await house.later(timedelta(hours=1, minutes=1))
        after = await house.booking(booking.id)
        assert (after.state, after.kept_minor, await taken(house)) == ("CANCELLED", *[booking.deposit_minor] * 2)
        assert "BALANCE_UNPAID" in await house.timeline(booking.id)
        await judge(house)


class TestNotice:
    async def test_a_booking_that_was_given_up_is_a_change_with_one_choice(self, house):
        booking = await paid(house)
        give_up(house)
        await looked_at(house, booking.id)
        (row,) = await changes(house)
        change = change_of(row)
        assert (row.state, row.deadline, change.cancelled) == ("OPEN", None, True)
        assert change.actions == (ChangeAction.REFUND,)
        assert (change.replaced.key, change.stay) == (key(OPEN), None)
        (told,) = await facts(house, "CARRIER_CHANGED")
        assert told["removed"] == ["Red Centre Explorer 2026-06-01"]
        assert (await house.booking(booking.id)).state == "TICKETED"
        await judge(house)

    async def test_nobody_pays_the_rest_of_what_was_given_up(self, house):
        booking = await on_deposit(house)
        give_up(house)
        await looked_at(house, booking.id)
        refusal = (await house.pay(booking.id, "p2")).refusal
        assert isinstance(refusal, WrongState)
        assert "for no fee" in refusal.message
        assert await taken(house) == booking.deposit_minor
        await judge(house)

    async def test_a_departure_that_was_cancelled_can_be_exchanged_too(self, house):
        booking = await paid(house)
        house.change_departure(**departure())
        await looked_at(house, booking.id)
        (row,) = await changes(house)
        assert set(change_of(row).actions) == {ChangeAction.REFUND, ChangeAction.EXCHANGE}
        assert change_of(row).cancelled
        await judge(house)

    async def test_a_departure_that_was_moved_can_be_accepted_until_it_leaves(self, house):
        booking = await paid(house)
        house.change_departure("moved", **departure(), to=WEEK_LATER.isoformat())
        await looked_at(house, booking.id)
        (row,) = await changes(house)
        change = change_of(row)
        assert set(change.actions) == set(ChangeAction)
        assert (change.replaced.key, change.stay.key) == (key(OPEN), key(WEEK_LATER))
        assert row.deadline == day_begins(WEEK_LATER, "Australia/Darwin")
        # Until it is answered the booking shows what was bought.
        assert offer_of((await house.items(booking.id))[0]).stay.key == key(OPEN)
        await judge(house)

    async def test_it_is_told_once_however_often_it_is_seen(self, house):
        booking = await paid(house)
        house.change_departure(**departure())
        for _ in range(3):
            await looked_at(house, booking.id)
        assert len(await facts(house, "CARRIER_CHANGED")) == 1
        assert await states(house) == ["OPEN"]

    async def test_a_second_move_takes_the_place_of_the_first(self, house):
        booking = await paid(house)
        for day in ("2026-06-08", "2026-06-15"):
            give_up(house, "moved", to=day)
            await looked_at(house, booking.id)
        assert await states(house) == ["SUPERSEDED", "OPEN"]
        await judge(house)

    async def test_what_is_moved_back_is_no_change_any_more(self, house):
        booking = await paid(house)
        for day in (WEEK_LATER, OPEN):
            give_up(house, "moved", to=day.isoformat())
            await looked_at(house, booking.id)
        assert await states(house) == ["SUPERSEDED"]

    async def test_a_move_that_nobody_answers_goes_as_it_is(self, house):
        booking = await paid(house)
        give_up(house, "moved", to=WEEK_LATER.isoformat())
        await looked_at(house, booking.id)
        await house.later((await changes(house))[0].deadline - house.clock.now())
        assert await states(house) == ["LAPSED"]
        assert offer_of((await house.items(booking.id))[0]).stay.key == key(WEEK_LATER)

    async def test_nothing_is_looked_at_once_it_has_left(self, house):
        booking = await paid(house)
        house.clock.advance(day_begins(OPEN, "Australia/Darwin") - house.clock.now())
        await house.runner.drain()
        assert (await house.items(booking.id))[0].check_order_at is None

    async def test_an_operator_that_does_not_answer_is_asked_again(self, house):
        booking = await paid(house)
        give_up(house)
        house.fault("bookings.get", "error_503", times=100)
        await looked_at(house, booking.id)
        await house.quiet(timedelta(hours=2))
        assert await changes(house) == []
        house.tours.faults.remove()
        await looked_at(house, booking.id)
        assert await states(house) == ["OPEN"]


class TestAnswers:
    @pytest.mark.parametrize("kind", ["gave up", "cancelled", "moved"])
    @pytest.mark.parametrize("bought", [paid, on_deposit])
    async def test_a_refund_gives_back_all_that_was_paid(self, house, bought, kind):
        booking = await bought(house)
        happened(house, kind)
        await looked_at(house, booking.id)
        was = await taken(house)
        quote = await quote_refund(house, booking.id)
        (part,) = (told := refund_facts(quote)).parts
        assert (told.paid.minor, told.fee.minor, told.back.minor) == (was, 0, was)
        assert (part.rule.ground, part.rule.fee.minor) == (RuleGround.CARRIER_CHANGED, 0)
        assert (await refund(house, quote)).state == OperationState.DONE
        after = await house.booking(booking.id)
        assert (after.state, after.kept_minor, await taken(house)) == ("REFUNDED", 0, 0)
        assert (await states(house), statuses(house)) == (["REFUNDED"], ["CANCELLED"])
        await judge(house)

    @pytest.mark.parametrize("kind", ["cancelled", "moved"])
    async def test_it_does_so_even_on_the_last_day(self, house, kind):
        booking = await paid(house)
        happened(house, kind)
        await house.later(day_begins(OPEN, "Australia/Darwin") - timedelta(hours=1) - house.clock.now())
        quote = await quote_refund(house, booking.id)
        assert refund_facts(quote).fee.minor == 0
        await refund(house, quote)
        assert await taken(house) == 0
        await judge(house)

    @pytest.mark.parametrize("kind", ["cancelled", "moved"])
    async def test_another_departure_costs_no_fee_and_is_no_change_any_more(self, house, kind):
        booking = await paid(house)
        happened(house, kind)
        await looked_at(house, booking.id)
        # Then an exchange would not be possible any more.
        house.clock.advance(day_begins(OPEN, "Australia/Darwin", before=10) - house.clock.now())
        quote = await quoted(house, booking.id, date(2026, 6, 15))
        assert exchange_facts(quote).fee.minor == 0
        assert (await exchange(house, quote)).state == OperationState.DONE
        await house.quiet()
        assert (await live_item(house, booking.id)).state == "TICKETED"
        assert await states(house) == ["EXCHANGED"]
        await judge(house)

    async def test_an_accepted_move_is_what_is_booked(self, house):
        booking = await on_deposit(house)
        give_up(house, "moved", to=WEEK_LATER.isoformat())
        await looked_at(house, booking.id)
        assert (await accept(house)).refusal is None
        (item,) = await house.items(booking.id)
        assert offer_of(item).stay.key == key(WEEK_LATER)
        # Whoever is on a tour on those nights is on two at once.
        assert item.flights.split()[0] == f"tour/{WEEK_LATER}"
        assert await states(house) == ["ACCEPTED"]
        after = await house.booking(booking.id)
        assert after.balance_due_at == booking.balance_due_at + timedelta(days=7)
        assert after.departs_at == day_begins(WEEK_LATER, "Australia/Darwin")
        await looked_at(house, booking.id)
        assert len(await facts(house, "CARRIER_CHANGED")) == 1
        quote = await quote_refund(house, booking.id)
        assert refund_facts(quote).parts[0].rule.ground == RuleGround.CANCELLATION_SCALE
        await judge(house)

    async def test_a_move_to_a_sooner_day_does_not_make_the_rest_due_sooner(self, house):
        booking = await on_deposit(house)
        give_up(house, "moved", to=SOONER.isoformat())
        await looked_at(house, booking.id)
        await accept(house)
        after = await house.booking(booking.id)
        assert (after.state, after.balance_due_at) == ("CONFIRMED", booking.balance_due_at)

    async def test_what_was_moved_once_more_is_not_accepted(self, house):
        booking = await paid(house)
        give_up(house, "moved", to=WEEK_LATER.isoformat())
        await looked_at(house, booking.id)
        give_up(house, "moved", to="2026-06-15")
        assert isinstance((await accept(house)).refusal, CarrierRefused)
        await house.runner.drain()
        assert await states(house) == ["SUPERSEDED", "OPEN"]
        assert (await accept(house, "a2")).refusal is None
        assert offer_of((await house.items(booking.id))[0]).stay.key == key(date(2026, 6, 15))
        await judge(house)

    async def test_what_was_cancelled_cannot_be_accepted(self, house):
        booking = await paid(house)
        house.change_departure(**departure())
        await looked_at(house, booking.id)
        assert isinstance((await accept(house)).refusal, WrongState)

    async def test_what_the_operator_disputes_is_given_back_and_seen(self, house):
        booking = await paid(house)
        give_up(house)
        changes_answers(house, "", b'"refund":"FULL"', b'"refund":"NONE"')
        await refund(house, await quote_refund(house, booking.id))
        (item,) = await house.items(booking.id)
        assert (item.state, await taken(house)) == ("REFUNDED", 0)
        assert "gives back NONE" in item.stuck
        (told,) = await facts(house, "ITEM_STUCK")
        assert told["reason"] == "REFUND_DISPUTED"


class TestWarning:
    async def test_nobody_is_asked_for_the_rest_of_what_was_cancelled(self, house):
        booking = await on_deposit(house)
        happened(house, "gave up")
        await until_due(house, booking, timedelta(days=7))
        assert await facts(house, "BALANCE_DUE_SOON") == []
        assert len(await facts(house, "CARRIER_CHANGED")) == 1

    async def test_the_rest_of_what_was_moved_is_asked_for(self, house):
        booking = await on_deposit(house)
        happened(house, "moved")
        await until_due(house, booking, timedelta(days=7))
        assert len(await facts(house, "BALANCE_DUE_SOON")) == 1
        assert len(await facts(house, "CARRIER_CHANGED")) == 1

    async def test_an_operator_that_does_not_answer_keeps_nobody_from_being_warned(self, house):
        booking = await on_deposit(house)
        house.fault("bookings.get", "error_503", times=100)
        await until_due(house, booking, timedelta(days=7))
        await house.quiet(timedelta(hours=2))
        assert len(await facts(house, "BALANCE_DUE_SOON")) == 1


class TestWhatTheOperatorSays:
    async def test_nothing_is_forfeit_where_it_gives_everything_back(self, house):
        booking = await on_deposit(house)
        changes_answers(house, "/cancel", b'"refund":"PARTIAL"', b'"refund":"FULL"')
        await until_due(house, booking)
        after = await house.booking(booking.id)
        assert (after.state, after.kept_minor, await taken(house)) == ("CANCELLED", 0, 0)
        (told,) = await facts(house, "ITEM_CANCELLED")
        assert told["reason"] == "CARRIER_CHANGED"
        await judge(house)

    async def test_a_forfeit_that_it_would_keep_all_of_is_seen(self, house):
        booking = await on_deposit(house)
        await house.pay(booking.id, "more", amount=Money(90000, "GBP"))
        changes_answers(house, "/cancel", b'"refund":"PARTIAL"', b'"refund":"NONE"')
        await until_due(house, booking)
        await self.disputed(house, booking, kept=105000)

    async def test_a_refund_that_it_does_not_give_is_seen(self, house):
        booking = await paid(house)
        quote = await quote_refund(house, booking.id)
        changes_answers(house, "/cancel", b'"refund":"PARTIAL"', b'"refund":"NONE"')
        await refund(house, quote)
        await self.disputed(house, booking, kept=booking.total_minor)

    async def disputed(self, house, booking, *, kept):
        """It is as the operator says, and a person has to ask why."""
        (item,) = await house.items(booking.id)
        assert (item.kept_minor, await taken(house)) == (kept, kept)
        assert "gives back NONE" in item.stuck
        (told,) = await facts(house, "ITEM_STUCK")
        assert told["reason"] == "REFUND_DISPUTED"
        found = await house.store.read(lambda session: leftovers(session, house.clock.now()))
        assert [each.kind for each in found] == [DiscrepancyKind.STUCK]
