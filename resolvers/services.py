"""What seats and bags a carrier sells right now, with an offer or for a paid item; asked live, and stored nowhere."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from app.booking.orders import unavailable
from app.booking.prices import in_selling_currency
from app.booking.services import flights, on_flights, own_flights
from app.domain import codec
from app.domain.aftersales import BookedService, Seat, SeatMap, Service
from app.domain.booking import ItemState
from app.domain.errors import Refusal, Trouble
from app.domain.itinerary import Price
from app.domain.money import Money
from app.domain.partner import Scope
from app.pricing.offers import OfferToken
from carriers.contract import Carrier
from resolvers.context import Context
from resolvers.items import Item

T = TypeVar("T")

_SOLD = {ItemState.CONFIRMED, ItemState.TICKETED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """Whose services they are: the `price` that they are added to, and the passengers by the carrier's references."""

    price: Price
    passengers: Mapping[str, str]

    def price_of(self, service: Service) -> Money | None:
        """What one of it costs the customer; None where it is nobody's here, or in a currency we cannot sell it in."""
        sold = service.price.currency == self.price.carrier_total.currency and service.passenger in self.passengers
        return in_selling_currency(self.price, service.price) if sold else None


@dataclass(frozen=True, kw_only=True, slots=True)
class ForSale:
    """Bags, or maps with seats; or why nothing can be told."""

    shelf: Shelf | None = None
    bags: tuple[Service, ...] = ()
    maps: tuple[SeatMap, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def booked(item: Item) -> list[BookedService]:
    """What the item has, or will have once it is paid."""
    return [codec.load(BookedService, service) for service in item.row.services]


def sold_for(item: Item, service: Service | BookedService) -> Money:
    """What the service costs the customer of the item that has it, or that it was quoted for."""
    price = in_selling_currency(item.price, service.price)
    assert price is not None  # noqa: S101 - nothing is sold in another currency than its fare
    return price


async def bags_with_offer(context: Context, offer: str) -> ForSale:
    """The bags that can be bought with the offer; Access without the scope."""
    context.viewer.need(Scope.SEARCH)
    try:
        carrier, token = _opened(context, offer)
        found = await _answer(carrier, carrier.offer_services(token.offer))
    except Refusal as refusal:
        return ForSale(refusals=(refusal,))
    return ForSale(shelf=_shelf_of(token), bags=tuple(found))


async def seats_with_offer(context: Context, offer: str) -> ForSale:
    """The seat maps of the offer's flights; Access without the scope."""
    context.viewer.need(Scope.SEARCH)
    try:
        carrier, token = _opened(context, offer)
        found = await _answer(carrier, carrier.offer_seat_maps(token.offer))
    except Refusal as refusal:
        return ForSale(refusals=(refusal,))
    return ForSale(shelf=_shelf_of(token), maps=tuple(found))


async def bags_for_item(context: Context, item: Item) -> ForSale | None:
    """The bags that can be added to the item; None while it is not paid, and once it has ended."""
    carrier = _carrier_of(context, item)
    if carrier is None:
        return None
    try:
        found, names = await _for_item(carrier, item, carrier.order_services)
    except Refusal as refusal:
        return ForSale(refusals=(refusal,))
    return ForSale(shelf=_shelf(item), bags=tuple(on_flights(bag, names) for bag in found))


async def seats_for_item(context: Context, item: Item) -> ForSale | None:
    """The seat maps of the item's flights with the seats that can be added; None as for bags."""
    carrier = _carrier_of(context, item)
    if carrier is None:
        return None
    try:
        found, names = await _for_item(carrier, item, carrier.order_seat_maps)
    except Refusal as refusal:
        return ForSale(refusals=(refusal,))
    return ForSale(shelf=_shelf(item), maps=tuple(_map_on_flights(plan, names) for plan in found))


def _opened(context: Context, offer: str) -> tuple[Carrier, OfferToken]:
    token = context.services.seals.open(offer, context.viewer.partner.id, ("offer",))
    return context.services.carriers.get(token.carrier), token


def _shelf_of(token: OfferToken) -> Shelf:
    """Passengers are counted from 1 in the order of the search, as the itinerary does."""
    numbers = {person.ref: str(number) for number, person in enumerate(token.passengers, start=1)}
    return Shelf(price=token.price, passengers=numbers)


def _shelf(item: Item) -> Shelf:
    return Shelf(price=item.price, passengers=item.travellers)


def _carrier_of(context: Context, item: Item) -> Carrier | None:
    carriers, row = context.services.carriers, item.row
    sold = row.state in _SOLD and row.order_ref is not None and row.carrier in carriers
    return carriers.get(row.carrier) if sold else None


async def _answer(carrier: Carrier, asked: Awaitable[T]) -> T:
    """The carrier's answer; CarrierUnavailable where there was none."""
    try:
        return await asked
    except Trouble:
        raise unavailable(carrier) from None


async def _for_item(
    carrier: Carrier, item: Item, ask: Callable[[str], Awaitable[Sequence[T]]]
) -> tuple[Sequence[T], Mapping[str, str]]:
    """The answer about the item's order, and the item's references of its flights by the order's."""
    ref = item.row.order_ref or ""
    found, order = await _answer(carrier, asyncio.gather(ask(ref), carrier.order(ref)))
    return found, own_flights(item.row, flights(order.journeys))


def _map_on_flights(plan: SeatMap, names: Mapping[str, str]) -> SeatMap:
    rows = tuple(replace(row, groups=tuple(_group(group, names) for group in row.groups)) for row in plan.rows)
    return replace(plan, segment=names.get(plan.segment, plan.segment), rows=rows)


def _group(group: Sequence[Seat | None], names: Mapping[str, str]) -> tuple[Seat | None, ...]:
    return tuple(
        seat and replace(seat, services=tuple(on_flights(service, names) for service in seat.services))
        for seat in group
    )
