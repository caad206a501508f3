"""What Duffel's answers mean: complete offers in our words, and what is left of broken ones."""

import asyncio
import copy
import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.aftersales import RefundForm
from app.domain.clock import ManualClock
from app.domain.codec import dump, load
from app.domain.errors import Trouble
from app.domain.itinerary import BaggageKind, CabinClass, CarrierOffer, Condition, PassengerField, PassengerType
from app.domain.money import Money
from app.domain.refusals import OfferExpired
from app.domain.search import DropReason, Leg, SearchQuery, SeatRequest
from app.wire.facts import Incomplete
from app.wire.messages import Response
from carriers.contract import Cancelled, OrderState
from carriers.duffel import hear, say
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.contract import SEARCH_DEADLINE, Desk
from tests.carriers.test_duffel import ADULT, QUERY
from tests.carriers.worlds import START, SandboxTransport, in_process

CHILD = SeatRequest(type=PassengerType.CHILD, age=8)
INFANT = SeatRequest(type=PassengerType.INFANT)


class Forger(SandboxTransport):
    """Alters what the world answers."""

    def __init__(self, world, alter):
        super().__init__(world)
        self.alter = alter

    async def send(self, request, timeout):
        answer = await super().send(request, timeout)
        document = json.loads(answer.body)
        self.alter(document)
        return Response(status=answer.status, headers=answer.headers, body=json.dumps(document).encode())


def duffel(alter=lambda document: None):
    clock = ManualClock(START)
    world = DuffelWorld(clock)
    return Desk(in_process(world, clock, Forger(world, alter)), clock)


async def raw_offer(query=QUERY) -> dict:
    """An offer as Duffel writes it."""
    kept = []
    await duffel(kept.append).carrier.search(query, deadline=SEARCH_DEADLINE)
    return copy.deepcopy(kept[0]["data"]["offers"][0])


def leg(origin, destination, day=24, **window):
    return Leg(origin=origin, destination=destination, date=date(2026, 4, day), **window)


@pytest.mark.parametrize(
    "query",
    [
        SearchQuery(legs=(leg("PAR", "LON"), leg("LON", "PAR", 28)), passengers=(ADULT, CHILD, INFANT)),
        SearchQuery(legs=(leg("LHR", "SIN"),), passengers=(ADULT,), cabin=CabinClass.BUSINESS),
        SearchQuery(legs=(leg("LHR", "HND"), leg("HND", "SIN", 26), leg("SIN", "LHR", 30)), passengers=(ADULT,)),
        SearchQuery(legs=(leg("JFK", "LHR"),), passengers=(ADULT,), max_changes=0),
    ],
    ids=["return family", "business", "multi-city", "direct only"],
)
async def test_everything_the_sandbox_offers_is_complete(query):
    found = await duffel().carrier.search(query, deadline=SEARCH_DEADLINE)
    assert found.offers
    assert found.dropped == {}
    for offer in found.offers:
        assert [seat.type for seat in offer.passengers] == [seat.type for seat in query.passengers]
        assert len(offer.journeys) == len(query.legs)
        for journey in offer.journeys:
            assert timedelta() < journey.duration < timedelta(days=2)
            assert query.max_changes is None or journey.changes <= query.max_changes
            for segment in journey.segments:
                assert {fare.passenger for fare in segment.fares} == {seat.ref for seat in offer.passengers}
                assert query.cabin is None or {fare.cabin for fare in segment.fares} == {query.cabin}


