"""What was exchanged for what. Both ends are of one booking, whose items and tickets are loaded anyway."""

from app.domain.booking import ItemState
from app.store.tables import ItemRow, TicketRow
from resolvers.context import Context
from resolvers.items import Item
from resolvers.loaders import ITEMS, TICKETS, own


async def replaced_item(context: Context, row: ItemRow) -> Item | None:
    """The item that was exchanged for this one."""
    return next((item for item in await own(context, ITEMS, row.booking_id) if item.row.id == row.replaces), None)


async def replacing_item(context: Context, row: ItemRow) -> Item | None:
    """The item that this one was exchanged for; an exchange that came to nothing leaves it as it was."""
    if row.state != ItemState.EXCHANGED:
        return None
    after = [item for item in await own(context, ITEMS, row.booking_id) if item.row.replaces == row.id]
    return next((item for item in reversed(after) if item.row.state != ItemState.REJECTED), None)


async def replaced_ticket(context: Context, row: TicketRow) -> TicketRow | None:
    """The ticket that was exchanged for this one."""
    return next((other for other in await own(context, TICKETS, row.booking_id) if other.id == row.replaces), None)


async def replacing_ticket(context: Context, row: TicketRow) -> TicketRow | None:
    """The ticket that this one was exchanged for."""
    return next((other for other in await own(context, TICKETS, row.booking_id) if other.replaces == row.id), None)
