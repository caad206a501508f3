"""Seats and bags: what is for sale beside a fare, what somebody chose of it, and booking that."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.domain.money import Money, total
from carriers.sandbox.chance import base62
from carriers.sandbox.duffel import magic, seating
from carriers.sandbox.duffel.airlines import AIRLINES
from carriers.sandbox.duffel.core import Core, maybe_list_of, text_of
from carriers.sandbox.duffel.errors import invalid, service_gone, wrong_format
from carriers.sandbox.duffel.facts import Extra, Order, OrderState
from carriers.sandbox.duffel.fares import in_currency
from carriers.sandbox.duffel.itineraries import Journey
from carriers.sandbox.duffel.places import distance_km
from carriers.sandbox.duffel.search import Offer, Traveller
from carriers.sandbox.duffel.seating import Seat
from carriers.sandbox.duffel.timetable import Flight
from carriers.sandbox.exchange import Json

# Prefixes of Duffel's identifiers: of a service for sale with an offer, with an order, and of one that is booked.
OF_OFFER, OF_ORDER, BOOKED = "ase", "aso", "ser"
_INFANT, _CHILD = "infant_without_seat", "child"
# Duffel knows no services of these airlines.
_WITHOUT_SERVICES = frozenset({"ET", "LA"})
_MOST_BAGS = 2
_BAG_EUROS, _LONG_HAUL_BAG_EUROS, _LONG_HAUL_KM = 32, 65, 3500
_BAG: Json = {
    "type": "checked",
    "maximum_weight_kg": 23,
    "maximum_height_cm": 90,
    "maximum_length_cm": 75,
    "maximum_depth_cm": 43,
}
_EXIT_ROW = (
    "Do not seat children in exit row seats",
    "Do not seat passengers with special needs in exit row seats",
)


@dataclass(frozen=True, slots=True)
class Service:
    """Something for sale beside the fare to one passenger on these flights. `mark` is what it takes from them."""

    mark: str
    type: str
    passenger_id: str
    flights: Journey
    price: Money
    most: int
    metadata: Json

    def id(self, prefix: str, owner_id: str) -> str:
        """Duffel's identifier of it, with this offer or order."""
        return f"{prefix}_0000{base62(18, owner_id, self.mark, self.passenger_id)}"


@dataclass(frozen=True, slots=True)
class Choice:
    """So many of a service."""

    service: Service
    quantity: int

    @property
    def price(self) -> Money:
        """What they cost together."""
        return self.service.price.times(self.quantity)


def bags(core: Core, offer: Offer) -> Iterator[Service]:
    """The checked bags that can be bought with an offer."""
    return _bags(core, offer, offer.journeys, ())


def bags_for(core: Core, order: Order) -> Iterator[Service]:
    """The checked bags that can be added to an order."""
    return _bags(core, order.offer, [piece.journey for piece in order.slices], order.extras)


def _bags(core: Core, offer: Offer, journeys: Iterable[Journey], had: Collection[Extra]) -> Iterator[Service]:
    """Up to two for each passenger on each journey, with those that they have."""
    if offer.airline in _WITHOUT_SERVICES or offer.search.route == magic.NO_BAGS:
        return
    for journey in journeys:
        for traveller in _with_seats(offer):
            mark = f"{journey[0].key}/{traveller.id}/checked"
            left = _MOST_BAGS - sum(extra.quantity for extra in had if extra.mark == mark)
            if left > 0 and mark not in core.facts.services_gone:
                yield Service(mark, "baggage", traveller.id, journey, _bag_price(journey), left, _BAG)


def _bag_price(journey: Journey) -> Money:
    far = any(distance_km(flight.origin, flight.destination) > _LONG_HAUL_KM for flight in journey)
    line = AIRLINES[journey[0].airline]
    return in_currency(Decimal((_LONG_HAUL_BAG_EUROS if far else _BAG_EUROS) * line.price_level) / 100, line)


def _with_seats(offer: Offer) -> list[Traveller]:
    return [traveller for traveller in offer.search.travellers if traveller.type != _INFANT]


def has_seat_map(offer: Offer, flight: Flight) -> bool:
    """Whether the airline shows the seats of this flight."""
    shown = offer.airline not in _WITHOUT_SERVICES
    return shown and seating.cabin_of(flight, offer.search.cabin) is not None


def seats(core: Core, offer: Offer) -> Iterator[Service]:
    """Every free seat of every flight for each passenger who may sit there."""
    for flight in offer.flights:
        taken = taken_seats(core, flight)
        cabin = seating.cabin_of(flight, offer.search.cabin)
        if cabin and has_seat_map(offer, flight):
            for seat in seating.seats_of(cabin, offer.search.cabin):
                yield from seat_services(offer, flight, seat, taken)


