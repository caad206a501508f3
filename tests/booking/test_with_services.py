"""Seats and bags with an offer: priced as it is reserved, bought with it as it is paid, all or nothing."""

from dataclasses import replace
from datetime import date

import pytest

from app.booking.facts import price_of
from app.domain import codec
from app.domain.aftersales import BookedService
from app.domain.itinerary import PassengerType
from app.domain.money import Money, total
from app.domain.refusals import InvalidInput, KeyReused, PriceChanged, ServiceGone
from app.store.tables import OperationState
from tests.booking.house import passenger
from tests.booking.judge import judge
from tests.booking.scenes import BASIC, by_airline, floating, instant
from tests.booking.seating import bag, chosen, seat_and_bag, seats
from tests.booking.test_price import RATE

ADULT, CHILD = PassengerType.ADULT, PassengerType.CHILD


def services_of(item):
    return [codec.load(BookedService, service) for service in item.services]


@pytest.fixture(params=[instant, floating], ids=["what is bought at once", "what could be held"])
async def offer(request, house):
    return await request.param(house)


async def test_they_are_priced_as_it_is_reserved_and_bought_as_it_is_paid(house, offer):
    wanted = await seat_and_bag(house, offer)
    outcome = await house.reserve("r1", offer, services=wanted)
    assert (outcome.state, outcome.refusal) == (OperationState.DONE, None)
    (item,) = await house.items(outcome.booking_id)
    assert (item.state, item.inventory_held, item.order_ref, house.orders()) == ("HELD", False, None, [])
    price, cost = price_of(item), sum(service.price.minor for service in services_of(item))
    assert (price.services.minor, price.carrier_total.minor) == (cost, offer.total.minor + cost)
    assert (await house.booking(outcome.booking_id)).total_minor == price.total.minor
    assert (await house.pay(outcome.booking_id)).refusal is None
    (item,) = await house.items(outcome.booking_id)
    assert (item.state, price_of(item)) == ("TICKETED", price)
    (order,) = house.orders()
    assert sorted((line["type"], line["quantity"]) for line in order["services"]) == [("baggage", 2), ("seat", 1)]
    assert [charge["amount"] for charge in house.world.ledger()["charges"]] == [str(price.carrier_total.amount)]
    assert {service.segments for service in services_of(item)} <= {
        tuple(segment["ref"] for segment in journey["segments"]) for journey in item.offer["journeys"]
    }
    await judge(house)


async def test_they_cost_in_the_selling_currency_at_the_offers_rate(house):
    offer = await floating(house)
    token = house.token(offer, rate=RATE)
    wanted = await seat_and_bag(house, offer)
    booking_id = (await house.reserve_tokens("r1", token, services=wanted)).booking_id
    await house.pay(booking_id)
    (item,) = await house.items(booking_id)
    price, services = price_of(item), services_of(item)
    assert {service.price.currency for service in services} == {"EUR"}
    assert price.services == total((each.price.converted(RATE.rate, "GBP") for each in services), "GBP")
    await judge(house)


async def test_the_rest_of_the_booking_is_held_as_ever(house):
    offer, other = await floating(house), await by_airline(house, "AF", BASIC)
    outcome = await house.reserve("r1", other, offer, services=(chosen(await bag(house, offer), offer=1),))
    items = await house.items(outcome.booking_id)
    assert [(item.inventory_held, len(item.services)) for item in items] == [(True, 0), (False, 1)]
    await house.pay(outcome.booking_id)
    assert [item.state for item in await house.items(outcome.booking_id)] == ["TICKETED", "TICKETED"]
    await judge(house)


async def test_a_free_seat_costs_nothing_and_is_had(house):
    offer = await instant(house)
    seat = (await seats(house, offer, free=True))[0]
    booking_id = (await house.reserve("r1", offer, services=(chosen(seat),))).booking_id
    await house.pay(booking_id)
    (item,) = await house.items(booking_id)
    assert (price_of(item).services, services_of(item)[0].seat) == (Money.zero("EUR"), seat.seat)
    await judge(house)


