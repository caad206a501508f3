"""A partner's own bookings: one, by its reference, or a page of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.booking.balances import Balance, Credit, balance, credit
from app.booking.people import name_words
from app.domain.partner import Scope
from app.domain.refusals import InvalidInput
from app.store.reads import pages
from app.store.reads.pages import BookingFilter
from app.store.tables import BookingRow
from resolvers.bounds import bounded
from resolvers.context import Context
from resolvers.cursors import position
from resolvers.loaders import BOOKING, BOOKING_BY_REFERENCE, PAID, own

MOST: Final = 100
LONGEST_NAME: Final = 80


@dataclass(frozen=True)
class Page:
    """Some bookings, and whether there are more after them."""

    rows: Sequence[BookingRow]
    more: bool


async def booking(context: Context, booking_id: str) -> BookingRow | None:
    """The viewer's booking of this id; Access without the scope."""
    context.viewer.need(Scope.BOOK)
    return await own(context, BOOKING, booking_id)


async def booking_by_reference(context: Context, reference: str) -> BookingRow | None:
    """The viewer's booking of this reference, however people write it; Access without the scope."""
    context.viewer.need(Scope.BOOK)
    return await own(context, BOOKING_BY_REFERENCE, spoken(reference))


async def booking_page(context: Context, wanted: BookingFilter, first: int, after: str | None) -> Page:
    """The next bookings; InvalidInput for a wrong `first` or `after`, Access without the scope."""
    context.viewer.need(Scope.BOOK)
    size = bounded(first, MOST)
    start = position(after) if after is not None else None
    partner_id = context.viewer.partner.id
    rows = await context.services.store.read(
        lambda session: pages.page(session, partner_id, wanted, size + 1, start),
    )
    return Page(rows[:size], more=len(rows) > size)


async def booking_balance(context: Context, row: BookingRow) -> Balance:
    """Where the booking's money stands."""
    return balance(row, await own(context, PAID, row.id))


async def account(context: Context) -> list[Credit]:
    """The viewer's own credit on account; Access without the scope."""
    context.viewer.need(Scope.BOOK)
    partner = context.viewer.partner
    return await context.services.store.read(lambda session: credit(session, partner))


def spoken(reference: str) -> str:
    """A reference as it is stored: people write small letters, blanks and hyphens."""
    return re.sub(r"[\s-]", "", reference).upper()


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name to look for; InvalidInput for a text that is no name."""
    words = name_words(name)
    if not words or len(name) > LONGEST_NAME:
        raise InvalidInput(
            message=f"Give one word or more of a name, {LONGEST_NAME} characters at most.",
            path=("filter", "passengerName"),
        )
    return words
