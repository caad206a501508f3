"""A statement as it is printed or put into a table: its lines as issued, and where it stands now."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.accounts.cycle import local_day
from app.accounts.standing import standing
from app.domain.money import Money
from app.papers.statement import Disputed, Settled, Statement, StatementLine
from app.store.account_tables import (
    AccountHolder,
    DisputeRow,
    DisputeState,
    SettlementRow,
    StatementLineRow,
    StatementRow,
)
from app.store.tables import PartnerRow

_MOMENT = timedelta(microseconds=1)


def statement_paper(
    session: Session, statement_id: str, partner_id: str | None, *, issuer: str, now: datetime
) -> Statement | None:
    """The statement as it stands now; None when there is none, or it is not this partner's own.

    Without a partner, as for the operator, it may be anyone's. `issuer` is whose letterhead it has.
    """
    row = session.get(StatementRow, statement_id)
    if row is None or not _shown(row, partner_id):
        return None
    disputed = _disputed(session, row)
    stands = standing(row, sum(part.amount.minor for part in disputed))
    return Statement(
        issuer=issuer,
        number=row.number,
        holder=_holder(session, row),
        owed_by_issuer=row.holder == AccountHolder.CARRIER,
        first_day=local_day(row.begins_at, row.zone),
        last_day=local_day(row.ends_at - _MOMENT, row.zone),
        zone=row.zone,
        issued_on=local_day(row.created_at, row.zone),
        due_on=row.due_on,
        as_of=local_day(now, row.zone),
        lines=_lines(session, row),
        settled=_settled(session, row),
        disputed=disputed,
        total=stands.total,
        outstanding=stands.outstanding,
        payable=stands.payable,
    )


def _shown(row: StatementRow, partner_id: str | None) -> bool:
    return partner_id is None or (row.holder == AccountHolder.PARTNER and row.party == partner_id)


def _holder(session: Session, row: StatementRow) -> str:
    """The partner's name; carriers are known by their code."""
    return session.get_one(PartnerRow, row.party).name if row.holder == AccountHolder.PARTNER else row.party


def _lines(session: Session, row: StatementRow) -> tuple[StatementLine, ...]:
    query = select(StatementLineRow).where(StatementLineRow.statement_id == row.id)
    return tuple(
        StatementLine(
            day=local_day(line.at, row.zone),
            kind=line.kind,
            reference=line.reference,
            own_reference=line.own_reference,
            amount=Money(line.amount_minor, line.currency),
        )
        for line in session.exec(query.order_by(col(StatementLineRow.position)))
    )


def _settled(session: Session, row: StatementRow) -> tuple[Settled, ...]:
    query = select(SettlementRow).where(SettlementRow.statement_id == row.id)
    sign = 1 if row.total_minor > 0 else -1
    return tuple(
        Settled(
            day=part.day,
            kind=part.kind,
            reference=part.reference,
            amount=Money(sign * part.amount_minor, part.currency),
            reason=part.reason,
        )
        for part in session.exec(query.order_by(col(SettlementRow.created_at), col(SettlementRow.id)))
    )


def _disputed(session: Session, row: StatementRow) -> tuple[Disputed, ...]:
    query = select(DisputeRow).where(DisputeRow.statement_id == row.id, DisputeRow.state == DisputeState.OPEN)
    return tuple(
        Disputed(
            day=local_day(part.created_at, row.zone),
            reason=part.reason,
            amount=Money(part.amount_minor, part.currency),
        )
        for part in session.exec(query.order_by(col(DisputeRow.created_at), col(DisputeRow.id)))
    )
