"""Quotes: whether they still hold, and what they refer to. All of it is the booking's own, and loaded with it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from app.aftersales.quotes import holds
from app.domain.itinerary import Journey, Segment
from app.domain.quotes import RefundQuote, RefundSource
from app.store.aftersales_tables import QuoteRow, QuoteState
from app.store.tables import PaymentRow, TicketRow, TravellerRow
from resolvers.context import Context
from resolvers.items import Item
from resolvers.loaders import BOOKING, ITEMS, PAYMENTS, QUOTES, QUOTES_OF_OPERATION, TICKETS, TRAVELLERS, own
from resolvers.verbs import Taken

_UNUSED = {QuoteState.PENDING, QuoteState.READY}


async def quotes_of(context: Context, done: Taken) -> list[QuoteRow]:
    """The quotes that the operation asked for."""
    return await own(context, QUOTES_OF_OPERATION, done.operation_id) if done.operation_id else []


async def quote_confirmed(context: Context, done: Taken) -> QuoteRow | None:
    """The quote that the operation confirmed; None when it was refused before that."""
    if done.booking_id is None:
        return None
    rows = await own(context, QUOTES, done.booking_id)
    return next((row for row in rows if row.used_by == done.operation_id), None)


async def expired(context: Context, row: QuoteRow) -> bool:
    """Whether a quote that was not used can never be: its time is over, or its booking has changed since."""
    if row.state not in _UNUSED:
        return False
    booking = await own(context, BOOKING, row.booking_id)
    return booking is None or not holds(row, booking, context.services.clock.now())


def eligible(quote: RefundQuote) -> bool | None:
    """Whether all that was asked for can be refunded; None while that hangs on a carrier that has not answered."""
    if not quote.parts or not all(part.rule.allowed for part in quote.parts if not part.pending):
        return False
    return None if quote.pending else True


async def item_named(context: Context, booking_id: str, item_id: str) -> Item:
    """The booking's item of this id."""
    return next(item for item in await own(context, ITEMS, booking_id) if item.row.id == item_id)


async def travellers_named(context: Context, booking_id: str, names: Collection[str]) -> list[TravellerRow]:
    """The booking's travellers of these ids, in its order."""
    return [row for row in await own(context, TRAVELLERS, booking_id) if row.id in names]


async def ticket_named(context: Context, booking_id: str, ticket_id: str) -> TicketRow:
    """The booking's ticket of this id."""
    return next(row for row in await own(context, TICKETS, booking_id) if row.id == ticket_id)


async def payment_back_to(context: Context, booking_id: str, source: RefundSource) -> PaymentRow | None:
    """The payment that money goes back to; None where the carrier gives credit of its own instead."""
    return next((row for row in await own(context, PAYMENTS, booking_id) if row.id == source.payment), None)


def segments_named(item: Item, references: Collection[str]) -> list[Segment]:
    """The item's segments of these references, in order."""
    return [segment for segment in item.segments if segment.ref in references]


def for_its_travellers(item: Item, journeys: Sequence[Journey]) -> list[Journey]:
    """The journeys with fares for the item's travellers alone: a fresh offer names passengers that are nobody yet."""
    return [replace(journey, segments=tuple(_known(item, journey.segments))) for journey in journeys]


def _known(item: Item, segments: Sequence[Segment]) -> list[Segment]:
    known = item.travellers
    return [
        replace(segment, fares=tuple(fare for fare in segment.fares if fare.passenger in known)) for segment in segments
    ]
