"""Seats and bags: for sale, quoted, and had."""

from decimal import Decimal
from typing import Self

import strawberry

from app.domain import aftersales
from app.domain import quotes as domain_quotes
from app.domain.aftersales import ServiceKind
from app.domain.itinerary import BaggageKind
from app.domain.money import Money as DomainMoney
from resolvers.items import Item
from resolvers.quotes import segments_named, travellers_named
from resolvers.services import Shelf, sold_for
from schema.enums import describe
from schema.fields import Info, answered
from schema.itinerary import Segment, View
from schema.money import Money
from schema.traveller import Traveller

describe(
    ServiceKind,
    "What can be had beside the fare. More kinds may come.",
    {ServiceKind.SEAT: "A seat of one's choice.", ServiceKind.BAGGAGE: "A piece of baggage."},
)


@strawberry.type(description="Something that one passenger can have beside the fare.")
class Service:
    """`Service` of the domain."""

    id: strawberry.ID = strawberry.field(
        description="What it is chosen by: in `reserve` with its offer, in `quoteServices` with its item."
    )
    kind: ServiceKind = strawberry.field(description="What it is.")
    passenger_id: strawberry.ID = strawberry.field(
        description="Whom it is for: the `id` of a passenger of the itinerary or booking."
    )
    segment_refs: list[strawberry.ID] = strawberry.field(description="The `ref`s of the flights it is for.")
    price: Money = strawberry.field(description="What one of it costs.")
    maximum_quantity: int = strawberry.field(description="How many of it can be had.")
    seat: str | None = strawberry.field(description="The seat, such as 12A; null for what is none.")
    baggage: BaggageKind | None = strawberry.field(description="Where the piece travels; null for what is none.")
    weight_kg: Decimal | None = strawberry.field(description="How heavy it may be, where the carrier says.")

    @classmethod
    def of(cls, service: aftersales.Service, passenger: str, price: DomainMoney) -> Self:
        """The domain's service, at its price for the customer."""
        return cls(
            id=strawberry.ID(service.ref),
            kind=service.kind,
            passenger_id=strawberry.ID(passenger),
            segment_refs=[strawberry.ID(segment) for segment in service.segments],
            price=Money.of(price),
            maximum_quantity=service.most,
            seat=service.seat,
            baggage=service.baggage,
            weight_kg=service.weight_kg,
        )


def on_shelf(services: tuple[aftersales.Service, ...], shelf: Shelf) -> list[Service]:
    """Those that can be sold here."""
    priced = ((service, shelf.price_of(service)) for service in services)
    sold = ((service, price) for service, price in priced if price is not None)
    return [Service.of(service, shelf.passengers[service.passenger], price) for service, price in sold]


@strawberry.type(description="A seat or bags that an item has, or will have once it is paid.")
class BookedService:
    """`BookedService` of the domain, on its item."""

    item: strawberry.Private[Item]
    service: strawberry.Private[aftersales.BookedService]

    kind: ServiceKind = strawberry.field(description="What it is.")
    quantity: int = strawberry.field(description="How many.")
    price: Money = strawberry.field(description="What all of it cost; a part of the item's `price.services`.")
    seat: str | None = strawberry.field(description="The seat, such as 12A; null for what is none.")
    baggage: BaggageKind | None = strawberry.field(description="Where it travels; null for what is no baggage.")
    weight_kg: Decimal | None = strawberry.field(description="How heavy a piece may be, where the carrier says.")

    @answered
    async def passenger(self, info: Info) -> Traveller:
        """Whom it is for."""
        owner = self.item.travellers[self.service.passenger]
        (row,) = await travellers_named(info.context, self.item.row.booking_id, {owner})
        return Traveller.of(row)

    @answered
    def segments(self, info: Info) -> list[Segment]:
        """The flights it is for."""
        view = View(info.context.services.places.find, self.item.travellers)
        return [Segment.of(segment, view) for segment in segments_named(self.item, self.service.segments)]

    @classmethod
    def of(cls, service: aftersales.BookedService, item: Item) -> Self:
        """The domain's service."""
        return cls(
            item=item,
            service=service,
            kind=service.kind,
            quantity=service.quantity,
            price=Money.of(sold_for(item, service)),
            seat=service.seat,
            baggage=service.baggage,
            weight_kg=service.weight_kg,
        )


@strawberry.type(description="So many of a service, and what they cost.")
class QuotedService:
    """`QuotedService` of the domain."""

    quantity: int = strawberry.field(description="How many.")
    price: Money = strawberry.field(description="What all of them cost.")
    service: Service = strawberry.field(description="What it is.")

    @classmethod
    def of(cls, quoted: domain_quotes.QuotedService, item: Item) -> Self:
        """The domain's line of a quote."""
        service = quoted.service
        return cls(
            quantity=quoted.quantity,
            price=Money.of(quoted.price),
            service=Service.of(service, item.travellers[service.passenger], sold_for(item, service)),
        )
