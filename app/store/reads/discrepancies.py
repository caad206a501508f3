"""Discrepancies, as operators see them: everybody's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from app.store.aftersales_tables import DiscrepancyKind, DiscrepancyRow, DiscrepancyState
from app.store.reads.owned import columns, fetched, possible
from app.store.reads.pages import Position, later_than


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscrepancyFilter:
    """What discrepancies must be to be listed; None asks for nothing."""

    state: DiscrepancyState | None = None
    kind: DiscrepancyKind | None = None
    source: str | None = None
    booking_id: str | None = None


def discrepancy_page(
    session: Session, wanted: DiscrepancyFilter, first: int, after: Position | None
) -> list[DiscrepancyRow]:
    """The next `first` discrepancies after that position, those found last first."""
    found, name = col(DiscrepancyRow.found_at), col(DiscrepancyRow.id)
    query = (
        select(*columns(DiscrepancyRow))
        .where(*_conditions(wanted), *later_than(after, found, name))
        .order_by(found.desc(), name.desc())
        .limit(first)
    )
    return fetched(session, DiscrepancyRow, query)


def discrepancies_by_id(session: Session, names: Sequence[str]) -> list[DiscrepancyRow | None]:
    """Discrepancies by id."""
    query = select(*columns(DiscrepancyRow)).where(col(DiscrepancyRow.id).in_(possible(names)))
    found = {row.id: row for row in fetched(session, DiscrepancyRow, query)}
    return [found.get(name) for name in names]


def _conditions(wanted: DiscrepancyFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.state is not None:
        yield col(DiscrepancyRow.state) == wanted.state
    if wanted.kind is not None:
        yield col(DiscrepancyRow.kind) == wanted.kind
    if wanted.source is not None:
        yield col(DiscrepancyRow.source) == wanted.source
    if wanted.booking_id is not None:
        yield col(DiscrepancyRow.booking_id) == wanted.booking_id