async def test_an_offers_facts_are_read():
    raw = await raw_offer()
    raw |= {
        "base_amount": "30.20",
        "tax_amount": None,
        "tax_currency": None,
        "total_amount": "45.00",
        "base_currency": "GBP",
        "total_currency": "GBP",
        "total_emissions_kg": "46.5",
        "passenger_identity_documents_required": True,
        "supported_passenger_identity_document_types": ["passport", "palm_leaf"],
        "conditions": {
            "refund_before_departure": {"allowed": True, "penalty_amount": "10.00", "penalty_currency": "EUR"},
            "change_before_departure": {"allowed": True, "penalty_amount": None, "penalty_currency": None},
        },
        "payment_requirements": {
            "requires_instant_payment": False,
            "payment_required_by": "2026-03-02T10:00:00Z",
            "price_guarantee_expires_at": None,
        },
    }
    offer = hear.offer("duffel", raw)
    assert (offer.base, offer.tax, offer.total) == (
        Money.of("30.20", "GBP"),
        Money.of("14.80", "GBP"),
        Money.of("45.00", "GBP"),
    )
    assert offer.conditions.refund == Condition(allowed=True, fee=Money.of("10.00", "EUR"))
    assert offer.conditions.change == Condition(allowed=True, fee=None)
    assert (offer.holdable, offer.pay_by) == (True, datetime(2026, 3, 2, 10, tzinfo=UTC))
    assert offer.price_guaranteed_until is None
    assert offer.required[-1] is PassengerField.DOCUMENT
    assert offer.document_kinds == ("PASSPORT",)
    assert offer.emissions_kg == Decimal("46.5")


async def test_an_offer_that_must_be_paid_at_once_cannot_be_held():
    raw = await raw_offer()
    raw["payment_requirements"] = {"requires_instant_payment": True}
    assert hear.offer("duffel", raw).holdable is False
    raw["payment_requirements"] = None
    assert hear.offer("duffel", raw).holdable is False


async def test_times_are_local_with_the_offset_of_their_airport():
    raw = await raw_offer()
    segment = raw["slices"][0]["segments"][0]
    segment["origin"]["time_zone"], segment["destination"]["time_zone"] = "America/New_York", "Europe/London"
    segment["departing_at"], segment["arriving_at"] = "2026-03-20T19:00:00", "2026-03-21T06:00:00"
    heard = hear.offer("duffel", raw).journeys[0].segments[0]
    assert heard.departs_at.isoformat() == "2026-03-20T19:00:00-04:00"
    assert heard.arrives_at.isoformat() == "2026-03-21T06:00:00+00:00"
    assert heard.duration == timedelta(hours=7)


async def test_a_flight_over_a_change_of_the_clocks_has_its_true_duration():
    raw = await raw_offer()
    segment = raw["slices"][0]["segments"][0]
    segment["origin"]["time_zone"] = segment["destination"]["time_zone"] = "Europe/Paris"
    # Clocks go forward at 02:00 on 29 March 2026.
    segment["departing_at"], segment["arriving_at"] = "2026-03-29T01:00:00", "2026-03-29T04:00:00"
    assert hear.offer("duffel", raw).journeys[0].segments[0].duration == timedelta(hours=2)


async def test_bags_of_none_are_no_bags():
    raw = await raw_offer()
    raw["slices"][0]["segments"][0]["passengers"][0]["baggages"] = [
        {"type": "checked", "quantity": 0},
        {"type": "carry_on", "quantity": 1},
        {"type": "surfboard", "quantity": 1},
    ]
    (bag,) = hear.offer("duffel", raw).journeys[0].segments[0].fares[0].baggage
    assert (bag.kind, bag.quantity) == (BaggageKind.CARRY_ON, 1)


@pytest.mark.parametrize(
    ("kind", "age", "meant"),
    [("young_adult", 15, "ADULT"), (None, 11, "CHILD"), (None, 40, "ADULT"), ("infant_without_seat", None, "INFANT")],
)
async def test_passenger_types_of_an_airlines_own_count_by_age(kind, age, meant):
    raw = await raw_offer()
    raw["passengers"][0] |= {"type": kind, "age": age}
    assert hear.offer("duffel", raw).passengers[0].type == meant