async def refused(house, offer, *services, **wish):
    """The Refusal of reserving with these."""
    outcome = await house.reserve("r1", offer, services=services, **wish)
    assert not outcome.booking_id or (await house.booking(outcome.booking_id)).state == "REJECTED"
    assert house.orders() == []
    return outcome.refusal


async def test_what_is_not_for_sale_is_named_and_nothing_reserved(house, offer):
    seat, gone = (await seats(house, offer))[0], replace(await bag(house, offer), ref="ase_gone")
    refusal = await refused(house, offer, chosen(seat), chosen(gone))
    assert isinstance(refusal, ServiceGone)
    assert (refusal.services, refusal.path) == (("ase_gone",), ("input", "services"))


async def test_more_than_can_be_had_is_told(house, offer):
    seat, some = (await seats(house, offer))[0], await bag(house, offer)
    refusal = await refused(house, offer, chosen(seat), chosen(some, quantity=some.most + 1))
    assert isinstance(refusal, InvalidInput) and refusal.path == ("input", "services", "1", "quantity")


async def test_nobody_sits_on_two_seats(house, offer):
    one, other, *_ = await seats(house, offer)
    refusal = await refused(house, offer, chosen(one), chosen(other))
    assert isinstance(refusal, InvalidInput) and refusal.path == ("input", "services", "1", "id")


@pytest.mark.parametrize(
    ("wrong", "field"), [({"offer": 1}, "offer"), ({"passenger": 1}, "passenger"), ({"quantity": 0}, "quantity")]
)
async def test_what_cannot_be_meant_is_told_before_anything_opens(house, offer, wrong, field):
    with pytest.raises(InvalidInput) as invalid:
        await house.reserve("r1", offer, services=(replace(chosen(await bag(house, offer)), **wrong),))
    assert invalid.value.path == ("input", "services", "0", field)
    with pytest.raises(InvalidInput) as twice:
        await house.reserve("r1", offer, services=(chosen(await bag(house, offer)),) * 2)
    assert twice.value.path == ("input", "services", "1", "id")


async def test_what_was_accepted_bounds_fare_and_services_together(house, offer):
    some = await bag(house, offer)
    exact = offer.total + some.price
    refusal = await refused(house, offer, chosen(some), accept_up_to=exact - Money(1, exact.currency))
    assert isinstance(refusal, PriceChanged)
    assert (refusal.old_total, refusal.new_total) == (exact, exact)
    outcome = await house.reserve("r2", offer, services=(chosen(some),), accept_up_to=exact)
    assert outcome.refusal is None


async def test_who_was_chosen_gets_the_seat(house):
    offer = next(each for each in await house.offers("BCN", "FCO", [ADULT, ADULT]) if each.owner.code == "VY")
    people = (passenger(), passenger("Charles", "Babbage", date(1991, 12, 26)))
    own = [(await seats(house, offer, passenger=each.ref))[index] for index, each in enumerate(offer.passengers)]
    for key, who in (("r1", (0, 1)), ("r2", (1, 0))):
        wanted = [chosen(seat, passenger=person) for seat, person in zip(own, who, strict=True)]
        outcome = await house.reserve(key, offer, services=wanted, passengers=people)
        (item,) = await house.items(outcome.booking_id)
        owners = {reference: traveller for traveller, reference in item.passengers.items()}
        travellers = sorted(owners.values())
        by_seat = {service.seat: owners[service.passenger] for service in services_of(item)}
        assert by_seat == {seat.seat: travellers[person] for seat, person in zip(own, who, strict=True)}


async def test_one_passengers_seat_and_anothers_bag_are_not_for_the_same_person(house):
    offer = next(each for each in await house.offers("BCN", "FCO", [ADULT, ADULT]) if each.owner.code == "VY")
    people = (passenger(), passenger("Charles", "Babbage", date(1991, 12, 26)))
    one, other = [(await seats(house, offer, passenger=each.ref))[0] for each in offer.passengers]
    outcome = await house.reserve("r1", offer, services=(chosen(one), chosen(other)), passengers=people)
    assert outcome.refusal.path == ("input", "services", "1", "id")
    services = (chosen(one), chosen((await house.carrier.offer_services(offer.ref))[1]))
    outcome = await house.reserve("r2", offer, services=services, passengers=people)
    assert isinstance(outcome.refusal, InvalidInput)
    assert outcome.refusal.path == ("input", "services", "1", "passenger")


