"""Pages of bookings: newest first, by keyset on (created_at, id), so that a page costs the same wherever it begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from app.domain.booking import BookingState
from app.store.reads.owned import columns, fetched
from app.store.tables import BookingRow, TravellerRow

Instants: TypeAlias = Mapped[datetime] | Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From an instant on, until before another; None leaves that end open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingFilter:
    """What bookings must be to be listed. `name_words` each begin a word of one traveller's name, as `name_key` has it.

    Empty and None ask for nothing.
    """

    states: tuple[BookingState, ...] = ()
    created: Span = Span()
    departs: Span = Span()
    reference: str | None = None
    partner_reference: str | None = None
    name_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in a list that has the newest first."""

    created_at: datetime
    id: str


def page(
    session: Session, partner_id: str, wanted: BookingFilter, first: int, after: Position | None
) -> list[BookingRow]:
    """The partner's next `first` bookings after that position, newest first."""
    created, name = col(BookingRow.created_at), col(BookingRow.id)
    query = (
        select(*columns(BookingRow))
        .where(
            col(BookingRow.partner_id) == partner_id,
            *_conditions(partner_id, wanted),
            *later_than(after, created, name),
        )
        .order_by(created.desc(), name.desc())
        .limit(first)
    )
    return fetched(session, BookingRow, query)


def later_than(
    position: Position | None, created: Mapped[datetime], name: Mapped[str]
) -> Iterator[ColumnElement[bool]]:
    """What stands after the position, newest first; said in a way that both databases answer from the index."""
    if position is not None:
        yield created <= position.created_at
        yield or_(created < position.created_at, name < position.id)


def _conditions(partner_id: str, wanted: BookingFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.states:
        yield col(BookingRow.state).in_(wanted.states)
    if wanted.reference is not None:
        yield col(BookingRow.reference) == wanted.reference
    if wanted.partner_reference is not None:
        yield col(BookingRow.partner_reference) == wanted.partner_reference
    if wanted.name_words:
        yield _named(partner_id, wanted.name_words)
    yield from _within(col(BookingRow.created_at), wanted.created)
    yield from _within(col(BookingRow.departs_at), wanted.departs)


def _within(column: Instants, span: Span) -> Iterator[ColumnElement[bool]]:
    if span.start is not None:
        yield column >= span.start
    if span.end is not None:
        yield column < span.end


def _named(partner_id: str, words: Sequence[str]) -> ColumnElement[bool]:
    """Whether one of the booking's travellers, as they are now, has all these words in the name."""
    name = literal(" ").concat(col(TravellerRow.name_key))
    return exists().where(
        and_(
            col(TravellerRow.booking_id) == BookingRow.id,
            col(TravellerRow.partner_id) == partner_id,
            col(TravellerRow.current).is_(True),
            *(name.contains(f" {word}", autoescape=True) for word in words),
        )
    )