BREAKS = {
    "no price": lambda offer: offer.pop("total_amount"),
    "no such currency": lambda offer: offer.update(total_currency="QQQ"),
    "two currencies": lambda offer: offer.update(base_currency="JPY"),
    "a fraction of a penny": lambda offer: offer.update(total_amount="10.005"),
    "less than its base": lambda offer: offer.update(base_amount="999999.00"),
    "no expiry": lambda offer: offer.update(expires_at=None),
    "no zone": lambda offer: offer["slices"][0]["segments"][0]["origin"].update(time_zone="Mars/Olympus"),
    "no segments": lambda offer: offer["slices"][0].update(segments=[]),
    "no slices": lambda offer: offer.update(slices=[]),
    "back in time": lambda offer: offer["slices"][0]["segments"][0].update(arriving_at="2020-01-01T00:00:00"),
    "nobody": lambda offer: offer.update(passengers=[]),
    "a passenger without type and age": lambda offer: offer["passengers"][0].update(type=None, age=None),
    "another cabin": lambda offer: offer["slices"][0]["segments"][0]["passengers"][0].update(cabin_class="roof"),
    "strange emissions": lambda offer: offer.update(total_emissions_kg="lots"),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_offer_is_dropped_and_counted(name):
    def alter(document):
        BREAKS[name](document["data"]["offers"][0])

    whole = await duffel().carrier.search(QUERY, deadline=SEARCH_DEADLINE)
    found = await duffel(alter).carrier.search(QUERY, deadline=SEARCH_DEADLINE)
    assert found.dropped == {DropReason.INCOMPLETE: 1}
    assert found.offers == whole.offers[1:]


def _places(value, at=()):
    """Every place inside a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield (*at, name)
        yield from _places(part, (*at, name))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_offer_is_incomplete_or_still_an_offer_that_can_be_kept(data):
    raw = copy.deepcopy(SAMPLE)
    *way, last = data.draw(st.sampled_from(list(_places(raw))))
    part = raw
    for name in way:
        part = part[name]
    junk = st.sampled_from([None, "", "x", 0, -1, 1.5, True, [], {}, [None], {"a": 1}, "9" * 400, "NaN", "Infinity"])
    part[last] = data.draw(junk)
    with suppress(Incomplete):
        heard = hear.offer("duffel", raw)
        assert load(CarrierOffer, dump(heard)) == heard


async def test_an_unreadable_answer_is_trouble():
    with pytest.raises(Trouble):
        await duffel(lambda document: document.clear()).carrier.search(QUERY, deadline=SEARCH_DEADLINE)


async def test_no_offers_are_an_answer():
    query = SearchQuery(legs=(leg("PVD", "RAI"),), passengers=(ADULT,))
    found = await duffel().carrier.search(query, deadline=SEARCH_DEADLINE)
    assert (found.offers, found.dropped) == ((), {})


async def test_an_offer_that_expired_or_is_unknown_is_no_longer_on_offer():
    desk = duffel(lambda document: document.get("data", {}).update(expires_at="2026-03-01T09:00:00Z"))
    offer = await desk.offer(QUERY)
    with pytest.raises(OfferExpired):
        await desk.carrier.check(offer.ref)
    with pytest.raises(OfferExpired):
        await desk.carrier.check("off_of_nobody")


LAPSED = {"awaiting_payment": False, "paid_at": None, "payment_required_by": None}
PAID = {"awaiting_payment": False, "paid_at": "2026-03-01T10:00:00Z"}
TICKET = {"type": "electronic_ticket", "unique_identifier": "125-1", "passenger_ids": ["pas_1", "pas_2"]}
OTHER = {
    "type": "electronic_miscellaneous_document_associated",
    "unique_identifier": "125-2",
    "passenger_ids": ["pas_1"],
}


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"payment_status": {"awaiting_payment": True, "paid_at": None}}, OrderState.HELD),
        ({"payment_status": PAID}, OrderState.CONFIRMED),
        ({"payment_status": LAPSED}, OrderState.CANCELLED),
        ({"payment_status": LAPSED, "documents": [TICKET]}, OrderState.CONFIRMED),
        ({"payment_status": {"awaiting_payment": False}}, OrderState.CONFIRMED),
        ({"payment_status": PAID, "cancelled_at": "2026-03-02T10:00:00Z"}, OrderState.CANCELLED),
    ],
    ids=["awaiting payment", "paid", "lapsed", "ticketed", "paid, in the older form", "cancelled"],
)
async def test_an_orders_state_is_derived(facts, state):
    def alter(document):
        if "booking_reference" in document["data"]:
            document["data"] |= {"documents": [], **facts}

    desk = duffel(alter)
    assert (await desk.hold(await desk.offer(QUERY))).state is state


async def test_only_tickets_are_tickets_and_each_passenger_has_one():
    def alter(document):
        if "booking_reference" in document["data"]:
            document["data"]["documents"] = [TICKET, OTHER]

    desk = duffel(alter)
    order = await desk.hold(await desk.offer(QUERY))
    assert [(ticket.number, ticket.passenger) for ticket in order.tickets] == [("125-1", "pas_1"), ("125-1", "pas_2")]


def cancelled(to, amount="90.80", **more):
    return hear.cancelled(
        {"order_id": "ord_1", "refund_amount": amount, "refund_currency": "GBP", "refund_to": to} | more
    )


@pytest.mark.parametrize(
    ("to", "form"),
    [
        ("balance", RefundForm.MONEY),
        ("original_form_of_payment", RefundForm.MONEY),
        ("voucher", RefundForm.VOUCHER),
        ("airline_credits", RefundForm.AIRLINE_CREDIT),
    ],
)
def test_a_refund_says_as_what_it_comes_back(to, form):
    assert cancelled(to) == Cancelled(ref="ord_1", refund=Money.of("90.80", "GBP"), form=form)


def test_a_refund_to_nobody_knows_where_has_no_amount():
    assert cancelled("pigeon").refund is None


def test_credits_that_are_listed_apart_are_what_comes_back():
    credit = {"credit_amount": "12.10", "credit_currency": "GBP"}
    back = cancelled("airline_credits", "0.00", airline_credits=[credit, credit])
    assert (back.refund, back.form) == (Money.of("24.20", "GBP"), RefundForm.AIRLINE_CREDIT)


def test_credits_of_which_one_has_no_amount_yet_have_none():
    listed = [{"credit_amount": "12.10", "credit_currency": "GBP"}, {"credit_amount": None, "credit_currency": "GBP"}]
    assert cancelled("airline_credits", None, airline_credits=listed).refund is None


async def test_an_order_is_found_on_a_later_page_and_the_scan_stops_at_old_ones():
    clock = ManualClock(START)
    transport = SandboxTransport(DuffelWorld(clock))
    desk = Desk(in_process(transport.world, clock, transport), clock)
    offer = await desk.offer(QUERY)
    for number in range(3):
        await desk.hold(offer, f"old-{number}")
    clock.advance(timedelta(minutes=20))
    recent = clock.now()
    for number in range(3):
        await desk.hold(offer, f"new-{number}")

    pages = Pager(transport.world)
    carrier = in_process(transport.world, clock, pages)
    assert (await carrier.find("new-0", since=recent)) is not None
    assert len(pages.sent) == 2
    assert await carrier.find("old-0", since=recent) is None
    assert await carrier.find("old-0", since=START) is not None
    everything = [entry.key for entry in await carrier.orders(since=START)]
    assert everything == ["new-2", "new-1", "new-0", "old-2", "old-1", "old-0"]
    assert [entry.key for entry in await carrier.orders(since=recent)] == everything[:3]


async def test_an_order_is_found_though_duffels_clock_is_behind_ours():
    desk = duffel()
    await desk.hold(await desk.offer(QUERY))
    assert await desk.carrier.find("key-1", since=desk.clock.now() + timedelta(minutes=4))
    assert await desk.carrier.find("key-1", since=desk.clock.now() + timedelta(minutes=6)) is None


class Pager(SandboxTransport):
    """Lists two orders a page, whatever is asked for."""

    async def send(self, request, timeout):
        request.params["limit"] = "2"
        return await super().send(request, timeout)


def test_our_reference_is_read_from_the_metadata_only_when_it_is_a_text():
    assert hear.key_of({"metadata": {say.KEY: "key-1"}}) == "key-1"
    assert hear.key_of({"metadata": {say.KEY: 5}}) is None
    assert hear.key_of({"metadata": None}) is None


def _sample() -> dict:
    """One offer, for the property that damages it."""
    return asyncio.run(raw_offer(SearchQuery(legs=(leg("LHR", "SIN"),), passengers=(ADULT, CHILD))))


SAMPLE = _sample()
