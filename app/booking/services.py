"""Seats and bags: what somebody chose of what a carrier sells, and what an order has of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from app.booking.facts import offer_of
from app.booking.prices import in_selling_currency
from app.domain.aftersales import BookedService, Service, ServiceChoice
from app.domain.errors import InvalidInput, ServiceGone
from app.domain.itinerary import Journey, Price
from app.domain.money import Money, total
from app.domain.quotes import QuotedService
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


async def for_order(carrier: Carrier, order: str, choices: Sequence[ServiceChoice]) -> tuple[Service, ...]:
    """The chosen services as they can be added to the order now; those that cannot are missing."""
    found = _among(await carrier.order_services(order), choices)
    if len(found) < len(choices):
        maps = await carrier.order_seat_maps(order)
        found += _among((service for plan in maps for service in plan.services), choices)
    return found


def quoted(price: Price, choices: Sequence[ServiceChoice], for_sale: Iterable[Service]) -> tuple[QuotedService, ...]:
    """What each choice costs in the currency of the price that it is added to.

    ServiceGone names what is not for sale; InvalidInput where more is wanted of one than can be had.
    """
    services = {service.ref: service for service in for_sale if service.price.currency == price.carrier_total.currency}
    gone = tuple(choice.ref for choice in choices if choice.ref not in services)
    if gone:
        raise ServiceGone(message="A seat or bag is no longer to be had.", path=_PATH, services=gone)
    return tuple(_quoted(price, choice, services[choice.ref], index) for index, choice in enumerate(choices))


def carrier_price(services: Sequence[QuotedService], currency: str) -> Money:
    """What the carrier asks for them in all."""
    return total((each.service.price.times(each.quantity) for each in services), currency)


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


def _quoted(price: Price, choice: ServiceChoice, service: Service, index: int) -> QuotedService:
    if choice.quantity > service.most:
        where = (*_PATH, str(index), "quantity")
        raise InvalidInput(message=f"At most {service.most} of it can be had.", path=where)
    cost = in_selling_currency(price, service.price.times(choice.quantity))
    assert cost is not None  # noqa: S101 - the carrier sold the fare in this currency
    return QuotedService(service=service, quantity=choice.quantity, price=cost)
