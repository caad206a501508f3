"""What our records and another's disagree on: for operators only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.partner import Scope
from app.store.aftersales_tables import DiscrepancyRow
from app.store.reads.discrepancies import DiscrepancyFilter, discrepancies_by_id, discrepancy_page
from resolvers.bounds import bounded
from resolvers.context import Context
from resolvers.cursors import position
from resolvers.loading import load

MOST: Final = 100


@dataclass(frozen=True)
class DiscrepancyPage:
    """Some discrepancies, and whether there are more after them."""

    rows: Sequence[DiscrepancyRow]
    more: bool


async def _batch(context: Context, names: Sequence[str]) -> list[DiscrepancyRow | None]:
    return await context.services.store.read(lambda session: discrepancies_by_id(session, names))


async def discrepancy(context: Context, discrepancy_id: str) -> DiscrepancyRow | None:
    """The discrepancy of this id; to all but operators there are none."""
    return await load(context, _batch, discrepancy_id) if Scope.INTERNAL in context.viewer.scopes else None


async def discrepancies(context: Context, wanted: DiscrepancyFilter, first: int, after: str | None) -> DiscrepancyPage:
    """The next discrepancies; InvalidInput for a wrong `first` or `after`, Access for all but operators."""
    for scope in (Scope.BOOK, Scope.INTERNAL):
        context.viewer.need(scope)
    size = bounded(first, MOST)
    start = position(after) if after is not None else None
    rows = await context.services.store.read(lambda session: discrepancy_page(session, wanted, size + 1, start))
    return DiscrepancyPage(rows[:size], more=len(rows) > size)
