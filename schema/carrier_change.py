"""What a carrier changed by itself: a flight or a departure moved or cancelled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from app.aftersales.carrier_changes import change_of
from app.domain import aftersales, itinerary, tours
from app.domain.aftersales import ChangeAction
from app.store.aftersales_tables import CarrierChangeRow, ChangeState
from resolvers.carrier_changes import choices
from resolvers.quotes import for_its_travellers, item_named
from schema.booking_item import BookingItem
from schema.enums import describe
from schema.fields import Info, answered
from schema.itinerary import Journey, View
from schema.node import Node
from schema.tour_stay import TourStay

describe(
    ChangeAction,
    "What can be done about a change that a carrier made.",
    {
        ChangeAction.ACCEPT: "Travel as it is now: `acceptChange`.",
        ChangeAction.EXCHANGE: "Travel otherwise, without a fee: `quoteExchange`.",
        ChangeAction.REFUND: "Do not travel, and get everything back: `quoteRefund`.",
    },
)
describe(
    ChangeState,
    "How a change that a carrier made stands.",
    {
        ChangeState.OPEN: "It waits for an answer: see `choices`.",
        ChangeState.ACCEPTED: "Accepted, here or at the carrier; the item shows what is had now.",
        ChangeState.EXCHANGED: "What it changed was exchanged.",
        ChangeState.REFUNDED: "What it changed was refunded.",
        ChangeState.LAPSED: "Not answered in time: what was moved goes as it is now, what was cancelled does not.",
        ChangeState.SUPERSEDED: "The carrier has changed the same once more, in a later change, or back again.",
    },
)


@strawberry.type(
    description="A change that a carrier made by itself. Until it is settled, its item shows what was bought, and can "
    "be exchanged or refunded without a fee."
)
class CarrierChange(Node):
    """A change's row with `CarrierChange` of the domain."""

    row: strawberry.Private[CarrierChangeRow]
    facts: strawberry.Private[aftersales.CarrierChange]

    state: ChangeState = strawberry.field(description="How it stands.")
    cancelled: bool = strawberry.field(description="Whether the carrier no longer runs it at all.")
    found_at: datetime = strawberry.field(description="When the carrier made it known.")
    deadline: datetime | None = strawberry.field(
        description="Until when it can be answered; null where the carrier sets no end."
    )
    settled_at: datetime | None = strawberry.field(description="When it stopped to be open; null while it is.")

    @answered
    def choices(self, info: Info) -> list[ChangeAction]:
        """What can be done about it now; empty once it is settled or its deadline has passed."""
        return list(choices(info.context, self.row, self.facts))

    @answered
    async def item(self, info: Info) -> BookingItem:
        """The item it is about."""
        return BookingItem.of(await item_named(info.context, self.row.booking_id, self.row.item_id))

    @answered
    async def removed(self, info: Info) -> list[Journey]:
        """The journeys as they were."""
        return await self._shown(info, self.facts.removed)

    @answered
    async def added(self, info: Info) -> list[Journey]:
        """The same journeys as the carrier flies them now; empty where it no longer does."""
        return await self._shown(info, self.facts.added)

    @answered
    async def replaced_stay(self, info: Info) -> TourStay | None:
        """The departure as it was booked; null where the item is no tour."""
        return await self._stay(info, self.facts.replaced)

    @answered
    async def stay(self, info: Info) -> TourStay | None:
        """The departure that the operator runs instead; null where it runs none, or the item is no tour."""
        return await self._stay(info, self.facts.stay)

    async def _shown(self, info: Info, journeys: Sequence[itinerary.Journey]) -> list[Journey]:
        item = await item_named(info.context, self.row.booking_id, self.row.item_id)
        view = View(info.context.services.places.find, item.travellers)
        return [Journey.of(journey, view) for journey in for_its_travellers(item, journeys)]

    async def _stay(self, info: Info, stay: tours.TourStay | None) -> TourStay | None:
        item = await item_named(info.context, self.row.booking_id, self.row.item_id)
        return TourStay.of(stay, item) if stay else None

    @classmethod
    def of(cls, row: CarrierChangeRow) -> Self:
        """The stored change."""
        facts = change_of(row)
        return cls(
            row=row,
            facts=facts,
            id=strawberry.ID(row.id),
            state=ChangeState(row.state),
            cancelled=facts.cancelled,
            found_at=row.found_at,
            deadline=row.deadline,
            settled_at=row.settled_at,
        )
