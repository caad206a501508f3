"""Anything stored, by its id."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final, TypeVar

import strawberry

from app.domain.partner import Scope
from app.domain.refusals import InvalidInput
from resolvers.context import Context
from resolvers.discrepancies import discrepancy
from resolvers.items import Item
from resolvers.loaders import (
    BOOKING,
    CARRIER_CHANGE_BY_ID,
    DELIVERY,
    ENDPOINT,
    ITEM_BY_ID,
    OPERATION,
    PAYMENT_BY_ID,
    QUOTE_BY_ID,
    TICKET_BY_ID,
    TRAVELLER_BY_ID,
    Batch,
    own,
)
from resolvers.statements import dispute, statement
from schema.booking import Booking
from schema.booking_item import BookingItem
from schema.carrier_change import CarrierChange
from schema.discrepancy import Discrepancy
from schema.fields import Info, answered
from schema.node import Node
from schema.operation import Operation
from schema.payment import Payment
from schema.quotes import shown_quote
from schema.statement import SettlementStatement, StatementDispute
from schema.ticket import Ticket
from schema.traveller import Traveller
from schema.webhook import WebhookDelivery, WebhookEndpoint

R = TypeVar("R")

MOST: Final = 100


def _by(batch: Batch[R | None], show: Callable[[R], Node]) -> Callable[[Context, str], Awaitable[Node | None]]:
    async def find(context: Context, name: str) -> Node | None:
        row = await own(context, batch, name)
        return None if row is None else show(row)

    return find


async def _statement(context: Context, name: str) -> Node | None:
    row = await statement(context, name)
    return SettlementStatement.of(row) if row else None


async def _dispute(context: Context, name: str) -> Node | None:
    row = await dispute(context, name)
    return StatementDispute.of(row) if row else None


async def _discrepancy(context: Context, name: str) -> Node | None:
    row = await discrepancy(context, name)
    return Discrepancy.of(row) if row else None


# By the prefix that ids of the kind begin with.
_KINDS: Mapping[str, Callable[[Context, str], Awaitable[Node | None]]] = {
    "bk": _by(BOOKING, Booking.of),
    "it": _by(ITEM_BY_ID, lambda row: BookingItem.of(Item(row))),
    "tv": _by(TRAVELLER_BY_ID, Traveller.of),
    "tk": _by(TICKET_BY_ID, Ticket.of),
    "py": _by(PAYMENT_BY_ID, Payment.of),
    "cc": _by(CARRIER_CHANGE_BY_ID, CarrierChange.of),
    "qt": _by(QUOTE_BY_ID, shown_quote),
    "op": _by(OPERATION, Operation.of),
    "we": _by(ENDPOINT, WebhookEndpoint.of),
    "dl": _by(DELIVERY, WebhookDelivery.of),
    "st": _statement,
    "di": _dispute,
    "dc": _discrepancy,
}


async def _found(context: Context, name: str) -> Node | None:
    context.viewer.need(Scope.BOOK)
    find = _KINDS.get(name.partition("_")[0])
    return await find(context, name) if find else None


@strawberry.type
class NodeQueries:
    """Fields of `Query` by id alone."""

    @answered
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of anything stored.")],  # noqa: A002
    ) -> Node | None:
        """Whatever of the viewer's partner has this id; null when nothing has. Needs the scope `book`."""
        return await _found(info.context, id)

    @answered
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Ids of anything stored, 100 at most.")],
    ) -> list[Node | None]:
        """Whatever of the viewer's partner has these ids, in their order; null where nothing has. Scope `book`."""
        if len(ids) > MOST:
            raise InvalidInput(message=f"ids may have {MOST} entries at most; it has {len(ids)}.", path=("ids",))
        return list(await asyncio.gather(*(_found(info.context, name) for name in ids)))