def seat_services(offer: Offer, flight: Flight, seat: Seat, taken: set[str]) -> list[Service]:
    """How each passenger can have the seat: none where it is taken, and no child at an exit."""
    mark = seat_mark(flight, seat.designator)
    if mark in taken or seating.sold_elsewhere(flight, seat.designator):
        return []
    price, metadata = seating.price_of(flight, seat), seat_metadata(seat)
    allowed = (who for who in _with_seats(offer) if not (seat.exit_row and who.type == _CHILD))
    return [Service(mark, "seat", who.id, (flight,), price, 1, metadata) for who in allowed]


def seat_metadata(seat: Seat) -> Json:
    """What Duffel tells of a seat."""
    disclosures = list(_EXIT_ROW) if seat.exit_row else []
    return {"designator": seat.designator, "name": seat.name, "disclosures": disclosures}


def seat_mark(flight: Flight, designator: str) -> str:
    """What a seat is taken under."""
    return f"{flight.key}/{designator}"


def taken_seats(core: Core, flight: Flight) -> set[str]:
    """The marks of the flight's seats that this world has sold; cancelling their order frees them."""
    return core.facts.services_gone | {
        extra.mark
        for order in core.facts.orders.values()
        if order.state is OrderState.PAID
        for extra in flown_extras(order)
        if extra.type == "seat" and extra.flights == (flight.key,)
    }


def flown_extras(order: Order) -> list[Extra]:
    """The extras of the flights that the order still has; an exchange leaves those of the others behind."""
    flown = {flight.key for flight in order.flights}
    return [extra for extra in order.extras if flown.issuperset(extra.flights)]


def chosen_with_offer(core: Core, offer: Offer, data: Json, field: str = "services") -> list[Choice]:
    """What somebody wants with an offer; `ancillary_service_not_available` where some of it is not for sale."""
    for_sale = {
        service.id(OF_OFFER, offer.id): service
        for source in (bags(core, offer), seats(core, offer) if data.get(field) else ())
        for service in source
    }
    return _chosen(for_sale, data, field)


def chosen_with_order(core: Core, order: Order, data: Json) -> list[Choice]:
    """What somebody wants to add to an order. Duffel sells bags then, and no seats."""
    for_sale = {service.id(OF_ORDER, order.id): service for service in bags_for(core, order)}
    return _chosen(for_sale, data, "add_services")


def _chosen(for_sale: dict[str, Service], data: Json, field: str) -> list[Choice]:
    wishes = maybe_list_of(data, field, "/data")
    found = [_choice(for_sale, wish, f"/data/{field}/{index}") for index, wish in enumerate(wishes)]
    seated = [choice for choice in found if choice.service.type == "seat"]
    places = {choice.service.mark for choice in seated}
    sitters = {(choice.service.passenger_id, choice.service.flights) for choice in seated}
    if min(len(places), len(sitters)) < len(seated):
        message = "Each passenger can have one seat on a flight, and each seat one passenger"
        raise invalid(f"/data/{field}", "validation_unique", "Invalid services", message)
    return found


def _choice(for_sale: dict[str, Service], wish: Json, pointer: str) -> Choice:
    service, quantity = for_sale.get(text_of(wish, "id", pointer)), wish.get("quantity", 1)
    if not isinstance(quantity, int) or quantity < 1:
        raise wrong_format(f"{pointer}/quantity", "Field 'quantity' must be 1 or more")
    if service is None or quantity > service.most:
        raise service_gone()
    return Choice(service, quantity)


def price_of(choices: Iterable[Choice], currency: str) -> Money:
    """What they cost together."""
    return total((choice.price for choice in choices), currency)


def book(core: Core, order: Order, choices: Iterable[Choice]) -> None:
    """Write them into the order."""
    for choice in choices:
        service = choice.service
        flights = tuple(flight.key for flight in service.flights)
        extra_id = core.new_id(BOOKED)
        order.extras.append(
            Extra(
                extra_id,
                service.mark,
                service.type,
                service.passenger_id,
                flights,
                choice.quantity,
                choice.price,
                service.metadata,
            )
        )


def cost_of(order: Order) -> Money:
    """What the order's extras cost together."""
    return total((extra.price for extra in order.extras), order.agreed.total.currency)


def refundable(order: Order, now: datetime) -> Money:
    """What a fare that is refunded brings back of the extras: its bags on flights that have not left.

    Seats are paid for good, but for a void.
    """
    left = {flight.key for flight in order.flights if now < flight.departs}
    returned = (extra.price for extra in order.extras if extra.type == "baggage" and left.issuperset(extra.flights))
    return total(returned, order.agreed.total.currency)
