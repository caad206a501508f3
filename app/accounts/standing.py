"""Where a statement stands: what is settled, what is disputed, and whether the rest is late."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.accounts.cycle import local_day
from app.domain.money import Money
from app.store.account_tables import DisputeRow, DisputeState, StatementRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A statement's amounts. `total` and `settled` are below zero where the account is in its holder's favour.

    `disputed` is what open disputes are about, above zero.
    """

    total: Money
    settled: Money
    disputed: Money

    @property
    def outstanding(self) -> Money:
        """What is not settled, disputed or not."""
        return self.total - self.settled

    @property
    def payable(self) -> Money:
        """What is to be paid now, whoever pays: disputed amounts wait until their dispute is resolved."""
        return (-self.outstanding if self.total < Money.zero(self.total.currency) else self.outstanding) - self.disputed


def standing(row: StatementRow, disputed_minor: int) -> Standing:
    """The statement's standing, given what its open disputes are about."""
    return Standing(
        total=Money(row.total_minor, row.currency),
        settled=Money(row.settled_minor, row.currency),
        disputed=Money(disputed_minor, row.currency),
    )


def late(row: StatementRow, stands: Standing, now: datetime) -> bool:
    """Whether the day it was due is over where the account is kept, and something is still to be paid."""
    return local_day(now, row.zone) > row.due_on and bool(stands.payable)


def disputed(session: Session, statements: Collection[str]) -> defaultdict[str, int]:
    """What open disputes are about, in minor units, by statement."""
    query = (
        select(DisputeRow.statement_id, func.sum(DisputeRow.amount_minor))
        .where(col(DisputeRow.statement_id).in_(statements), DisputeRow.state == DisputeState.OPEN)
        .group_by(col(DisputeRow.statement_id))
    )
    return defaultdict(int, {statement: int(minor) for statement, minor in session.exec(query)})
