"""What the viewer's backends were told: its endpoints, and every delivery to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.partner import Scope
from app.store.delivery_tables import DeliveryRow, EndpointRow
from app.store.reads import webhooks
from app.store.reads.webhooks import DeliveryFilter
from resolvers.bounds import bounded
from resolvers.context import Context
from resolvers.cursors import position
from resolvers.loaders import DELIVERY, ENDPOINT, own

MOST: Final = 100


@dataclass(frozen=True)
class DeliveryPage:
    """Some deliveries, and whether there are more after them."""

    rows: Sequence[DeliveryRow]
    more: bool


async def endpoints(context: Context) -> list[EndpointRow]:
    """The viewer's active endpoints; Access without the scope."""
    context.viewer.need(Scope.BOOK)
    partner_id = context.viewer.partner.id
    return await context.services.store.read(lambda session: webhooks.endpoints(session, partner_id))


async def endpoint_of(context: Context, row: DeliveryRow) -> EndpointRow | None:
    """Where the delivery goes."""
    return await own(context, ENDPOINT, row.endpoint_id)


async def delivery(context: Context, delivery_id: str) -> DeliveryRow | None:
    """The viewer's delivery of this id; Access without the scope."""
    context.viewer.need(Scope.BOOK)
    return await own(context, DELIVERY, delivery_id)


async def delivery_page(context: Context, wanted: DeliveryFilter, first: int, after: str | None) -> DeliveryPage:
    """The next deliveries; InvalidInput for a wrong `first` or `after`, Access without the scope."""
    context.viewer.need(Scope.BOOK)
    size = bounded(first, MOST)
    start = position(after) if after is not None else None
    partner_id = context.viewer.partner.id
    rows = await context.services.store.read(
        lambda session: webhooks.delivery_page(session, partner_id, wanted, size + 1, start),
    )
    return DeliveryPage(rows[:size], more=len(rows) > size)
