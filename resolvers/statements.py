"""Settlement statements: a partner sees its own, an operator everybody's."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlmodel import Session

from app.accounts.standing import Standing, late, standing
from app.domain.partner import Scope
from app.store.account_tables import (
    AccountHolder,
    DisputeRow,
    DisputeState,
    SettlementKind,
    SettlementRow,
    StatementLineRow,
    StatementRow,
    StatementState,
)
from app.store.reads import statements
from app.store.reads.statements import LineSpan, StatementFilter
from resolvers.bounds import bounded
from resolvers.context import Context
from resolvers.cursors import line_after, position
from resolvers.loading import load

K = TypeVar("K")
V = TypeVar("V")

MOST: Final = 100


@dataclass(frozen=True)
class StatementPage:
    """Some statements, and whether there are more after them."""

    rows: Sequence[StatementRow]
    more: bool


@dataclass(frozen=True)
class LinePage:
    """Some lines of a statement, and whether there are more after them."""

    rows: Sequence[StatementLineRow]
    more: bool


def _seen(
    read: Callable[[Session, str | None, Sequence[K]], Sequence[V]],
) -> Callable[[Context, Sequence[K]], Awaitable[Sequence[V]]]:
    """A batch that reads the store once for all its keys, with the viewer's eyes."""

    async def answer(context: Context, keys: Sequence[K]) -> Sequence[V]:
        only = _reader(context)
        return await context.services.store.read(lambda session: read(session, only, keys))

    return answer


_STATEMENT = _seen(statements.statements_by_id)
_LINES = _seen(statements.lines)
_SETTLEMENTS = _seen(statements.settlements)
_DISPUTES = _seen(statements.disputes)
_DISPUTE = _seen(statements.disputes_by_id)


async def statement(context: Context, statement_id: str) -> StatementRow | None:
    """The statement of this id, where the viewer may see it; Access without the scope."""
    context.viewer.need(Scope.BOOK)
    return await load(context, _STATEMENT, statement_id)


async def dispute(context: Context, dispute_id: str) -> DisputeRow | None:
    """The dispute of this id, where the viewer may see it; Access without the scope."""
    context.viewer.need(Scope.BOOK)
    return await load(context, _DISPUTE, dispute_id)


async def partner_statements(
    context: Context, partner_id: str | None, state: StatementState | None, first: int, after: str | None
) -> StatementPage:
    """The next statements of the viewer's partner; of another, Access for all but operators."""
    party = partner_id if partner_id is not None else context.viewer.partner.id
    if party != context.viewer.partner.id:
        context.viewer.need(Scope.INTERNAL)
    return await _page(context, StatementFilter(holder=AccountHolder.PARTNER, party=party, state=state), first, after)


async def carrier_statements(context: Context, carrier: str | None, first: int, after: str | None) -> StatementPage:
    """The next statements of a carrier, or of all; Access for all but operators."""
    context.viewer.need(Scope.INTERNAL)
    return await _page(context, StatementFilter(holder=AccountHolder.CARRIER, party=carrier), first, after)


async def _page(context: Context, wanted: StatementFilter, first: int, after: str | None) -> StatementPage:
    """InvalidInput for a wrong `first` or `after`, Access without the scope."""
    context.viewer.need(Scope.BOOK)
    size = bounded(first, MOST)
    start = position(after) if after is not None else None
    rows = await context.services.store.read(
        lambda session: statements.statement_page(session, wanted, size + 1, start),
    )
    return StatementPage(rows[:size], more=len(rows) > size)


async def line_page(context: Context, row: StatementRow, first: int, after: str | None) -> LinePage:
    """The statement's next lines; InvalidInput for a wrong `first` or `after`."""
    size = bounded(first, MOST)
    rows = await load(context, _LINES, LineSpan(row.id, line_after(after), size + 1))
    return LinePage(rows[:size], more=len(rows) > size)


async def settlements(context: Context, row: StatementRow, kind: SettlementKind) -> list[SettlementRow]:
    """What lessened the statement in this way."""
    return [each for each in await load(context, _SETTLEMENTS, row.id) if each.kind == kind]


async def disputes(context: Context, row: StatementRow) -> Sequence[DisputeRow]:
    """What was disputed of the statement."""
    return await load(context, _DISPUTES, row.id)


async def standing_of(context: Context, row: StatementRow) -> Standing:
    """Where the statement stands."""
    unresolved = [each for each in await disputes(context, row) if each.state == DisputeState.OPEN]
    return standing(row, sum(each.amount_minor for each in unresolved))


async def is_late(context: Context, row: StatementRow) -> bool:
    """Whether the statement is overdue now."""
    return late(row, await standing_of(context, row), context.services.clock.now())


def pdf_link(context: Context, row: StatementRow) -> str:
    """Where the statement can be opened on paper by whoever may see it."""
    return context.services.statement_links.pdf(row.id, _reader(context))


def csv_link(context: Context, row: StatementRow) -> str:
    """Where its lines can be opened as a table by whoever may see it."""
    return context.services.statement_links.csv(row.id, _reader(context))


def _reader(context: Context) -> str | None:
    """The partner whose statements alone may be read; None for an operator."""
    return None if Scope.INTERNAL in context.viewer.scopes else context.viewer.partner.id
