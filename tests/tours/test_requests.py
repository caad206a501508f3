"""What is on request is asked for, and paid once the operator has accepted it; judged by the operator's ledger."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.booking.correct import CorrectWish, take_correct
from app.domain import codec
from app.domain.itinerary import Price
from app.domain.money import Money
from app.domain.partner import Partner
from app.domain.refusals import (
    NotBookable,
    NotCorrectable,
    OnRequestOnly,
    RequestPending,
    RequestRejected,
    SoldOut,
    WrongState,
)
from app.store.tables import EventRow, OperationState
from carriers.sandbox.exchange import Reply, encode
from tests.booking.house import CREDIT, House, viewer
from tests.booking.judge import judge
from tests.booking.scenes import guaranteed
from tests.tours.request_scenes import promise
from tests.tours.selling import (
    ASKED,
    CLOSED,
    OPEN,
    SHUT,
    answer,
    changes_answers,
    happens_before,
    looked_at,
    refused,
    request,
    statuses,
    stay,
    unanswered,
)

# When the sandbox's operators answer, and until when they say they do.
ANSWERED, ANSWER_BY = timedelta(hours=2), timedelta(hours=48)
MARGIN = timedelta(minutes=5)
HOLD = timedelta(hours=48)


@pytest.fixture
async def house():
    """The gateway below GraphQL over an airline's and a tour operator's world, with its partners let in."""
    return await House().open()


async def states(house, booking_id):
    """The booking's headline and its items'."""
    booking = await house.booking(booking_id)
    return booking.state, [item.state for item in await house.items(booking_id)]


async def requested(house, *more, **wish):
    """The id of a booking that waits for the operator."""
    outcome = await request(house, "r1", *more, **wish)
    assert outcome.refusal is None
    assert (await house.booking(outcome.booking_id)).state == "REQUESTED"
    return outcome.booking_id


async def test_what_is_on_request_is_asked_for_and_cannot_be_paid_yet(house):
    booking_id = await requested(house)
    item = (await house.items(booking_id))[0]
    assert (item.state, item.inventory_held, item.pay_by) == ("REQUESTED", False, None)
    assert item.answer_by == house.clock.now() + ANSWER_BY
    assert (await house.booking(booking_id)).pay_by is None
    assert await house.timeline(booking_id) == ["RESERVE_STARTED", "ITEM_REQUESTED"]
    paid = await house.pay(booking_id)
    assert isinstance(paid.refusal, RequestPending)
    assert paid.refusal.answer_by == item.answer_by
    assert "has not answered" in paid.refusal.message
    assert statuses(house) == ["PENDING"]
    await judge(house)


async def test_once_accepted_it_is_held_and_paid_as_anything_else(house):
    booking_id = await requested(house)
    await house.later(ANSWERED)
    booking, item = await house.booking(booking_id), (await house.items(booking_id))[0]
    assert (booking.state, item.state, item.inventory_held) == ("HELD", "HELD", True)
    assert booking.pay_by == item.pay_by - MARGIN == house.clock.now() + HOLD - MARGIN
    assert booking.deposit_minor is not None
    assert booking.balance_due_at is not None
    assert (await house.timeline(booking_id))[2:] == ["REQUEST_ACCEPTED", "BOOKING_HELD"]
    await house.pay(booking_id)
    assert await states(house, booking_id) == ("TICKETED", ["TICKETED"])
    assert statuses(house) == ["CONFIRMED"]
    await judge(house)


async def test_an_accepted_request_is_kept_for_longer_so_that_there_is_time_to_pay(house):
    booking_id = await requested(house)
    await looked_at(house, booking_id)
    answer(house, accept=True)
    await looked_at(house, booking_id)
    item = (await house.items(booking_id))[0]
    assert (item.state, item.pay_by) == ("HELD", house.clock.now() + HOLD)
    await judge(house)


async def test_a_partner_has_its_own_time_to_pay_from_the_acceptance_on(house):
    limit = timedelta(hours=1)
    await house.terms(Partner(id="pa_1", name="Acme Travel", currency="GBP", credit=CREDIT, payment_limit=limit))
    booking_id = await requested(house)
    # Longer than it would have had from its reservation on.
    await house.later(ANSWERED)
    booking = await house.booking(booking_id)
    assert (booking.state, booking.pay_by) == ("HELD", house.clock.now() + limit)
    assert not [asked for asked in house.tours_transport.sent if asked.url.endswith("/extend")]
    await house.later(limit)
    assert await states(house, booking_id) == ("EXPIRED", ["EXPIRED"])
    assert statuses(house) == ["CANCELLED"]
    await judge(house)


async def test_an_operator_that_keeps_it_no_longer_is_paid_by_its_own_limit(house):
    booking_id = await requested(house)
    answer(house, accept=True)
    house.fault("bookings.extend", "error_503", times=9)
    await looked_at(house, booking_id)
    await house.quiet()
    booking, item = await house.booking(booking_id), (await house.items(booking_id))[0]
    assert (booking.state, booking.pay_by) == ("HELD", item.pay_by - MARGIN)
    await judge(house)


async def test_where_the_operator_names_no_limit_there_is_one_all_the_same(house):
    booking_id = await requested(house)
    (item,) = await house.items(booking_id)
    changes_answers(house, item.order_ref, b"utcExpiresAt", b"somethingElse")
    answer(house, accept=True)
    await looked_at(house, booking_id)
    booking = await house.booking(booking_id)
    assert (booking.state, booking.pay_by) == ("HELD", house.clock.now() + HOLD)
    await house.later(HOLD)
    assert await states(house, booking_id) == ("EXPIRED", ["EXPIRED"])
    await judge(house)


async def test_an_acceptance_at_another_price_is_told_before_it_is_paid(house):
    booking_id = await requested(house)
    (item,), old = await house.items(booking_id), (await house.booking(booking_id)).total_minor
    asked = codec.load(Price, item.price).carrier_total.minor
    changes_answers(house, item.order_ref, str(asked).encode(), str(asked + 5000).encode())
    answer(house, accept=True)
    await looked_at(house, booking_id)
    (facts,) = [row.facts for row in await house.rows(select(EventRow).where(EventRow.kind == "PRICE_CHANGED"))]
    assert [codec.load(Money, facts[name]).minor for name in ("oldTotal", "newTotal")] == [old, old + 5000]
    assert (await house.booking(booking_id)).total_minor == old + 5000


async def test_an_acceptance_in_another_currency_is_told_and_let_go(house):
    booking_id = await requested(house, await stay(house))
    (item, _) = await house.items(booking_id)
    changes_answers(house, item.order_ref, b"GBP", b"EUR")
    answer(house, accept=True, uuid=item.order_ref)
    await looked_at(house, booking_id)
    assert await states(house, booking_id) == ("REJECTED", ["REJECTED", "REJECTED"])
    assert statuses(house) == ["CANCELLED", "CANCELLED"]
    (facts,) = [row.facts for row in await house.rows(select(EventRow).where(EventRow.kind == "PRICE_CHANGED"))]
    assert [codec.load(Money, facts[name]).currency for name in ("oldTotal", "newTotal")] == ["GBP", "EUR"]
    assert "REQUEST_ACCEPTED" not in await house.timeline(booking_id)


async def test_keeping_it_longer_changes_no_price(house):
    booking_id = await requested(house)
    changes_answers(house, "/extend", b"GBP", b"EUR")
    await looked_at(house, booking_id)
    answer(house, accept=True)
    await looked_at(house, booking_id)
    await house.quiet()
    (item,) = await house.items(booking_id)
    assert (item.state, item.pay_by) == ("HELD", house.clock.now() + HOLD)
    assert codec.load(Price, item.price).total.currency == "GBP"
    await judge(house)


async def test_what_the_operator_refuses_is_over(house):
    booking_id = await requested(house, passengers=(refused(),))
    await house.later(ANSWERED)
    assert await states(house, booking_id) == ("REJECTED", ["REJECTED"])
    assert (await house.timeline(booking_id))[2:] == ["REQUEST_REJECTED", "ITEM_REJECTED"]
    assert statuses(house) == ["REJECTED"]
    assert isinstance((await house.pay(booking_id)).refusal, WrongState)
    await judge(house)


async def test_what_the_operator_refuses_just_before_the_last_look_is_refused(house):
    booking_id = await requested(house, passengers=(unanswered(),))
    await house.later(ANSWER_BY - timedelta(seconds=1))
    answer(house, accept=False)
    await house.later(timedelta(seconds=1))
    assert await states(house, booking_id) == ("REJECTED", ["REJECTED"])
    assert (await house.timeline(booking_id))[2:] == ["REQUEST_REJECTED", "ITEM_REJECTED"]
    await judge(house)


async def test_what_is_refused_without_a_time_is_refused(house):
    booking_id = await requested(house, passengers=(unanswered(),))
    (item,) = await house.items(booking_id)
    changes_answers(house, item.order_ref, b"utcUpdatedAt", b"somethingElse")
    await house.later(ANSWER_BY)
    assert await states(house, booking_id) == ("REJECTED", ["REJECTED"])
    await judge(house)


async def test_what_nobody_answers_lapses(house):
    booking_id = await requested(house, passengers=(unanswered(),))
    await house.later(ANSWER_BY - timedelta(seconds=1))
    assert (await house.booking(booking_id)).state == "REQUESTED"
    await house.later(timedelta(seconds=1))
    assert await states(house, booking_id) == ("EXPIRED", ["EXPIRED"])
    assert (await house.timeline(booking_id))[2:] == ["REQUEST_LAPSED", "ITEM_EXPIRED"]
    assert isinstance((await house.pay(booking_id)).refusal, WrongState)
    await judge(house)


async def test_a_request_that_is_kept_open_beyond_its_time_is_withdrawn(house):
    booking_id = await requested(house, passengers=(unanswered(),))
    await promise(house, booking_id, timedelta(hours=1))
    await house.later(timedelta(hours=1))
    assert await states(house, booking_id) == ("EXPIRED", ["EXPIRED"])
    assert statuses(house) == ["CANCELLED"]
    await house.later(ANSWER_BY)
    assert statuses(house) == ["CANCELLED"]
    await judge(house)


async def test_an_acceptance_while_it_is_withdrawn_is_withdrawn_too(house):
    booking_id = await requested(house, passengers=(unanswered(),))
    await promise(house, booking_id, timedelta(hours=1))
    happens_before(house, "/cancel", lambda: answer(house, accept=True))
    await house.later(timedelta(hours=1))
    assert await states(house, booking_id) == ("EXPIRED", ["EXPIRED"])
    assert "REQUEST_ACCEPTED" not in await house.timeline(booking_id)
    assert statuses(house) == ["CANCELLED"]
    await judge(house)


async def test_an_acceptance_just_before_the_last_look_counts(house):
    booking_id = await requested(house, passengers=(unanswered(),))
    await promise(house, booking_id, timedelta(hours=1))
    answer(house, accept=True)
    await house.later(timedelta(hours=1))
    assert await states(house, booking_id) == ("HELD", ["HELD"])
    await judge(house)


async def test_looks_are_thinner_and_thinner_and_the_last_is_when_the_time_is_over(house):
    booking_id = await requested(house, passengers=(unanswered(),))
    await promise(house, booking_id, timedelta(minutes=100))
    began, minutes = house.clock.now(), []
    while (await house.booking(booking_id)).state == "REQUESTED":
        await looked_at(house, booking_id)
        minutes.append((house.clock.now() - began) // timedelta(minutes=1))
    assert minutes == [1, 3, 7, 15, 31, 61, 91, 100]


async def test_a_withdrawal_the_operator_refuses_is_tried_again(house):
    booking_id = await requested(house, await guaranteed(house), passengers=(unanswered(),))
    await promise(house, booking_id, timedelta(hours=1))
    handle = house.tours.handle
    house.tours.handle = lambda asked: unprocessable() if asked.path.endswith("/cancel") else handle(asked)
    await house.later(timedelta(hours=1))
    item = (await house.items(booking_id))[0]
    assert item.state == "REQUESTED"
    assert item.stuck
    assert house.orders("held") == []
    # Nothing of the booking is left that could be had with it.
    answer(house, accept=True)
    house.tours.handle = handle
    await looked_at(house, booking_id)
    assert await states(house, booking_id) == ("EXPIRED", ["EXPIRED", "EXPIRED"])
    assert statuses(house) == ["CANCELLED"]
    assert (await house.timeline(booking_id)).count("REQUEST_LAPSED") == 1
    await judge(house)


def unprocessable():
    return Reply(400, {}, encode({"error": "UNPROCESSABLE_ENTITY", "errorMessage": "not now"}))


async def test_a_client_withdraws_its_request(house):
    booking_id = await requested(house)
    assert (await house.cancel(booking_id)).refusal is None
    assert await states(house, booking_id) == ("CANCELLED", ["CANCELLED"])
    assert statuses(house) == ["CANCELLED"]
    await house.later(ANSWERED)
    assert await states(house, booking_id) == ("CANCELLED", ["CANCELLED"])
    await judge(house)


@pytest.mark.parametrize(("accept", "there"), [(True, "CANCELLED"), (False, "REJECTED")])
async def test_an_answer_that_was_not_heard_yet_stops_no_withdrawal(house, accept, there):
    booking_id = await requested(house)
    answer(house, accept=accept)
    assert (await house.cancel(booking_id)).refusal is None
    assert await states(house, booking_id) == ("CANCELLED", ["CANCELLED"])
    assert statuses(house) == [there]
    await judge(house)


async def test_an_operator_that_was_asked_lets_no_traveller_be_corrected(house):
    booking_id = await requested(house)
    traveller = next(iter((await house.items(booking_id))[0].passengers))
    wish = CorrectWish(booking_id=booking_id, traveller_id=traveller, changes={"email": "ada@example.com"})
    outcome = await house.settled(await take_correct(house.desk, viewer(), "u1", wish))
    assert isinstance(outcome.refusal, NotCorrectable)


async def test_a_flight_waits_with_the_request_and_is_paid_with_it(house):
    booking_id = await requested(house, await guaranteed(house))
    assert (await states(house, booking_id))[1] == ["REQUESTED", "HELD"]
    assert (await house.booking(booking_id)).pay_by == (await house.items(booking_id))[1].pay_by - MARGIN
    await house.later(ANSWERED)
    assert await states(house, booking_id) == ("HELD", ["HELD", "HELD"])
    booking, items = await house.booking(booking_id), await house.items(booking_id)
    assert booking.pay_by == min(item.pay_by for item in items) - MARGIN
    await house.pay(booking_id)
    assert await states(house, booking_id) == ("TICKETED", ["TICKETED", "TICKETED"])
    await judge(house)


async def test_a_refused_request_takes_the_flight_with_it(house):
    booking_id = await requested(house, await guaranteed(house), passengers=(refused(),))
    await house.later(ANSWERED)
    assert await states(house, booking_id) == ("REJECTED", ["REJECTED", "REJECTED"])
    assert house.orders("held") == []
    await judge(house)


async def test_a_request_goes_with_the_holds_that_cannot_wait_for_it(house):
    booking_id = await requested(house, await guaranteed(house), passengers=(unanswered(),))
    await looked_at(house, booking_id)
    pay_by = (await house.booking(booking_id)).pay_by
    assert pay_by < (await house.items(booking_id))[0].answer_by
    await house.later(pay_by - house.clock.now())
    assert await states(house, booking_id) == ("EXPIRED", ["EXPIRED", "EXPIRED"])
    assert (statuses(house), house.orders("held")) == (["CANCELLED"], [])
    await judge(house)


async def test_a_flight_that_is_gone_withdraws_the_request(house):
    house.fault("orders.create", "sold_out")
    outcome = await request(house, "r1", await guaranteed(house))
    assert isinstance(outcome.refusal, SoldOut)
    assert await states(house, outcome.booking_id) == ("REJECTED", ["REJECTED", "REJECTED"])
    assert statuses(house) == ["CANCELLED"]
    await judge(house)


async def test_of_several_requests_all_must_be_accepted(house):
    booking_id = await requested(house, await stay(house, ASKED + timedelta(days=7)))
    first = house.tours.ledger()["bookings"][0]["uuid"]
    answer(house, accept=True, uuid=first)
    await looked_at(house, booking_id)
    assert await states(house, booking_id) == ("REQUESTED", ["HELD", "REQUESTED"])
    assert isinstance((await house.pay(booking_id)).refusal, RequestPending)
    answer(house, accept=False)
    await looked_at(house, booking_id)
    assert await states(house, booking_id) == ("REJECTED", ["REJECTED", "REJECTED"])
    assert statuses(house) == ["CANCELLED", "REJECTED"]
    await judge(house)


async def test_the_first_of_several_accepted_is_kept_while_the_others_are_waited_for(house):
    booking_id = await requested(house, await stay(house, ASKED + timedelta(days=7)))
    await house.later(ANSWERED)
    booking = await house.booking(booking_id)
    assert await states(house, booking_id) == ("HELD", ["HELD", "HELD"])
    assert booking.pay_by == min(item.pay_by for item in await house.items(booking_id)) - MARGIN
    assert (await house.timeline(booking_id)).count("BOOKING_HELD") == 1
    await judge(house)


async def test_a_request_is_made_once_for_one_key(house):
    offer = await stay(house, ASKED)
    token = house.token(offer)
    first, again = [await house.reserve_tokens("r1", token) for _ in range(2)]
    assert first == again
    assert statuses(house) == ["PENDING"]
    await judge(house)


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        ("bookings.create", "lost_reply"),
        ("bookings.create", "late_effect"),
        ("bookings.create", "error_503"),
        ("bookings.get", "lost_reply"),
        ("bookings.extend", "lost_reply"),
        ("bookings.extend", "late_effect"),
        ("bookings.extend", "error_500"),
    ],
)
async def test_an_accepted_request_survives_a_lost_answer_at_each_step(house, endpoint, kind):
    house.fault(endpoint, kind)
    outcome = await request(house)
    await house.quiet()
    answer(house, accept=True)
    await looked_at(house, outcome.booking_id)
    await house.quiet()
    if (await house.booking(outcome.booking_id)).state == "REQUESTED":
        await looked_at(house, outcome.booking_id)
    assert await states(house, outcome.booking_id) == ("HELD", ["HELD"])
    assert statuses(house) == ["ON_HOLD"]
    await judge(house)


@pytest.mark.parametrize("kind", ["lost_reply", "late_effect", "error_503"])
async def test_a_request_is_withdrawn_whatever_is_lost(house, kind):
    booking_id = await requested(house, passengers=(unanswered(),))
    await promise(house, booking_id, timedelta(hours=1))
    house.fault("bookings.cancel", kind, times=2)
    await house.later(timedelta(hours=1))
    await house.quiet()
    assert await states(house, booking_id) == ("EXPIRED", ["EXPIRED"])
    assert statuses(house) == ["CANCELLED"]
    await judge(house)


async def test_an_answer_that_came_while_ours_was_lost_counts(house):
    house.fault("bookings.create", "lost_reply")
    outcome = await request(house)
    assert outcome.state == OperationState.OPEN
    answer(house, accept=False)
    await house.quiet()
    outcome = await house.desk.outcome(outcome.operation_id)
    assert isinstance(outcome.refusal, RequestRejected)
    assert await states(house, outcome.booking_id) == ("REJECTED", ["REJECTED"])
    assert statuses(house) == ["REJECTED"]
    await judge(house)


async def test_an_operator_that_cannot_be_reached_is_asked_later(house):
    booking_id = await requested(house)
    house.fault("bookings.get", "error_503", times=40)
    await looked_at(house, booking_id)
    await house.quiet()
    assert (await house.booking(booking_id)).state == "REQUESTED"
    item = (await house.items(booking_id))[0]
    assert (item.request_checks, item.stuck) == (1, None)
    house.tours.faults.remove()
    await house.later(ANSWERED)
    assert await states(house, booking_id) == ("HELD", ["HELD"])
    await judge(house)


@pytest.mark.parametrize("day", [CLOSED, SHUT])
async def test_what_cannot_be_booked_is_refused_and_leaves_nothing_behind(house, day):
    outcome = await house.reserve("r1", await stay(house, day), await guaranteed(house))
    assert isinstance(outcome.refusal, NotBookable)
    assert outcome.refusal.status == "CLOSED"
    assert await states(house, outcome.booking_id) == ("REJECTED", ["REJECTED", "REJECTED"])
    assert (statuses(house), house.orders()) == ([], [])
    await judge(house)


async def test_what_takes_no_requests_is_refused_with_whom_to_ask(house):
    offer = await stay(house, ASKED)
    changes_answers(house, "/departures/availability", b'"takesRequests":true', b'"takesRequests":false')
    outcome = await house.reserve("r1", offer)
    assert isinstance(outcome.refusal, OnRequestOnly)
    assert (outcome.refusal.company.region, outcome.refusal.company.operator) == ("UK", "aatkings")
    assert outcome.refusal.company.contact.email
    assert await states(house, outcome.booking_id) == ("REJECTED", ["REJECTED"])
    assert statuses(house) == []
    await judge(house)


async def test_what_is_free_is_held_at_once(house):
    outcome = await house.reserve("r1", await stay(house, OPEN))
    assert await states(house, outcome.booking_id) == ("HELD", ["HELD"])
    assert statuses(house) == ["ON_HOLD"]
    await judge(house)
