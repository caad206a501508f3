"""Seats and bags in our words and in Duffel's; what is lost, gone or dearer, judged by the sandbox's ledger."""

import copy
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.aftersales import BookedService, ServiceChoice, ServiceKind, newly_booked
from app.domain.clock import ManualClock
from app.domain.codec import dump, load
from app.domain.errors import Trouble, Unknown
from app.domain.itinerary import BaggageKind, CabinClass, PassengerType
from app.domain.money import Money
from app.domain.refusals import CarrierRefused, NotFound, OfferExpired, PriceChanged, ServiceGone
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.wire.facts import Incomplete
from carriers.contract import OrderState, Purchase, Verb
from carriers.duffel import ancillaries, hear, say
from carriers.duffel.profile import SETTLE_DELAY
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.contract import SEND_WITHIN, party, traveller
from tests.carriers.services_contract import Shop, a_seat
from tests.carriers.test_duffel import ADULT, ENDPOINTS, SEATED, DuffelScene
from tests.carriers.test_duffel_faults import MAYBE
from tests.carriers.worlds import START, SandboxTransport, in_process

ADD = ENDPOINTS[Verb.ADD_SERVICES]
POUNDS = {"total_amount": "15.00", "total_currency": "GBP"}
BAG = {
    "id": "ase_1",
    "type": "baggage",
    "passenger_ids": ["pas_1"],
    "segment_ids": ["seg_1", "seg_2"],
    "maximum_quantity": 2,
    "metadata": {"type": "carry_on", "maximum_weight_kg": 7.5},
} | POUNDS


def seat(designator, *services, **more):
    for_sale = [{"id": ref, "passenger_id": "pas_1", **POUNDS} for ref in services]
    return {"type": "seat", "designator": designator, "disclosures": [], "available_services": for_sale, **more}


def row(*sections):
    return {"sections": [{"elements": list(elements)} for elements in sections]}


def plan(*rows, **more):
    cabin = {"cabin_class": "economy", "deck": 0, "aisles": 1, "wings": None, "rows": list(rows)} | more
    return {"id": "sea_1", "slice_id": "sli_1", "segment_id": "seg_1", "cabins": [cabin]}


