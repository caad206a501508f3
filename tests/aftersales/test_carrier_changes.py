"""Flights that the carrier moves or cancels: heard of or found, told once, and followed to their end."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from app.aftersales.accept_change import AcceptWish, take_accept
from app.aftersales.carrier_changes import change_of
from app.aftersales.paid_changes import OnAccount
from app.booking.facts import offer_of
from app.booking.hear import hear
from app.domain.aftersales import ChangeAction
from app.domain.itinerary import PassengerType
from app.domain.refusals import NotFound, WrongState
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.store.aftersales_tables import CarrierChangeRow
from app.store.tables import EventRow, InboxRow, OperationState
from carriers.sandbox.duffel import booking, cancellations
from carriers.sandbox.duffel.core import Call
from tests.aftersales.selling import exchange, exchange_facts, quote_exchange, quote_refund, refund, refund_facts
from tests.booking.house import OTHER, TRAVEL_DAY, viewer
from tests.booking.judge import judge
from tests.booking.scenes import STANDARD, guaranteed

LOOK = "look-at-order@1"
HOUR = timedelta(hours=1)
BACK = date(2026, 6, 10)


@pytest.fixture
async def booking_id(house):
    """A paid booking whose carrier tells us of its changes; past the time in which anything is free."""
    house.listen()
    booking_id = (await house.reserve("r1", await guaranteed(house, STANDARD))).booking_id
    assert (await house.pay(booking_id)).state == OperationState.DONE
    await house.later(timedelta(hours=25))
    await house.deliver()
    return booking_id


async def item_of(house, booking_id):
    return (await house.items(booking_id))[0]


async def change(house, booking_id, kind="moved", **how):
    """The carrier changes the flight, tells of it, and everything comes to rest."""
    house.change_flight((await item_of(house, booking_id)).order_reference, kind, **how)
    await house.deliver()
    await house.later(timedelta())


async def changes(house):
    return await house.rows(select(CarrierChangeRow).order_by(CarrierChangeRow.id))


async def states(house):
    return [row.state for row in await changes(house)]


async def departs(house, booking_id):
    return offer_of(await item_of(house, booking_id)).departs_at


async def accept(house, row, key="a1", who=None):
    return await house.settled(await take_accept(house.desk, who or viewer(), key, AcceptWish(change_id=row.id)))


def accepted(house):
    return [each["action_taken"] for each in house.world.ledger()["airline_changes"]]


async def told(house, booking_id):
    known = {"CARRIER_CHANGED", "CHANGE_ACCEPTED"}
    return [kind for kind in await house.timeline(booking_id) if kind in known]


class TestHearing:
    async def test_a_move_is_shown_with_its_choices_and_its_end(self, house, booking_id):
        before = await house.booking(booking_id)
        was = await departs(house, booking_id)
        await change(house, booking_id, minutes=90)
        (row,) = await changes(house)
        facts = change_of(row)
        assert (row.state, row.deadline, set(facts.actions)) == ("OPEN", was + timedelta(minutes=90), set(ChangeAction))
        assert [journey.departs_at for journey in (*facts.removed, *facts.added)] == [was, row.deadline]
        # Until it is answered the booking shows what was bought; whatever was quoted before holds no more.
        assert await departs(house, booking_id) == was
        assert (await house.booking(booking_id)).version > before.version
        assert await told(house, booking_id) == ["CARRIER_CHANGED"]

    async def test_the_timeline_tells_the_flights(self, house, booking_id):
        await change(house, booking_id, "cancelled")
        (event,) = await house.rows(select(EventRow).where(EventRow.kind == "CARRIER_CHANGED"))
        (row,) = await changes(house)
        assert event.item_id == row.item_id
        assert event.facts.keys() == {"change", "state", "deadline", "removed"}
        assert (event.facts["change"], event.facts["state"]) == (row.id, "OPEN")
        assert event.facts["removed"][0].endswith((await departs(house, booking_id)).isoformat())

    async def test_the_same_webhook_a_hundred_times_is_one_change(self, house, booking_id):
        house.change_flight((await item_of(house, booking_id)).order_reference)
        (message,) = house.world.pending_webhooks()
        for _ in range(100):
            await hear(house.desk, "duffel", message.headers, message.body)
            await house.later(timedelta())
        assert await states(house) == ["OPEN"]
        assert await told(house, booking_id) == ["CARRIER_CHANGED"]
        assert len(await house.operations(LOOK)) <= 2

    async def test_an_old_webhook_after_a_new_one_changes_nothing(self, house, booking_id):
        reference = (await item_of(house, booking_id)).order_reference
        house.change_flight(reference, minutes=90)
        (first,) = house.world.pending_webhooks()
        house.world.webhook_delivered(first.delivery_id, 500)
        house.clock.advance(timedelta(seconds=1))
        house.change_flight(reference, minutes=15)
        (second,) = [each for each in house.world.pending_webhooks() if each.delivery_id != first.delivery_id]
        for message in (second, first):
            await hear(house.desk, "duffel", message.headers, message.body)
            await house.later(timedelta())
        assert await states(house) == ["SUPERSEDED", "OPEN"]
        assert await told(house, booking_id) == ["CARRIER_CHANGED", "CARRIER_CHANGED"]

    async def test_a_webhook_before_our_own_record_is_not_lost(self, house):
        house.listen()
        outcome = await house.reserve("r1", await guaranteed(house, STANDARD))
        house.fault("payments.create", "lost_reply")
        await house.pay(outcome.booking_id)
        house.change_flight(house.orders()[0]["booking_reference"])
        await house.deliver()
        assert await house.rows(select(InboxRow.kind).where(InboxRow.kind == "ORDER_CHANGED"))
        await house.quiet()
        assert await states(house) == ["OPEN"]

    async def test_a_hold_that_was_changed_cannot_be_paid(self, house):
        house.listen()
        outcome = await house.reserve("r1", await guaranteed(house, STANDARD))
        await change(house, outcome.booking_id)
        paid = await house.pay(outcome.booking_id)
        assert (paid.refusal.code, paid.refusal.reason) == ("CARRIER_REFUSED", "schedule_changed")
        assert (await house.booking(outcome.booking_id)).state == "CANCELLED"
        await judge(house)


class TestLooking:
    async def test_finds_what_no_webhook_told(self, house, booking_id):
        house.change_flight((await item_of(house, booking_id)).order_reference)
        await house.later((await item_of(house, booking_id)).check_order_at - house.clock.now())
        assert await states(house) == ["OPEN"]

    async def test_gets_denser_towards_departure_and_stops_after_it(self, house, booking_id):
        leaves, pauses = await departs(house, booking_id), []
        while (at := (await item_of(house, booking_id)).check_order_at) is not None:
            pauses.append(at - house.clock.now())
            await house.later(at - house.clock.now())
        # The first began before the fixture's day.
        assert pauses[1] == timedelta(days=2) and pauses[-1] == HOUR
        assert pauses[1:] == sorted(pauses[1:], reverse=True)
        assert leaves - HOUR < house.clock.now() < leaves + HOUR
        assert len(pauses) < 80

    async def test_a_carrier_that_cannot_be_reached_is_looked_at_again(self, house, booking_id):
        house.change_flight((await item_of(house, booking_id)).order_reference)
        house.fault("airline_changes.list", "error_503", times=None)
        await house.deliver()
        await house.quiet()
        assert (await changes(house), (await house.operations(LOOK))[-1].state) == ([], "DONE")
        house.world.faults.remove()
        await house.later((await item_of(house, booking_id)).check_order_at - house.clock.now())
        assert await states(house) == ["OPEN"]

    async def test_a_carrier_that_tells_no_changes_is_left_alone(self, house):
        house.overrides = {"abilities": ["SEARCH", "HOLD", "BUY", "CANCEL", "WEBHOOKS"]}
        house.compose()
        booking_id = (await house.reserve("r1", await guaranteed(house, STANDARD))).booking_id
        await house.pay(booking_id)
        assert (await item_of(house, booking_id)).check_order_at is None

    async def test_an_order_that_was_cancelled_elsewhere_is_left_to_the_comparison_of_records(self, house, booking_id):
        was = await item_of(house, booking_id)
        cancel(house, was.order_ref)
        await house.later(was.check_order_at - house.clock.now())
        now = await item_of(house, booking_id)
        assert (now.state, now.offer, await changes(house)) == (was.state, was.offer, [])

    async def test_another_schedule_without_a_word_is_shown_and_told(self, house, booking_id):
        was = await departs(house, booking_id)
        house.change_flight((await item_of(house, booking_id)).order_reference, minutes=20)
        house.world._core.facts.airline_changes.clear()
        await house.deliver()
        await house.later(timedelta())
        assert await departs(house, booking_id) == was + timedelta(minutes=20)
        assert (await house.booking(booking_id)).departs_at == was + timedelta(minutes=20)
        assert await told(house, booking_id) == ["CARRIER_CHANGED"]


class TestAccepting:
    async def test_shows_what_is_flown_now(self, house, booking_id):
        await change(house, booking_id, minutes=24 * 60)
        (row,) = await changes(house)
        assert (await accept(house, row)).state == OperationState.DONE
        item = await item_of(house, booking_id)
        assert (await states(house), accepted(house)) == (["ACCEPTED"], ["accepted"])
        assert offer_of(item).departs_at == (await house.booking(booking_id)).departs_at == row.deadline
        assert f"/{row.deadline:%Y-%m-%d}" in item.flights
        assert await told(house, booking_id) == ["CARRIER_CHANGED", "CHANGE_ACCEPTED"]
        await judge(house)

    async def test_twice_is_refused_with_its_state(self, house, booking_id):
        await change(house, booking_id)
        (row,) = await changes(house)
        await accept(house, row)
        again = await accept(house, row, "a2")
        assert isinstance(again.refusal, WrongState) and again.refusal.state == "ACCEPTED"
        assert accepted(house) == ["accepted"]

    async def test_one_of_another_partner_or_of_nobody_is_not_found(self, house, booking_id):
        await change(house, booking_id)
        (row,) = await changes(house)
        with pytest.raises(NotFound):
            await accept(house, row, who=viewer(OTHER))
        with pytest.raises(NotFound):
            await take_accept(house.desk, viewer(), "a1", AcceptWish(change_id="cc_nobody"))

    async def test_a_cancelled_flight_cannot_be_accepted(self, house, booking_id):
        await change(house, booking_id, "cancelled")
        (row,) = await changes(house)
        refused = await accept(house, row)
        assert isinstance(refused.refusal, WrongState) and refused.refusal.state == "OPEN"

    async def test_too_late_is_refused(self, house, booking_id):
        await change(house, booking_id)
        (row,) = await changes(house)
        house.clock.advance(row.deadline - house.clock.now())
        refused = await accept(house, row)
        assert isinstance(refused.refusal, WrongState) and refused.refusal.state == "LAPSED"

    async def test_what_another_has_followed_meanwhile_is_refused_and_looked_at(self, house, booking_id):
        await change(house, booking_id)
        (row,) = await changes(house)
        house.clock.advance(timedelta(seconds=1))
        house.change_flight((await item_of(house, booking_id)).order_reference, minutes=15)
        refused = await accept(house, row)
        assert (refused.refusal.code, refused.refusal.reason) == (
            "CARRIER_REFUSED",
            "stale_airline_initiated_change_accept",
        )
        assert await states(house) == ["SUPERSEDED", "OPEN"]

    @pytest.mark.parametrize("kind", ["lost_reply", "late_effect", "error_500", "error_503"])
    async def test_is_done_once_whatever_happens_to_the_answer(self, house, booking_id, kind):
        await change(house, booking_id)
        (row,) = await changes(house)
        house.fault("airline_changes.accept", kind)
        await accept(house, row)
        await house.quiet()
        assert (await states(house), accepted(house)) == (["ACCEPTED"], ["accepted"])
        assert await told(house, booking_id) == ["CARRIER_CHANGED", "CHANGE_ACCEPTED"]

    async def test_a_carrier_that_cannot_be_reached_leaves_it_open(self, house, booking_id):
        await change(house, booking_id)
        (row,) = await changes(house)
        house.fault("airline_changes.accept", "error_503", times=None)
        outcome = await accept(house, row)
        await house.quiet()
        outcome = await house.desk.outcome(outcome.operation_id)
        assert (outcome.refusal.code, await states(house)) == ("CARRIER_UNAVAILABLE", ["OPEN"])


class TestEnding:
    async def test_a_move_that_nobody_answers_lapses_when_it_leaves(self, house, booking_id):
        await change(house, booking_id, minutes=90)
        (row,) = await changes(house)
        await after(house, row.deadline)
        assert await states(house) == ["LAPSED"]
        assert await departs(house, booking_id) == row.deadline
        assert await told(house, booking_id) == ["CARRIER_CHANGED", "CARRIER_CHANGED"]

    async def test_a_cancelled_flight_that_nobody_answers_can_still_be_refunded_whole(self, house, booking_id):
        await change(house, booking_id, "cancelled")
        (row,) = await changes(house)
        await after(house, row.deadline)
        assert await states(house) == ["LAPSED"]
        total = (await house.booking(booking_id)).total_minor
        assert refund_facts(await quote_refund(house, booking_id)).back.minor == total

    async def test_accepted_elsewhere_is_followed(self, house, booking_id):
        await change(house, booking_id)
        (row,) = await changes(house)
        core = house.world._core
        (made,) = core.facts.airline_changes.values()
        made.action_taken = "accepted"
        await house.later((await item_of(house, booking_id)).check_order_at - house.clock.now())
        assert await states(house) == ["ACCEPTED"]
        assert await departs(house, booking_id) == row.deadline
        assert await told(house, booking_id) == ["CARRIER_CHANGED", "CHANGE_ACCEPTED"]

    @pytest.mark.parametrize("kind", ["moved", "cancelled"])
    async def test_a_refund_gives_all_back_and_settles_it(self, house, booking_id, kind):
        await change(house, booking_id, kind)
        quote = await quote_refund(house, booking_id)
        facts = refund_facts(quote)
        assert (facts.fee.minor, facts.parts[0].rule.ground) == (0, "CARRIER_CHANGED")
        assert (await refund(house, quote)).state == OperationState.DONE
        assert await states(house) == ["REFUNDED"]
        assert accepted(house) == ["cancelled"]
        assert (await house.booking(booking_id)).state == "REFUNDED"
        await judge(house)

    async def test_a_quote_made_before_it_does_not_hold(self, house, booking_id):
        quote = await quote_refund(house, booking_id)
        await change(house, booking_id)
        assert (await refund(house, quote)).refusal.code == "QUOTE_EXPIRED"


async def there_and_back(house):
    """An offer of two journeys that can be held at its price."""
    legs = (Leg(origin="LHR", destination="CDG", date=TRAVEL_DAY), Leg(origin="CDG", destination="LHR", date=BACK))
    query = SearchQuery(legs=legs, passengers=(SeatRequest(type=PassengerType.ADULT),))
    found = await house.carrier.search(query, deadline=timedelta(seconds=20))
    return [offer for offer in found.offers if offer.owner.code == "BA"][STANDARD]


async def after(house, instant):
    """An hour after the instant, with whatever is due by then."""
    await house.later(instant + HOUR - house.clock.now())


def cancel(house, order):
    """Somebody cancels the order at the carrier, past us."""
    core = house.world._core
    quote = cancellations.create_cancellation(core, Call(data={"order_id": order})).data
    booking.cancel(core, core.facts.orders[order], core.facts.cancellations[quote["id"]])


class TestExchanging:
    async def test_costs_no_fee_and_settles_the_change(self, house, booking_id):
        await change(house, booking_id, "cancelled")
        found = await quote_exchange(house, booking_id)
        assert {exchange_facts(quote).fee.minor for quote in found} == {0}
        quote = next(quote for quote in found if exchange_facts(quote).balance.minor > 0)
        assert (await exchange(house, quote, OnAccount())).state == OperationState.DONE
        assert (await states(house), accepted(house)) == (["EXCHANGED"], ["changed"])
        _, new = await house.items(booking_id)
        assert new.check_order_at > house.clock.now()
        # The carrier still lists it, of the same order.
        await house.later(new.check_order_at - house.clock.now())
        assert await states(house) == ["EXCHANGED"]
        await judge(house)

    async def test_of_another_journey_leaves_the_change_to_the_new_item(self, house):
        house.listen()
        offer = await there_and_back(house)
        booking_id = (await house.reserve("r1", offer)).booking_id
        await house.pay(booking_id)
        await change(house, booking_id, minutes=30)
        found = await quote_exchange(house, booking_id, date(2026, 6, 12), only=1)
        quote = next(quote for quote in found if exchange_facts(quote).balance.minor > 0)
        assert (await exchange(house, quote, OnAccount())).state == OperationState.DONE
        (row,) = await changes(house)
        old, new = await house.items(booking_id)
        assert (row.state, row.item_id, new.replaces) == ("OPEN", new.id, old.id)
        assert (await accept(house, row)).state == OperationState.DONE
        assert offer_of((await house.items(booking_id))[1]).departs_at == row.deadline
        await judge(house)