async def test_a_childs_bag_is_for_a_child(house):
    offer = next(each for each in await house.offers("BCN", "FCO", [ADULT, CHILD]) if each.owner.code == "VY")
    people = (passenger(), passenger("Annabella", "Byron", date(2018, 9, 22)))
    (childs,) = [each for each in await house.carrier.offer_services(offer.ref) if _is_childs(offer, each)]
    wrong = await house.reserve("r1", offer, services=(chosen(childs, passenger=0),), passengers=people)
    assert wrong.refusal.path == ("input", "services", "0", "passenger")
    right = await house.reserve("r2", offer, services=(chosen(childs, passenger=1),), passengers=people)
    assert right.refusal is None


def _is_childs(offer, service):
    return {person.ref: person.type for person in offer.passengers}[service.passenger] == CHILD


async def test_what_others_take_before_it_is_paid_is_refused_and_nothing_taken(house, offer):
    booking_id = (await house.reserve("r1", offer, services=await seat_and_bag(house, offer))).booking_id
    house.fault("orders.create", "service_gone")
    outcome = await house.pay(booking_id)
    assert isinstance(outcome.refusal, ServiceGone)
    assert (await house.booking(booking_id)).state == "CANCELLED"
    assert (house.orders(), house.world.ledger()["charges"]) == ([], [])
    await judge(house)


@pytest.mark.parametrize("kind", ["lost_reply", "time_out_before", "late_effect", "error_500", "error_503"])
async def test_a_lost_answer_buys_them_once(house, offer, kind):
    booking_id = (await house.reserve("r1", offer, services=await seat_and_bag(house, offer))).booking_id
    house.fault("orders.create", kind)
    await house.pay(booking_id)
    await house.quiet()
    assert (await house.booking(booking_id)).state == "TICKETED"
    assert len(house.orders()) == 1
    await judge(house)


async def test_a_replay_answers_the_same_and_another_choice_is_another_wish(house, offer):
    wanted, token = await seat_and_bag(house, offer), house.token(offer)
    first = await house.reserve_tokens("r1", token, services=wanted)
    assert await house.reserve_tokens("r1", token, services=wanted) == first
    with pytest.raises(KeyReused):
        await house.reserve_tokens("r1", token, services=wanted[:1])


async def test_a_fare_that_moved_is_offered_anew_without_them(house, offer):
    some = await bag(house, offer)
    house.fault("offers.get", "price_changed", percent=10)
    refusal = await refused(house, offer, chosen(some))
    assert isinstance(refusal, PriceChanged)
    fresh = house.seals.open(refusal.offer, "pa_1")
    assert refusal.old_total == offer.total + some.price
    assert refusal.new_total == fresh.price.total + some.price
    assert (fresh.price.services, fresh.price.carrier_total) == (None, fresh.price.total)


async def test_a_price_that_moves_before_it_is_paid_asks_again_and_keeps_what_was_chosen(house, offer):
    booking_id = (await house.reserve("r1", offer, services=await seat_and_bag(house, offer))).booking_id
    (item,) = await house.items(booking_id)
    before = price_of(item)
    house.fault("offers.get", "price_changed", percent=10)
    refusal = (await house.pay(booking_id)).refusal
    assert isinstance(refusal, PriceChanged)
    assert (refusal.old_total, (await house.booking(booking_id)).state) == (before.total, "HELD")
    await house.pay(booking_id, "p2", accept_up_to=refusal.new_total)
    (item,) = await house.items(booking_id)
    assert (item.state, price_of(item).services) == ("TICKETED", before.services)
    await judge(house)