class TestHearing:
    def test_a_bag(self):
        (bag,) = ancillaries.for_sale([BAG])
        assert (bag.ref, bag.kind, bag.passenger, bag.segments) == (
            "ase_1",
            ServiceKind.BAGGAGE,
            "pas_1",
            ("seg_1", "seg_2"),
        )
        assert (bag.price, bag.most, bag.baggage) == (Money(1500, "GBP"), 2, BaggageKind.CARRY_ON)
        assert (bag.seat, bag.weight_kg) == (None, Decimal("7.5"))

    @pytest.mark.parametrize(
        "change",
        [
            {"type": "cancel_for_any_reason"},
            {"passenger_ids": ["pas_1", "pas_2"]},
            {"id": None},
            {"total_amount": "-1.00"},
            {"segment_ids": []},
        ],
    )
    def test_what_cannot_be_sold_to_one_passenger_is_left_out(self, change):
        assert [bag.ref for bag in ancillaries.for_sale([BAG | change, BAG | {"id": "ase_2"}])] == ["ase_2"]

    def test_a_row_behind_an_exit_one_at_the_front_and_one_behind_a_galley(self):
        doors = [{"type": "exit_row"}]
        galley = [{"type": "galley"}]
        rows = [row([seat("1A")], [seat("1D")]), row([seat("2A")], [seat("2D")]), row(doors, doors)]
        rows += [row([seat("3A")], [seat("3D")]), row(galley, galley), row([seat("4A")], [{"type": "empty"}])]
        (found,) = ancillaries.seat_maps([plan(*rows, wings={"first_row_index": 2, "last_row_index": 3})])
        firsts = [found.rows[index].groups[0][0] for index in range(4)]
        assert [place.designator for place in firsts] == ["1A", "2A", "3A", "4A"]
        assert [place.exit_row for place in firsts] == [False, False, True, False]
        assert [place.bulkhead for place in firsts] == [True, False, False, True]
        assert [line.over_wing for line in found.rows] == [False, False, True, False]
        assert found.rows[3].groups[1] == (None,)

    def test_a_seat_and_who_may_have_it(self):
        told = seat("12F", "ase_9", name="Exit row seat", disclosures=["Do not seat children in exit row seats"])
        restricted = seat("12G") | {"type": "restricted_seat_general"}
        (found,) = ancillaries.seat_maps([plan(row([told, restricted]), deck=1)])
        free, taken = found.rows[0].groups[0]
        assert (found.segment, found.cabin, found.deck) == ("seg_1", CabinClass.ECONOMY, 1)
        assert (free.name, free.restrictions) == ("Exit row seat", ("Do not seat children in exit row seats",))
        (service,) = free.services
        assert (service.ref, service.kind, service.passenger) == ("ase_9", ServiceKind.SEAT, "pas_1")
        assert (service.seat, service.segments, service.price) == ("12F", ("seg_1",), Money(1500, "GBP"))
        assert (taken.designator, taken.services) == ("12G", ())

    def test_a_broken_map_is_incomplete(self):
        with pytest.raises(Incomplete):
            ancillaries.seat_maps([plan(row([seat(None)]))])

    def test_what_is_booked(self):
        line = BAG | {"id": "ser_1", "quantity": 2, "passenger_ids": ["pas_1", "pas_2"], "total_amount": "30.01"}
        unknown = line | {"type": "cancel_for_any_reason"}
        first, second = ancillaries.booked({"services": [line, unknown]})
        assert (first.passenger, first.quantity, first.price) == ("pas_1", 2, Money(1501, "GBP"))
        assert (second.passenger, second.price) == ("pas_2", Money(1500, "GBP"))
        assert ancillaries.booked({}) == ()

    def test_without_metadata_it_is_a_bag_all_the_same(self):
        line = {name: value for name, value in BAG.items() if name != "metadata"} | {"quantity": 1}
        (bag,) = ancillaries.booked({"services": [line]})
        assert (bag.kind, bag.baggage, bag.weight_kg) == (ServiceKind.BAGGAGE, None, None)

    async def test_a_broken_service_breaks_its_order_instead_of_vanishing(self, shop):
        order = await shop.paid()
        await shop.add(order, await shop.bag(order))
        raw = copy.deepcopy(await shop.carrier._order(order.ref))
        assert len(hear.order(raw).services) == 1
        del raw["services"][0]["total_amount"]
        with pytest.raises(Incomplete):
            hear.order(raw)


class TestSaying:
    def test_an_addition(self):
        chosen = (ServiceChoice(ref="aso_1", quantity=2), ServiceChoice(ref="aso_2"))
        assert say.added_services(chosen, Money(4500, "GBP")) == {
            "data": {
                "add_services": [{"id": "aso_1", "quantity": 2}, {"id": "aso_2", "quantity": 1}],
                "payment": {"type": "balance", "amount": "45.00", "currency": "GBP"},
            }
        }

    def test_what_comes_with_an_order(self):
        chosen = (ServiceChoice(ref="ase_1"),)
        purchase = Purchase(offer="off_1", price=Money(9900, "GBP"), passengers={"trv_0": "pas_1"}, services=chosen)
        body = say.buy(purchase, [traveller("pas_1")], "key-1")["data"]
        assert body["services"] == [{"id": "ase_1", "quantity": 1}]
        assert body["payments"][0]["amount"] == "99.00"

    def test_nothing_is_said_of_services_where_there_are_none(self):
        purchase = Purchase(offer="off_1", price=Money(9900, "GBP"), passengers={"trv_0": "pas_1"})
        assert "services" not in say.hold(purchase, [traveller("pas_1")], "key-1")["data"]


class DuffelShop(Shop):
    """A shop at Duffel, with the world behind it."""

    def __init__(self):
        clock = ManualClock(START)
        self.world = DuffelWorld(clock)
        self.transport = SandboxTransport(self.world)
        carrier = in_process(self.world, clock, self.transport)
        super().__init__(carrier, clock)
        self.scene = DuffelScene(carrier, clock, self.world)

    async def paid(self):
        """A held order that was paid."""
        return await self.pay(await self.hold(await self.offer(SEATED)))

    async def bag(self, order):
        """A bag that can be added to it."""
        return (await self.carrier.order_services(order.ref))[0]

    def booked(self):
        """How many services the ledger knows, and how often it took money."""
        lines = [line for order in self.world.ledger()["orders"] for line in order["services"]]
        return sum(line["quantity"] for line in lines), self.scene.charges()


