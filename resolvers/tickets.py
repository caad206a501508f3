"""What a ticket refers to: its item, its traveller, and the links that open it."""

from app.store.tables import TicketRow, TravellerRow
from resolvers.context import Context
from resolvers.items import Item
from resolvers.loaders import ITEMS, TRAVELLERS, own


async def item_of(context: Context, row: TicketRow) -> Item:
    """The item the ticket belongs to; loaded with its booking's, which is loaded anyway."""
    return next(item for item in await own(context, ITEMS, row.booking_id) if item.row.id == row.item_id)


async def traveller_of(context: Context, row: TicketRow) -> TravellerRow:
    """Who travels with the ticket."""
    return next(one for one in await own(context, TRAVELLERS, row.booking_id) if one.id == row.traveller_id)


def pdf_link(context: Context, row: TicketRow) -> str:
    """Where its PDF opens, for the next minutes."""
    return context.services.links.pdf(row.id, row.partner_id)


def verification_link(context: Context, row: TicketRow) -> str:
    """Where anyone can see whether it is valid."""
    return context.services.links.verification(row.id, row.partner_id)
