"""What every carrier promises of seats and bags: bought with the fare or added later, all of them or none."""

import pytest

from app.domain.aftersales import BookedService, Service, ServiceChoice, newly_booked
from app.domain.errors import Unknown
from app.domain.itinerary import CarrierOffer
from app.domain.refusals import ServiceGone
from carriers.contract import Carrier, CarrierOrder, Verb
from tests.carriers.contract import SEND_WITHIN, Desk, Scene, party


class Shop(Desk):
    """A desk that also sells seats and bags."""

    async def add(self, order: CarrierOrder, service: Service, key: str = "key-4") -> CarrierOrder:
        """One attempt at adding one of the service to the order."""
        choice = (ServiceChoice(ref=service.ref),)
        return await self.carrier.add_services(order.ref, choice, service.price, self.call(key))


async def a_seat(carrier: Carrier, offer: CarrierOffer) -> Service:
    """The first seat that is free and costs something."""
    maps = await carrier.offer_seat_maps(offer.ref)
    seats = (seat for plan in maps for row in plan.rows for group in row.groups for seat in group if seat)
    return next(service for seat in seats for service in seat.services if service.price)


def told(service: Service | BookedService) -> tuple:
    """What it is and for whom, apart from ids that differ between offer and order."""
    return service.kind, service.passenger, service.seat, service.baggage, service.weight_kg


class ServicesContract:
    """Subclasses give a fixture `scene`, whose `seated` query finds first an offer with a seat map, and with bags."""

    @pytest.fixture
    def shop(self, scene: Scene) -> Shop:
        return Shop(scene.carrier, scene.clock)

    async def test_seats_and_bags_are_bought_with_the_offer(self, scene: Scene, shop):
        offer = await shop.offer(scene.seated)
        seat, (bag, *_) = await a_seat(scene.carrier, offer), await scene.carrier.offer_services(offer.ref)
        order = await scene.carrier.buy(*party(offer, (seat, bag)), shop.call("key-1"))
        assert order.total == offer.total + seat.price + bag.price
        assert {told(line) for line in order.services} == {told(seat), told(bag)}
        assert await a_seat(scene.carrier, offer) != seat
        assert scene.charges() == 1

    async def test_a_bag_is_added_to_a_paid_order(self, scene: Scene, shop):
        paid = await shop.pay(await shop.hold(await shop.offer(scene.seated)))
        bag, *_ = await scene.carrier.order_services(paid.ref)
        added = await shop.add(paid, bag)
        (line,) = added.services
        assert (told(line), line.quantity, line.price) == (told(bag), 1, bag.price)
        assert line.segments == tuple(segment.ref for segment in added.journeys[0].segments)
        assert (added.total, scene.charges()) == (paid.total + bag.price, 2)
        assert await scene.carrier.order(paid.ref) == added

    async def test_a_lost_addition_is_unknown_and_told_by_the_order(self, scene: Scene, shop):
        paid = await shop.pay(await shop.hold(await shop.offer(scene.seated)))
        bag, *_ = await scene.carrier.order_services(paid.ref)
        scene.lose_answer(Verb.ADD_SERVICES)
        with pytest.raises(Unknown):
            await shop.add(paid, bag)
        scene.clock.advance(SEND_WITHIN + scene.carrier.profile.recovery[Verb.ADD_SERVICES].settle_delay)
        after = await scene.carrier.order(paid.ref)
        assert [told(line) for line in newly_booked(paid.services, after.services)] == [told(bag)]

    async def test_what_others_took_is_gone_and_nothing_is_added(self, scene: Scene, shop):
        paid = await shop.pay(await shop.hold(await shop.offer(scene.seated)))
        bag, *_ = await scene.carrier.order_services(paid.ref)
        scene.take_service(Verb.ADD_SERVICES)
        with pytest.raises(ServiceGone) as gone:
            await shop.add(paid, bag)
        assert gone.value.services == (bag.ref,)
        assert (await scene.carrier.order(paid.ref), scene.charges()) == (paid, 1)

    async def test_a_seat_that_others_took_is_gone_and_nothing_is_bought(self, scene: Scene, shop):
        offer = await shop.offer(scene.seated)
        seat = await a_seat(scene.carrier, offer)
        scene.take_service(Verb.BUY)
        with pytest.raises(ServiceGone) as gone:
            await scene.carrier.buy(*party(offer, (seat,)), shop.call("key-1"))
        assert gone.value.services == (seat.ref,)
        assert (list(scene.orders()), scene.charges()) == ([], 0)
