"""Statements and what belongs to them, for many at once.

`only` is the partner whose statements alone are seen; None sees everybody's, as operators do.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import Session, col

from app.store.account_tables import (
    AccountHolder,
    DisputeRow,
    SettlementRow,
    StatementLineRow,
    StatementRow,
    StatementState,
)
from app.store.reads.owned import columns, fetched, possible, table_of
from app.store.reads.pages import Position, later_than
from app.store.tables import Row

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementFilter:
    """What statements must be to be listed; None asks for nothing."""

    holder: AccountHolder
    party: str | None = None
    state: StatementState | None = None


class LineSpan(NamedTuple):
    """Some lines of a statement: `size` of them at most, after that position."""

    statement_id: str
    after: int
    size: int


def statement_page(session: Session, wanted: StatementFilter, first: int, after: Position | None) -> list[StatementRow]:
    """The next `first` statements after that position, those of the latest cycles first."""
    ends, name = col(StatementRow.ends_at), col(StatementRow.id)
    query = (
        select(*columns(StatementRow))
        .where(*_conditions(wanted), *later_than(after, ends, name))
        .order_by(ends.desc(), name.desc())
        .limit(first)
    )
    return fetched(session, StatementRow, query)


def statements_by_id(session: Session, only: str | None, names: Sequence[str]) -> list[StatementRow | None]:
    """Statements by id."""
    query = select(*columns(StatementRow)).where(col(StatementRow.id).in_(possible(names)), *_seen_by(only))
    found = {row.id: row for row in fetched(session, StatementRow, query)}
    return [found.get(name) for name in names]


def disputes_by_id(session: Session, only: str | None, names: Sequence[str]) -> list[DisputeRow | None]:
    """Disputes by id."""
    rows = _belonging(session, DisputeRow, only, col(DisputeRow.id).in_(possible(names)))
    found = {row.id: row for row in rows}
    return [found.get(name) for name in names]


def disputes(session: Session, only: str | None, statements: Sequence[str]) -> list[list[DisputeRow]]:
    """Each statement's disputes, oldest first."""
    return _grouped(session, DisputeRow, only, statements)


def settlements(session: Session, only: str | None, statements: Sequence[str]) -> list[list[SettlementRow]]:
    """Each statement's payments and credit notes, oldest first."""
    return _grouped(session, SettlementRow, only, statements)


def lines(session: Session, only: str | None, spans: Sequence[LineSpan]) -> list[list[StatementLineRow]]:
    """The lines of each span, in order. Positions have no gaps, so that a span needs no window function."""
    position = col(StatementLineRow.position)
    asked: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for span in spans:
        asked[span.after, span.after + span.size].add(span.statement_id)
    within = or_(
        *(
            and_(col(StatementLineRow.statement_id).in_(possible(names)), position > after, position <= last)
            for (after, last), names in asked.items()
        )
    )
    found = defaultdict(list)
    for row in _belonging(session, StatementLineRow, only, within, order=("position",)):
        found[row.statement_id].append(row)
    return [
        [row for row in found[span.statement_id] if span.after < row.position <= span.after + span.size]
        for span in spans
    ]


def _grouped(session: Session, kind: type[R], only: str | None, statements: Sequence[str]) -> list[list[R]]:
    """For each statement its rows of this kind, oldest first."""
    table = table_of(kind)
    of_these = table.c.statement_id.in_(possible(statements))
    found: defaultdict[str, list[R]] = defaultdict(list)
    for row in _belonging(session, kind, only, of_these, order=("created_at", "id")):
        found[getattr(row, "statement_id")].append(row)  # noqa: B009 - whatever belongs to a statement has it
    return [found[name] for name in statements]


def _belonging(
    session: Session, kind: type[R], only: str | None, *conditions: ColumnElement[bool], order: Sequence[str] = ()
) -> list[R]:
    """What belongs to statements that may be seen."""
    table = table_of(kind)
    query = (
        select(*columns(kind))
        .join(StatementRow, col(StatementRow.id) == table.c.statement_id)
        .where(*conditions, *_seen_by(only))
        .order_by(*(table.c[name] for name in order))
    )
    return fetched(session, kind, query)


def _seen_by(only: str | None) -> Iterator[ColumnElement[bool]]:
    if only is not None:
        yield col(StatementRow.holder) == AccountHolder.PARTNER
        yield col(StatementRow.party) == only


def _conditions(wanted: StatementFilter) -> Iterator[ColumnElement[bool]]:
    yield col(StatementRow.holder) == wanted.holder
    if wanted.party is not None:
        yield col(StatementRow.party) == wanted.party
    if wanted.state is not None:
        yield col(StatementRow.state) == wanted.state
