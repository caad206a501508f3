"""Reserve: held, refused, in trouble or unknown; by every way the carrier can answer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.refusals import (
    CarrierRefused,
    CarrierUnavailable,
    InvalidInput,
    OfferExpired,
    OfferInvalid,
    PriceChanged,
    SoldOut,
)
from app.domain.travellers import Gender
from app.store.tables import EventRow, InboxRow, OperationState, StepRow
from tests.booking.house import OTHER, passenger, viewer
from tests.booking.judge import judge
from tests.booking.scenes import floating, guaranteed, instant

LOST = [
    {"kind": "lost_reply"},
    {"kind": "late_effect"},
    {"kind": "time_out_before"},
    {"kind": "error_500"},
    {"kind": "error_500", "effect": True},
    {"kind": "unclear_502"},
    {"kind": "unclear_502", "effect": True},
    {"kind": "accepted_202_created"},
    {"kind": "accepted_202_created", "seconds": 1500},
    {"kind": "slow", "seconds": 200},
]
TROUBLES = [{"kind": "error_503"}, {"kind": "error_503", "times": 3}, {"kind": "rate_limited", "seconds": 60}]
REFUSALS = [("sold_out", SoldOut), ("order_not_created", CarrierRefused), ("price_changed", PriceChanged)]


async def test_a_hold_is_held(house):
    outcome = await house.reserve()
    assert outcome.state == OperationState.DONE
    item = (await house.items(outcome.booking_id))[0]
    order = house.orders("held")[0]
    assert (item.state, item.inventory_held) == ("HELD", True)
    assert (item.order_ref, item.order_reference) == (order["order_id"], order["booking_reference"])
    assert await house.timeline(outcome.booking_id) == ["RESERVE_STARTED", "ITEM_HELD", "BOOKING_HELD"]
    assert house.world.ledger()["charges"] == []
    await judge(house)


@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_a_lost_answer_is_never_a_failure_and_never_a_second_hold(house, fault):
    house.fault("orders.create", **fault)
    outcome = await house.reserve()
    assert (outcome.state, outcome.refusal) == (OperationState.OPEN, None)
    await house.quiet()
    outcome = await house.desk.outcome(outcome.operation_id)
    assert outcome.state == OperationState.DONE
    assert len(house.orders("held")) == 1
    assert len(house.orders()) == 1
    await judge(house)


@pytest.mark.parametrize("fault", TROUBLES, ids=str)
async def test_troubles_are_waited_out(house, fault):
    house.fault("orders.create", **fault)
    outcome = await house.reserve()
    assert outcome.state == OperationState.OPEN
    await house.quiet()
    assert (await house.desk.outcome(outcome.operation_id)).state == OperationState.DONE
    await judge(house)


@pytest.mark.parametrize("endpoint", ["offers.get", "orders.create"])
async def test_lasting_trouble_is_told_after_a_few_tries(house, endpoint):
    house.fault(endpoint, "error_503", times=None)
    opened = await house.reserve()
    await house.quiet()
    outcome = await house.desk.outcome(opened.operation_id)
    assert isinstance(outcome.refusal, CarrierUnavailable)
    assert (await house.booking(outcome.booking_id)).state == "REJECTED"
    assert house.orders() == []
    await judge(house)


@pytest.mark.parametrize(("kind", "refusal"), REFUSALS)
async def test_a_refusal_is_told_and_nothing_remains(house, kind, refusal):
    house.fault("orders.create", kind)
    outcome = await house.reserve()
    assert isinstance(outcome.refusal, refusal)
    assert outcome.state == OperationState.REFUSED
    assert (await house.booking(outcome.booking_id)).state == "REJECTED"
    assert (await house.timeline(outcome.booking_id))[-1] == "ITEM_REJECTED"
    assert house.orders() == []
    await judge(house)


async def test_a_lost_answer_that_was_a_refusal_is_told_when_asked_again(house):
    house.fault("orders.create", "time_out_before")
    house.fault("orders.create", "sold_out")
    opened = await house.reserve()
    await house.quiet()
    assert isinstance((await house.desk.outcome(opened.operation_id)).refusal, SoldOut)
    await judge(house)


async def test_an_order_that_failed_later_is_refused_as_soon_as_the_carrier_tells(house):
    house.listen()
    house.fault("orders.create", "accepted_202_failed", seconds=60)
    opened = await house.reserve()
    house.clock.advance(timedelta(seconds=61))
    assert await house.deliver() == 1
    await house.runner.drain()
    outcome = await house.desk.outcome(opened.operation_id)
    assert isinstance(outcome.refusal, CarrierRefused)
    assert outcome.refusal.reason == "order_creation_failed"
    await judge(house)


async def test_an_order_that_failed_later_is_given_up_without_being_told(house):
    house.fault("orders.create", "accepted_202_failed", seconds=60)
    opened = await house.reserve()
    await house.quiet()
    outcome = await house.desk.outcome(opened.operation_id)
    assert isinstance(outcome.refusal, OfferExpired)
    assert house.orders() == []
    await judge(house)


async def test_an_event_is_kept_once_however_often_it_comes(house):
    house.listen()
    await house.reserve()
    message = house.world.pending_webhooks()[0]
    assert await house.deliver() == 1
    house.world._core.facts.deliveries[message.delivery_id].done = False
    house.world._core.facts.deliveries[message.delivery_id].next_at = house.clock.now()
    assert await house.deliver() == 0
    assert len(await house.rows(select(InboxRow))) == 1
    await judge(house)


async def test_an_offer_that_is_gone_is_told_before_anything_is_held(house):
    house.fault("offers.get", "sold_out")
    outcome = await house.reserve()
    assert isinstance(outcome.refusal, SoldOut)
    assert [step.name for step in await house.rows(select(StepRow))] == ["check", "release"]
    await judge(house)


async def test_what_cannot_be_held_is_priced_anew_and_says_so(house):
    outcome = await house.reserve("r1", await instant(house))
    item = (await house.items(outcome.booking_id))[0]
    assert (item.state, item.inventory_held, item.order_ref) == ("HELD", False, None)
    event = (await house.rows(select(EventRow).where(EventRow.kind == "ITEM_PRICED")))[0]
    assert event.facts == {"inventoryHeld": False}
    assert house.orders() == []
    await judge(house)


async def test_two_offers_are_held_together(house):
    outcome = await house.reserve("r1", await floating(house), await instant(house))
    assert [item.inventory_held for item in await house.items(outcome.booking_id)] == [True, False]
    both = await house.reserve("r2", await floating(house, 0), await floating(house, 1))
    assert [item.state for item in await house.items(both.booking_id)] == ["HELD", "HELD"]
    await judge(house)


@pytest.mark.parametrize("kind", ["sold_out", "order_not_created"])
async def test_when_one_is_refused_the_other_is_given_back(house, kind):
    offers = await floating(house, 0), await floating(house, 1)
    house.fault("orders.create", "slow", seconds=0)
    house.fault("orders.create", kind)
    outcome = await house.reserve("r1", *offers)
    assert outcome.refusal is not None
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    assert [item.state for item in await house.items(outcome.booking_id)] == ["REJECTED", "REJECTED"]
    await judge(house)


async def test_an_unknown_sibling_is_waited_for_before_anything_is_given_back(house):
    offers = await floating(house, 0), await floating(house, 1)
    house.fault("orders.create", "lost_reply")
    house.fault("orders.create", "sold_out")
    opened = await house.reserve("r1", *offers)
    assert opened.state == OperationState.OPEN
    assert [order["state"] for order in house.orders()] == ["held"]
    await house.quiet()
    assert isinstance((await house.desk.outcome(opened.operation_id)).refusal, SoldOut)
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    await judge(house)


async def test_a_refused_undo_marks_its_item_while_the_others_go_on(house):
    offers = await floating(house, 0), await floating(house, 1), await guaranteed_in_euros(house)
    house.fault("orders.create", "slow", seconds=0)
    house.fault("orders.create", "slow", seconds=0)
    house.fault("orders.create", "order_not_created")
    house.declines("/air/order_cancellations", "order_not_cancellable")
    outcome = await house.reserve("r1", *offers)
    assert isinstance(outcome.refusal, CarrierRefused)
    first, second, third = await house.items(outcome.booking_id)
    assert first.state == "HELD" and first.stuck
    assert (second.state, third.state) == ("REJECTED", "REJECTED")
    await judge(house)


async def guaranteed_in_euros(house):
    return next(offer for offer in await house.offers("LHR", "CDG") if offer.owner.code == "LH")


async def test_offers_of_two_currencies_make_no_booking(house):
    with pytest.raises(InvalidInput) as caught:
        await house.reserve("r1", await floating(house), await guaranteed(house))
    assert caught.value.path == ("input", "offers")


async def test_one_offer_twice_is_a_slip(house):
    offer = await guaranteed(house)
    with pytest.raises(InvalidInput) as caught:
        await house.reserve("r1", offer, offer)
    assert caught.value.path == ("input", "offers", "1")


@pytest.mark.parametrize("count", [0, 5])
async def test_a_booking_takes_one_to_four_offers(house, count):
    offers = (await house.offers())[:count]
    with pytest.raises(InvalidInput):
        await house.reserve_tokens("r1", *map(house.token, offers))


async def test_a_tampered_and_a_foreign_offer_are_invalid(house):
    token = house.token(await guaranteed(house))
    with pytest.raises(OfferInvalid) as caught:
        await house.reserve_tokens("r1", token[:-2] + "xx")
    assert caught.value.path == ("input", "offers", "0")
    with pytest.raises(OfferInvalid):
        await house.reserve_tokens("r1", token, viewer=viewer(OTHER))


async def test_the_same_people_on_the_same_flight_are_a_warning(house):
    offers = await house.offers()
    first = await house.reserve("r1", offers[0])
    second = await house.reserve("r2", offers[1])
    assert second.state == OperationState.DONE
    assert (await house.timeline(second.booking_id))[-1] == "DUPLICATE_SUSPECTED"
    facts = await house.rows(select(EventRow.facts).where(EventRow.kind == "DUPLICATE_SUSPECTED"))
    assert facts == [{"bookingReference": (await house.booking(first.booking_id)).reference}]


@pytest.mark.parametrize(
    "other", [passenger(given="Grace"), passenger(born=passenger().born_on + timedelta(days=1))], ids=["name", "born"]
)
async def test_other_people_on_the_flight_are_no_warning(house, other):
    offers = await house.offers()
    await house.reserve("r1", offers[0])
    second = await house.reserve("r2", offers[1], passengers=(other,))
    assert "DUPLICATE_SUSPECTED" not in await house.timeline(second.booking_id)


async def test_a_cancelled_or_foreign_booking_is_no_duplicate(house):
    offers = await house.offers()
    foreign = house.token(offers[0], OTHER)
    await house.reserve_tokens("r1", foreign, viewer=viewer(OTHER))
    mine = await house.reserve("r2", offers[1])
    await house.cancel(mine.booking_id)
    last = await house.reserve("r3", offers[2])
    assert "DUPLICATE_SUSPECTED" not in await house.timeline(last.booking_id)


async def test_a_carriers_complaint_about_a_passenger_names_the_input(house):
    outcome = await house.reserve(passengers=(replace(passenger(), gender=Gender.UNSPECIFIED),))
    assert isinstance(outcome.refusal, InvalidInput)
    assert outcome.refusal.path == ("input", "passengers", "0", "gender")
    assert (await house.booking(outcome.booking_id)).state == "REJECTED"
    await judge(house)


async def test_a_carriers_complaint_when_it_is_bought_names_the_booking(house):
    person = replace(passenger(), gender=Gender.UNSPECIFIED)
    booking_id = (await house.reserve("r1", await instant(house), passengers=(person,))).booking_id
    outcome = await house.pay(booking_id)
    assert isinstance(outcome.refusal, InvalidInput)
    assert outcome.refusal.path == ("input", "bookingId")
    assert (await house.booking(booking_id)).state == "CANCELLED"
    await judge(house)


async def test_an_offer_that_ends_before_it_could_be_paid_is_not_reserved(house):
    offer = await instant(house)
    house.clock.advance(offer.expires_at - house.clock.now() - house.desk.tools.terms.pay_margin)
    assert isinstance((await house.reserve("r1", offer)).refusal, OfferExpired)
    await judge(house)