@pytest.fixture
def shop():
    return DuffelShop()


class TestAdding:
    @pytest.mark.parametrize(("kind", "more"), MAYBE)
    async def test_a_lost_answer_is_unknown_and_the_order_tells_whether_to_ask_again(self, shop, kind, more):
        order = await shop.paid()
        bag = await shop.bag(order)
        shop.scene.fault(ADD, kind, **more)
        with pytest.raises(Unknown) as unknown:
            await shop.add(order, bag)
        assert unknown.value.settle_delay is None
        shop.clock.advance(SEND_WITHIN + SETTLE_DELAY)
        added = newly_booked(order.services, (await shop.carrier.order(order.ref)).services)
        if not added:
            await shop.add(order, bag)
        assert shop.booked() == (1, 2)

    async def test_looking_too_early_adds_twice(self, shop):
        """Negative control: the settle delay is what keeps it at one."""
        order = await shop.paid()
        bag = await shop.bag(order)
        shop.scene.fault(ADD, "late_effect", seconds=100)
        with pytest.raises(Unknown):
            await shop.add(order, bag)
        shop.clock.advance(timedelta(seconds=50))
        assert (await shop.carrier.order(order.ref)).services == ()
        await shop.add(order, bag)
        shop.clock.advance(SETTLE_DELAY)
        assert len((await shop.carrier.order(order.ref)).services) == 2

    async def test_what_was_there_before_is_not_new(self, shop):
        order = await shop.paid()
        bag = await shop.bag(order)
        before = (await shop.add(order, bag)).services
        after = (await shop.add(order, bag)).services
        (new,) = newly_booked(before, after)
        assert new not in before
        assert newly_booked(after, after) == ()
        assert load(tuple[BookedService, ...], dump(after)) == after

    @pytest.mark.parametrize(("kind", "more"), [("error_503", {}), ("rate_limited", {"seconds": 600})])
    async def test_what_did_not_happen_is_trouble(self, shop, kind, more):
        order = await shop.paid()
        bag = await shop.bag(order)
        shop.scene.fault(ADD, kind, **more)
        with pytest.raises(Trouble):
            await shop.add(order, bag)
        assert shop.booked() == (0, 1)

    async def test_another_price_is_told(self, shop):
        order = await shop.paid()
        choice = (ServiceChoice(ref=(await shop.bag(order)).ref),)
        with pytest.raises(PriceChanged) as changed:
            await shop.carrier.add_services(order.ref, choice, Money(100, "GBP"), shop.call("key-4"))
        assert (changed.value.old_total, changed.value.new_total) == (
            Money(100, "GBP"),
            (await shop.bag(order)).price,
        )
        assert shop.booked() == (0, 1)

    async def test_a_gone_service_stays_gone_when_nothing_more_is_told(self, shop):
        order = await shop.paid()
        bag = await shop.bag(order)
        shop.scene.fault(ADD, "service_gone")
        shop.scene.fault("orders.available_services", "error_500", times=None)
        with pytest.raises(ServiceGone) as gone:
            await shop.add(order, bag)
        assert gone.value.services == ()

    async def test_a_held_or_cancelled_order_can_have_none(self, shop):
        paid, offer = await shop.paid(), await shop.offer(SEATED)
        bag = await shop.bag(paid)
        held = await shop.hold(offer)
        with pytest.raises(CarrierRefused, match="does not allow"):
            await shop.add(held, bag)
        await shop.cancel(held)
        with pytest.raises(CarrierRefused, match="is cancelled"):
            await shop.add(held, bag)
        assert shop.booked() == (0, 1)

    async def test_an_unknown_order_is_not_found(self, shop):
        with pytest.raises(NotFound):
            await shop.carrier.order_services("ord_of_nobody")

    async def test_an_answer_that_cannot_be_read_is_unknown(self, shop):
        order = await shop.paid()
        bag = await shop.bag(order)
        carrier = in_process(shop.world, shop.clock, Mute(shop.world))
        with pytest.raises(Unknown):
            await carrier.add_services(order.ref, (ServiceChoice(ref=bag.ref),), bag.price, shop.call("key-4"))
        assert shop.booked() == (1, 2)


