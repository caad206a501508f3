"""A booking's items: one carrier's part each."""

from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from app.domain.booking import ItemState, TicketingStatus
from resolvers.items import Item, profile
from resolvers.loaders import TICKETS, TRAVELLERS, own
from resolvers.replacing import replaced_item, replacing_item
from resolvers.services import bags_for_item, booked, seats_for_item
from schema.available import AvailableSeats, AvailableServices
from schema.carriers import Carrier
from schema.enums import describe
from schema.fields import Info, answered
from schema.itinerary import Journey, View
from schema.money import Money
from schema.node import Node
from schema.price import FareConditions, Price
from schema.service import BookedService
from schema.ticket import Ticket
from schema.tour_stay import TourStay
from schema.traveller import Traveller

describe(
    ItemState,
    "How far one carrier's part of a booking has come.",
    {
        ItemState.NEW: "Being reserved.",
        ItemState.REQUESTED: "Asked for: the operator accepts or refuses it by `answerBy`.",
        ItemState.HELD: "Reserved; see `inventoryHeld` for whether the carrier keeps the space.",
        ItemState.CONFIRMED: "Confirmed by the carrier.",
        ItemState.TICKETED: "Every passenger has a ticket.",
        ItemState.REJECTED: "Could not be reserved, or the operator refused it.",
        ItemState.CANCELLED: "Cancelled at the carrier.",
        ItemState.EXPIRED: "Given back to the carrier, since it was not paid, or not accepted, in time.",
        ItemState.REFUNDED: "Refunded by the carrier.",
        ItemState.EXCHANGED: "Exchanged for another item.",
    },
)
describe(
    TicketingStatus,
    "Where an item's tickets are.",
    {
        TicketingStatus.NOT_STARTED: "Not paid yet.",
        TicketingStatus.PENDING: "Confirmed; the carrier will issue them, and the gateway keeps asking.",
        TicketingStatus.ISSUED: "Every passenger has one.",
        TicketingStatus.FAILED: "Days late: a person has to ask the carrier.",
    },
)


@strawberry.type(description="One carrier's part of a booking.")
class BookingItem(Node):
    """An item's row."""

    item: strawberry.Private[Item]

    state: ItemState = strawberry.field(description="How far it has come.")
    ticketing: TicketingStatus = strawberry.field(description="Where its tickets are.")
    inventory_held: bool = strawberry.field(
        description="Whether the carrier keeps the space; if not, it is bought when the booking is paid."
    )
    booking_id: strawberry.ID = strawberry.field(description="The booking it is part of.")
    carrier_code: strawberry.ID = strawberry.field(description="The carrier's code in this gateway.")
    carrier_reference: str | None = strawberry.field(
        description="What the carrier calls the order (PNR); null while there is none."
    )
    answer_by: datetime | None = strawberry.field(
        description="Until when the operator accepts or refuses what was requested; null for what was not."
    )
    pay_by: datetime | None = strawberry.field(description="How long the carrier keeps the space, or the offer.")
    price_guaranteed_until: datetime | None = strawberry.field(
        description="How long the carrier keeps the price; null when it may change while the space is held."
    )
    confirmed_at: datetime | None = strawberry.field(description="When the carrier confirmed it; null until then.")
    stuck: str | None = strawberry.field(description="What a person has to mend; null when nothing.")

    @answered
    def carrier(self, info: Info) -> Carrier | None:
        """The carrier; null when this gateway does not talk to it any more."""
        known = profile(info.context, self.item.row.carrier)
        return Carrier.of(known) if known else None

    @answered
    def stay(self) -> TourStay | None:
        """The departure it is for, where it is a tour, refused or not; null while the operator has not told it."""
        offer = self.item.offer
        return TourStay.of(offer.stay, self.item) if offer and offer.stay else None

    @answered
    def journeys(self, info: Info) -> list[Journey]:
        """The journeys it is for; empty until the carrier has confirmed the offer, and for tours."""
        return self.shown_journeys(info)

    @answered
    def price(self) -> Price:
        """What the customer pays for it."""
        return Price.of(self.item.price)

    @answered
    def kept(self) -> Money:
        """What of its price stays to be paid after its refund: the fees; nothing while it was not refunded."""
        return Money.of(self.item.kept)

    @answered
    def conditions(self) -> FareConditions | None:
        """What the fare allows before departure; null until the carrier has confirmed the offer."""
        return FareConditions.of(self.item.offer.conditions) if self.item.offer else None

    @answered
    def emissions_kg(self) -> Decimal | None:
        """CO2 of all its passengers together in kilograms; null when the carrier does not say."""
        return self.item.offer.emissions_kg if self.item.offer else None

    @answered
    async def passengers(self, info: Info) -> list[Traveller]:
        """Who travels on it."""
        rows = await own(info.context, TRAVELLERS, self.booking_id)
        return [Traveller.of(row) for row in rows if row.id in self.item.row.passengers]

    @answered
    async def tickets(self, info: Info) -> list[Ticket]:
        """Its tickets, as far as the carrier has issued them."""
        rows = await own(info.context, TICKETS, self.booking_id)
        return [Ticket.of(row) for row in rows if row.item_id == self.id]

    @answered
    def services(self) -> list[BookedService]:
        """The seats and bags it has beside the fare, or will have once it is paid."""
        return [BookedService.of(service, self.item) for service in booked(self.item)]

    @answered
    async def available_services(self, info: Info) -> AvailableServices | None:
        """The bags that can be added now, each to be named in `quoteServices`; null while it is not paid, or has ended.

        The carrier is asked each time: for one booking, not for lists of them.
        """
        found = await bags_for_item(info.context, self.item)
        return AvailableServices.of(found) if found else None

    @answered
    async def seat_maps(self, info: Info) -> AvailableSeats | None:
        """Seats that can be added now, each to be named in `quoteServices`; null while it is not paid, or has ended.

        The carrier is asked each time; most have seats only with an offer, see `offerSeatMaps`.
        """
        found = await seats_for_item(info.context, self.item)
        return AvailableSeats.of(found) if found else None

    @answered
    async def replaces(self, info: Info) -> "BookingItem | None":
        """The item that was exchanged for it; null when it was reserved as it is."""
        item = await replaced_item(info.context, self.item.row)
        return BookingItem.of(item) if item else None

    @answered
    async def replaced_by(self, info: Info) -> "BookingItem | None":
        """The item that it was exchanged for; null when it was not exchanged."""
        item = await replacing_item(info.context, self.item.row)
        return BookingItem.of(item) if item else None

    def shown_journeys(self, info: Info) -> list[Journey]:
        """The journeys, with the booking's own passengers."""
        view = View(info.context.services.places.find, self.item.travellers)
        return [Journey.of(journey, view) for journey in self.item.journeys]

    @classmethod
    def of(cls, item: Item) -> Self:
        """The stored item."""
        row = item.row
        return cls(
            item=item,
            id=strawberry.ID(row.id),
            state=ItemState(row.state),
            ticketing=TicketingStatus(row.ticketing),
            inventory_held=row.inventory_held,
            booking_id=strawberry.ID(row.booking_id),
            carrier_code=strawberry.ID(row.carrier),
            carrier_reference=row.order_reference,
            answer_by=row.answer_by,
            pay_by=row.pay_by,
            price_guaranteed_until=row.price_guaranteed_until,
            confirmed_at=row.confirmed_at,
            stuck=row.stuck,
        )
