"""Seats and bags: what somebody chose of what a carrier sells, and what an order has of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TypeVar

from app.booking.facts import offer_of
from app.booking.prices import in_selling_currency
from app.domain import codec
from app.domain.aftersales import BookedService, SeatMap, Service, ServiceChoice, ServiceKind
from app.domain.itinerary import Journey, Price
from app.domain.money import Money, total
from app.domain.quotes import QuotedService
from app.domain.refusals import InvalidInput, ServiceGone
from app.store.tables import ItemRow
from carriers.contract import Carrier, CarrierOrder

S = TypeVar("S", Service, BookedService)

_PATH = ("input", "services")


def check_choices(choices: Sequence[ServiceChoice]) -> None:
    """InvalidInput, with the path of the field, where none is chosen, one twice, or less than one of it."""
    if not choices:
        raise InvalidInput(message="Choose one service or more.", path=_PATH)
    seen: set[str] = set()
    for index, choice in enumerate(choices):
        if choice.ref in seen:
            raise InvalidInput(message="This service is in the list already.", path=(*_PATH, str(index), "id"))
        if choice.quantity < 1:
            raise InvalidInput(message="Choose one or more of it.", path=(*_PATH, str(index), "quantity"))
        seen.add(choice.ref)


async def with_offer(carrier: Carrier, offer: str, choices: Sequence[ServiceChoice]) -> tuple[Service, ...]:
    """The chosen services as they can be bought with the offer now; those that cannot are missing."""
    found = _among(await carrier.offer_services(offer), choices)
    return found if len(found) == len(choices) else found + _seats(await carrier.offer_seat_maps(offer), choices)


async def for_order(carrier: Carrier, order: str, choices: Sequence[ServiceChoice]) -> tuple[Service, ...]:
    """The chosen services as they can be added to the order now; those that cannot are missing."""
    found = _among(await carrier.order_services(order), choices)
    return found if len(found) == len(choices) else found + _seats(await carrier.order_seat_maps(order), choices)


def quoted(
    price: Price, choices: Sequence[ServiceChoice], for_sale: Iterable[Service], places: Sequence[int] | None = None
) -> tuple[QuotedService, ...]:
    """What each choice costs in the currency of the price that it is added to; `places` are theirs in the input.

    ServiceGone names what is not for sale; InvalidInput where more is wanted than one passenger can have.
    """
    services = {service.ref: service for service in for_sale if service.price.currency == price.carrier_total.currency}
    gone = tuple(choice.ref for choice in choices if choice.ref not in services)
    if gone:
        raise ServiceGone(message="A seat or bag is no longer to be had.", path=_PATH, services=gone)
    chosen = [(place, choice, services[choice.ref]) for place, choice in zip(places or count(), choices, strict=False)]
    _check_seats([(place, service) for place, _, service in chosen if service.kind is ServiceKind.SEAT])
    return tuple(_quoted(price, choice, service, place) for place, choice, service in chosen)


def carrier_price(services: Iterable[QuotedService], currency: str) -> Money:
    """What the carrier asks for them in all."""
    return total((each.service.price.times(each.quantity) for each in services), currency)


def customer_price(services: Iterable[QuotedService], currency: str) -> Money:
    """What the customer pays for them in all."""
    return total((each.price for each in services), currency)


def price_now(choices: Sequence[ServiceChoice], for_sale: Iterable[Service], currency: str) -> Money:
    """What the carrier asks for them now; ServiceGone where it does not sell one any more."""
    services = {service.ref: service for service in for_sale}
    gone = tuple(it.ref for it in choices if it.ref not in services or services[it.ref].most < it.quantity)
    if gone:
        raise ServiceGone(message="A seat or bag that was chosen is no longer to be had.", services=gone)
    return total((services[choice.ref].price.times(choice.quantity) for choice in choices), currency)


def chosen_of(row: ItemRow) -> tuple[ServiceChoice, ...]:
    """What is to be bought with an item that is not bought yet."""
    booked = (codec.load(BookedService, service) for service in row.services)
    return tuple(ServiceChoice(ref=service.ref, quantity=service.quantity) for service in booked)


def booked_for(row: ItemRow, order: CarrierOrder) -> tuple[BookedService, ...]:
    """What the order has, by the item's own references of its flights."""
    names = own_flights(row, flights(order.journeys))
    return tuple(on_flights(service, names) for service in order.services)


def flights(journeys: Iterable[Journey]) -> tuple[str, ...]:
    """The references of all flights, in order."""
    return tuple(segment.ref for journey in journeys for segment in journey.segments)


def own_flights(row: ItemRow, order: Sequence[str]) -> Mapping[str, str]:
    """The item's references of its flights by those of its order, which are others: the same flights in the same order.

    None where the carrier has taken flights away or added some.
    """
    offer = offer_of(row)
    ours = flights(offer.journeys) if offer else ()
    return dict(zip(order, ours, strict=True)) if len(order) == len(ours) else {}


def on_flights(service: S, names: Mapping[str, str]) -> S:
    """The service with other references of its flights; unknown ones stay."""
    return replace(service, segments=tuple(names.get(segment, segment) for segment in service.segments))


def _among(services: Iterable[Service], choices: Sequence[ServiceChoice]) -> tuple[Service, ...]:
    wanted = {choice.ref for choice in choices}
    return tuple(service for service in services if service.ref in wanted)


def _seats(maps: Iterable[SeatMap], choices: Sequence[ServiceChoice]) -> tuple[Service, ...]:
    return _among((service for plan in maps for service in plan.services), choices)


def _check_seats(seats: Iterable[tuple[int, Service]]) -> None:
    """InvalidInput where a passenger is given two seats of a flight, or two passengers the same."""
    seen: set[tuple[str | None, tuple[str, ...]]] = set()
    for place, seat in seats:
        taken = {(seat.seat, seat.segments), (seat.passenger, seat.segments)}
        if taken & seen:
            message = "Each passenger can have one seat on a flight, and each seat one passenger."
            raise InvalidInput(message=message, path=(*_PATH, str(place), "id"))
        seen |= taken


def _quoted(price: Price, choice: ServiceChoice, service: Service, place: int) -> QuotedService:
    if choice.quantity > service.most:
        where = (*_PATH, str(place), "quantity")
        raise InvalidInput(message=f"At most {service.most} of it can be had.", path=where)
    cost = in_selling_currency(price, service.price.times(choice.quantity))
    assert cost is not None  # noqa: S101 - the carrier sold the fare in this currency
    return QuotedService(service=service, quantity=choice.quantity, price=cost)