class Mute(SandboxTransport):
    """Loses the content of every answer."""

    async def send(self, request, timeout):
        answer = await super().send(request, timeout)
        return type(answer)(status=answer.status, headers=answer.headers, body=b'{"data": {}}')


class TestBuying:
    async def test_a_higher_fare_is_told_with_the_services(self, shop):
        offer = await shop.offer(SEATED)
        seat_ = await a_seat(shop.carrier, offer)
        shop.scene.fault("orders.create", "price_changed", percent=10)
        with pytest.raises(PriceChanged) as changed:
            await shop.carrier.buy(*party(offer, (seat_,)), shop.call("key-1"))
        assert changed.value.old_total == offer.total + seat_.price
        assert changed.value.new_total == (await shop.carrier.check(offer.ref)).total + seat_.price
        assert shop.booked() == (0, 0)

    async def test_a_hold_with_services_is_refused_and_not_made_without_them(self, shop):
        offer = await shop.offer(SEATED)
        with pytest.raises(CarrierRefused) as refused:
            await shop.carrier.hold(*party(offer, (await a_seat(shop.carrier, offer),)), shop.call("key-1"))
        assert refused.value.reason == "services_not_allowed_for_order_type"
        assert shop.scene.orders() == []

    async def test_a_lost_order_is_found_with_its_services(self, shop):
        offer = await shop.offer(SEATED)
        seat_ = await a_seat(shop.carrier, offer)
        shop.scene.fault("orders.create", "lost_reply")
        with pytest.raises(Unknown):
            await shop.carrier.buy(*party(offer, (seat_,)), shop.call("key-1"))
        shop.clock.advance(SEND_WITHIN + SETTLE_DELAY)
        found = await shop.carrier.find("key-1", since=START)
        assert (found.state, [line.seat for line in found.services]) == (OrderState.CONFIRMED, [seat_.seat])
        assert found.total == offer.total + seat_.price

    async def test_what_is_gone_is_said_even_when_the_maps_are_silent(self, shop):
        offer = await shop.offer(SEATED)
        seat_ = await a_seat(shop.carrier, offer)
        shop.scene.fault("orders.create", "service_gone")
        shop.scene.fault("seat_maps.list", "error_500", times=None)
        with pytest.raises(ServiceGone) as gone:
            await shop.carrier.buy(*party(offer, (seat_,)), shop.call("key-1"))
        assert gone.value.services == ()


class TestLooking:
    async def test_infants_have_no_seat_and_children_none_at_an_exit(self, shop):
        child, infant = SeatRequest(type=PassengerType.CHILD, age=8), SeatRequest(type=PassengerType.INFANT)
        legs = (Leg(origin="LHR", destination="MAD", date=date(2026, 4, 24)),)
        offer = await shop.offer(SearchQuery(legs=legs, passengers=(ADULT, child, infant)))
        adult, young, _ = (seat.ref for seat in offer.passengers)
        (found,) = await shop.carrier.offer_seat_maps(offer.ref)
        places = [place for line in found.rows for group in line.groups for place in group if place and place.services]
        for place in places:
            assert [service.passenger for service in place.services] == ([adult] if place.exit_row else [adult, young])
        assert any(place.exit_row and place.restrictions for place in places)
        assert {service.passenger for service in await shop.carrier.offer_services(offer.ref)} == {adult, young}

    async def test_an_order_has_no_seat_maps(self, shop):
        order = await shop.paid()
        assert await shop.carrier.order_seat_maps(order.ref) == ()

    async def test_a_forgotten_offer_has_expired(self, shop):
        for read in (shop.carrier.offer_services, shop.carrier.offer_seat_maps):
            with pytest.raises(OfferExpired):
                await read("off_nothing")
