"""Tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from app.domain.booking import TicketStatus
from app.store.tables import TicketRow
from carriers.contract import CouponState
from resolvers.items import Item
from resolvers.replacing import replaced_ticket, replacing_ticket
from resolvers.tickets import item_of, pdf_link, traveller_of, verification_link
from schema.enums import describe
from schema.fields import Info, answered
from schema.itinerary import Segment, View
from schema.node import Node
from schema.scalars import Url
from schema.traveller import Traveller

describe(
    TicketStatus,
    "What a ticket is still good for.",
    {
        TicketStatus.VALID: "It can be used to travel.",
        TicketStatus.USED: "Everything on it has been used.",
        TicketStatus.REFUNDED: "It was refunded.",
        TicketStatus.EXCHANGED: "It was exchanged for another.",
        TicketStatus.VOID: "It was cancelled.",
    },
)
describe(
    CouponState,
    "What one flight of a ticket is still good for.",
    {
        CouponState.OPEN: "It can be used to fly.",
        CouponState.USED: "It was flown.",
        CouponState.REFUNDED: "It was refunded.",
        CouponState.EXCHANGED: "It was exchanged.",
        CouponState.VOID: "It was cancelled.",
    },
)


@strawberry.type(description="The part of a ticket for one flight.")
class Coupon:
    """An entry of a ticket's coupons."""

    state: CouponState = strawberry.field(description="What it is still good for.")
    segment: Segment | None = strawberry.field(description="The flight; null when the booking no longer has it.")


@strawberry.type(description="A ticket, as the carrier issued it to one passenger.")
class Ticket(Node):
    """A ticket's row."""

    row: strawberry.Private[TicketRow]

    number: str = strawberry.field(description="The carrier's ticket number.")
    status: TicketStatus = strawberry.field(description="What it is still good for.")
    booking_id: strawberry.ID = strawberry.field(description="The booking it belongs to.")
    item_id: strawberry.ID = strawberry.field(description="The item it belongs to.")
    issued_at: datetime = strawberry.field(description="When the gateway received it.")

    @answered
    async def passenger(self, info: Info) -> Traveller:
        """Who travels with it."""
        return Traveller.of(await traveller_of(info.context, self.row))

    @answered
    async def segments(self, info: Info) -> list[Segment]:
        """The flights it is for, in order."""
        item = await item_of(info.context, self.row)
        return [segment for _, segment in _shown(item, info)]

    @answered
    async def coupons(self, info: Info) -> list[Coupon]:
        """One for each flight, in order, where the carrier gives them; empty where it does not."""
        if not self.row.coupons:
            return []
        segments = dict(_shown(await item_of(info.context, self.row), info))
        order = {reference: index for index, reference in enumerate(segments)}
        known = sorted(self.row.coupons.items(), key=lambda coupon: (order.get(coupon[0], len(order)), coupon[0]))
        return [Coupon(state=CouponState(state), segment=segments.get(reference)) for reference, state in known]

    @answered
    def pdf_url(self, info: Info) -> Url:
        """Opens the ticket, of a tour its voucher, as PDF in any browser, for 15 minutes; ask anew for a fresh one."""
        return Url(pdf_link(info.context, self.row))

    @answered
    def verification_url(self, info: Info) -> Url:
        """Shows to anyone whether the ticket is valid; the code on the ticket leads there."""
        return Url(verification_link(info.context, self.row))

    @answered
    async def replaces(self, info: Info) -> "Ticket | None":
        """The ticket that was exchanged for it; null when there was none."""
        row = await replaced_ticket(info.context, self.row)
        return Ticket.of(row) if row else None

    @answered
    async def replaced_by(self, info: Info) -> "Ticket | None":
        """The ticket that it was exchanged for; null when it was not, or that one is not issued yet."""
        row = await replacing_ticket(info.context, self.row)
        return Ticket.of(row) if row else None

    @classmethod
    def of(cls, row: TicketRow) -> Self:
        """The stored ticket."""
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            number=row.number,
            status=TicketStatus(row.status),
            booking_id=strawberry.ID(row.booking_id),
            item_id=strawberry.ID(row.item_id),
            issued_at=row.issued_at,
        )


def _shown(item: Item, info: Info) -> Sequence[tuple[str, Segment]]:
    view = View(info.context.services.places.find, item.travellers)
    return [(segment.ref, Segment.of(segment, view)) for segment in item.segments]
