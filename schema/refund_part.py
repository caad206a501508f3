"""What a refund gives back of one item, and of each of its tickets."""

from collections.abc import Collection
from datetime import datetime
from typing import Self

import strawberry

from app.domain import quotes
from app.domain.aftersales import RefundForm
from resolvers.quotes import item_named, segments_named, ticket_named, travellers_named
from schema.booking_item import BookingItem
from schema.fields import Info, answered
from schema.itinerary import Segment, View
from schema.money import Money
from schema.refund_amount import RefundAmount, RefundExtent, extent
from schema.rule import Rule
from schema.ticket import Ticket
from schema.traveller import Traveller


@strawberry.type(description="One ticket's part of a refund.")
class RefundShare:
    """`RefundShare` of the domain."""

    share: strawberry.Private[quotes.RefundShare]
    booking_id: strawberry.Private[str]

    paid: Money = strawberry.field(description="What was paid for it.")
    amount: RefundAmount | None = strawberry.field(description="What comes back for it; null when `amountUnknown`.")
    amount_unknown: bool = strawberry.field(description="Whether the carrier does not say how much comes back for it.")

    @answered
    async def ticket(self, info: Info) -> Ticket:
        """The ticket."""
        return Ticket.of(await ticket_named(info.context, self.booking_id, self.share.ticket))

    @answered
    async def passenger(self, info: Info) -> Traveller:
        """Who travels with it."""
        (row,) = await travellers_named(info.context, self.booking_id, {self.share.traveller})
        return Traveller.of(row)

    @classmethod
    def of(cls, share: quotes.RefundShare, booking_id: str) -> Self:
        """The domain's share."""
        amount = RefundAmount.of(share.paid, share.fee, share.back)
        return cls(
            share=share,
            booking_id=booking_id,
            paid=Money.of(share.paid),
            amount=amount,
            amount_unknown=amount is None,
        )


@strawberry.type(description="What one carrier would give back for an item, and by which rule.")
class RefundPart:
    """`RefundPart` of the domain."""

    part: strawberry.Private[quotes.RefundPart]
    booking_id: strawberry.Private[str]

    pending: bool = strawberry.field(description="Whether the carrier has not answered yet.")
    rule: Rule | None = strawberry.field(description="Why it can be refunded, or cannot; null while `pending`.")
    split: bool = strawberry.field(
        description="Whether it covers just who was asked for; if not, the carrier refunds them only with `alsoCovers`."
    )
    paid: Money = strawberry.field(description="What was paid for what it covers.")
    unpaid: Money = strawberry.field(
        description="What was still to be paid of its price after a deposit, and will not be any more."
    )
    amount: RefundAmount | None = strawberry.field(description="What comes back; null when `amountUnknown`.")
    amount_unknown: bool = strawberry.field(description="Whether the carrier does not say, or not yet, how much.")
    extent: RefundExtent | None = strawberry.field(description="How much that is; null when `amountUnknown`.")
    form: RefundForm = strawberry.field(description="What the carrier gives back.")
    shares: list[RefundShare] = strawberry.field(description="The part of each ticket; empty while there are none.")
    expires_at: datetime | None = strawberry.field(
        description="Until when the carrier keeps to it; null when it does not say."
    )

    @answered
    async def item(self, info: Info) -> BookingItem:
        """The item it is of."""
        return BookingItem.of(await item_named(info.context, self.booking_id, self.part.item))

    @answered
    async def asked_for(self, info: Info) -> list[Traveller]:
        """The passengers that were asked for."""
        return await self._travellers(info, self.part.asked)

    @answered
    async def covers(self, info: Info) -> list[Traveller]:
        """The passengers whose journey it ends: the smallest part that the carrier refunds."""
        return await self._travellers(info, self.part.travellers)

    @answered
    async def also_covers(self, info: Info) -> list[Traveller]:
        """Those of `covers` that were not asked for: the carrier does not refund the others without them."""
        return await self._travellers(info, set(self.part.travellers) - set(self.part.asked))

    @answered
    async def segments(self, info: Info) -> list[Segment]:
        """The flights that it gives something back for, in order."""
        item = await item_named(info.context, self.booking_id, self.part.item)
        view = View(info.context.services.places.find, item.travellers)
        return [Segment.of(segment, view) for segment in segments_named(item, self.part.segments)]

    async def _travellers(self, info: Info, names: Collection[str]) -> list[Traveller]:
        return [Traveller.of(row) for row in await travellers_named(info.context, self.booking_id, names)]

    @classmethod
    def of(cls, part: quotes.RefundPart, booking_id: str) -> Self:
        """The domain's part."""
        amount = RefundAmount.of(part.paid, part.fee, part.back)
        return cls(
            part=part,
            booking_id=booking_id,
            pending=part.pending,
            rule=None if part.pending else Rule.of(part.rule),
            split=part.split,
            paid=Money.of(part.paid),
            unpaid=Money.of(part.unpaid),
            amount=amount,
            amount_unknown=amount is None,
            extent=extent(part.paid, part.back),
            form=part.form,
            shares=[RefundShare.of(share, booking_id) for share in part.shares],
            expires_at=part.expires_at,
        )
