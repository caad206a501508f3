"""Overdue accounts: nothing is paid on account while a statement is late."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.accounts.standing import Standing, disputed, late, standing
from app.domain.refusals import AccountOverdue
from app.store.account_tables import AccountHolder, StatementRow, StatementState

# The date is at most this far ahead of UTC's anywhere.
_FURTHEST_EAST = timedelta(hours=14)


def check_not_overdue(session: Session, partner_id: str, now: datetime) -> None:
    """AccountOverdue while a statement of the partner's is late, in whatever currency; it names the oldest."""
    found = overdue(session, partner_id, now)
    if found is not None:
        row, stands = found
        raise AccountOverdue(
            message=f"Statement {row.number} was due on {row.due_on}. Settle it before you pay on account again.",
            statement_id=row.id,
            due_on=row.due_on,
            outstanding=stands.payable,
        )


def overdue(session: Session, partner_id: str, now: datetime) -> tuple[StatementRow, Standing] | None:
    """The oldest statement that the partner is late to pay, and where it stands; None when it is late with none."""
    query = (
        select(StatementRow)
        .where(
            StatementRow.holder == AccountHolder.PARTNER,
            StatementRow.party == partner_id,
            StatementRow.state == StatementState.OPEN,
            StatementRow.total_minor > 0,
            StatementRow.due_on < (now + _FURTHEST_EAST).date(),
        )
        .order_by(col(StatementRow.due_on), col(StatementRow.id))
    )
    rows = session.exec(query).all()
    under_dispute = disputed(session, [row.id for row in rows]) if rows else {}
    stand = ((row, standing(row, under_dispute[row.id])) for row in rows)
    return next(((row, stands) for row, stands in stand if late(row, stands, now)), None)
