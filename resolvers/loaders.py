"""What fields load together: one statement for every booking, item or operation that is asked about at one level.

A key is always the viewer's partner and an id, so that an id of somebody else's finds nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar

from sqlmodel import Session

from app.booking import balances
from app.store.reads import aftersales, parts, webhooks
from app.store.reads.owned import Owned
from resolvers.context import Context
from resolvers.items import Item
from resolvers.loading import load

V = TypeVar("V")
Batch: TypeAlias = Callable[[Context, Sequence[Owned]], Awaitable[Sequence[V]]]


def batched(read: Callable[[Session, Sequence[Owned]], Sequence[V]]) -> Batch[V]:
    """A batch that reads the store once for all its keys."""

    async def answer(context: Context, keys: Sequence[Owned]) -> Sequence[V]:
        return await context.services.store.read(lambda session: read(session, keys))

    return answer


def _items(session: Session, keys: Sequence[Owned]) -> list[list[Item]]:
    return [[Item(row) for row in rows] for rows in parts.items(session, keys)]


BOOKING = batched(parts.bookings)
BOOKING_BY_REFERENCE = batched(parts.bookings_by_reference)
ITEMS = batched(_items)
TRAVELLERS = batched(parts.travellers)
TICKETS = batched(parts.tickets)
PAYMENTS = batched(parts.payments)
PAID = batched(balances.paid)
TIMELINE = batched(parts.timelines)
OPEN_OPERATIONS = batched(parts.open_operations)
REFUSED_OPERATIONS = batched(parts.refused_operations)
OPERATION = batched(parts.operations)
STEPS = batched(parts.steps)
ITEM_BY_ID = batched(parts.items_by_id)
TRAVELLER_BY_ID = batched(parts.travellers_by_id)
TICKET_BY_ID = batched(parts.tickets_by_id)
PAYMENT_BY_ID = batched(parts.payments_by_id)
QUOTES = batched(aftersales.quotes)
QUOTES_OF_OPERATION = batched(aftersales.quotes_of_operations)
QUOTE_BY_ID = batched(aftersales.quotes_by_id)
CARRIER_CHANGES = batched(aftersales.carrier_changes)
CARRIER_CHANGE_BY_ID = batched(aftersales.carrier_changes_by_id)
ENDPOINT = batched(webhooks.endpoints_by_id)
DELIVERY = batched(webhooks.deliveries_by_id)


async def own(context: Context, batch: Batch[V], name: str) -> V:
    """What the batch answers for the viewer's own thing of this id; nothing for what is not the viewer's."""
    return await load(context, batch, Owned(context.viewer.partner.id, name))
