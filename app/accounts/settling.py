"""Settling statements: payments that are recorded, credit notes, and disputes about what was billed.

What is disputed is neither paid nor overdue until the dispute is resolved: upheld, it becomes a credit note; rejected,
it is payable again. So nothing is ever settled twice, and no statement more than in full: whoever received more records
the rest on another statement, or sends it back.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from app import ledger
from app.accounts.cycle import local_day
from app.accounts.standing import Standing, disputed, standing
from app.domain.ids import Ids
from app.domain.money import Money
from app.domain.refusals import ExceedsOutstanding, InvalidInput, NotFound, WrongState
from app.ledger import Account, EntryKind
from app.store.account_tables import (
    AccountHolder,
    DisputeRow,
    DisputeState,
    SettlementKind,
    SettlementRow,
    StatementRow,
    StatementState,
)

_ENTRY_KINDS = {
    SettlementKind.PAYMENT: EntryKind.SETTLEMENT,
    SettlementKind.CREDIT_NOTE: EntryKind.CREDIT_NOTE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One act on an account: the operation, whose token, and when."""

    operation_id: str
    actor: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class _Posting:
    """What settles an account is of no booking, and of no partner where it is a carrier's."""

    operation_id: str
    partner_id: str | None
    booking_id: str | None = None


def find_statement(session: Session, statement_id: str) -> StatementRow:
    """The statement, locked; NotFound when there is none."""
    row = session.get(StatementRow, statement_id, with_for_update=True)
    if row is None:
        raise NotFound(message="No statement with this id exists.", path=("input", "statementId"))
    return row


def find_dispute(session: Session, dispute_id: str) -> tuple[DisputeRow, StatementRow]:
    """The dispute and its statement, both locked; NotFound when there is none."""
    row = session.get(DisputeRow, dispute_id)
    if row is None:
        raise NotFound(message="No dispute with this id exists.", path=("input", "disputeId"))
    statement = find_statement(session, row.statement_id)
    session.refresh(row, with_for_update=True)
    return row, statement


def record_payment(
    session: Session, ids: Ids, act: Act, statement: StatementRow, amount: Money, reference: str, day: date
) -> None:
    """Money that went over the bank on that day, the way the statement's total goes.

    ExceedsOutstanding for more than is payable, InvalidInput for a day to come or another currency.
    """
    if day > local_day(act.at, statement.zone):
        raise InvalidInput(message="A payment is recorded once it was made.", path=("input", "paidOn"))
    _check_payable(statement, _standing(session, statement), amount)
    _settle(session, ids, act, statement, SettlementKind.PAYMENT, amount, reference, day)


def issue_credit_note(
    session: Session, ids: Ids, act: Act, statement: StatementRow, amount: Money, reason: str
) -> None:
    """Less is to be paid, for that reason. ExceedsOutstanding, InvalidInput or WrongState."""
    _check_owed(statement)
    _check_payable(statement, _standing(session, statement), amount)
    _credit(session, ids, act, statement, amount, reason)


def open_dispute(session: Session, ids: Ids, act: Act, statement: StatementRow, amount: Money, reason: str) -> None:
    """The holder does not accept so much of the statement. ExceedsOutstanding, InvalidInput or WrongState."""
    _check_owed(statement)
    _check_payable(statement, _standing(session, statement), amount)
    session.add(
        DisputeRow(
            id=ids.new("di"),
            statement_id=statement.id,
            operation_id=act.operation_id,
            amount_minor=amount.minor,
            currency=amount.currency,
            reason=reason,
            actor=act.actor,
            created_at=act.at,
        )
    )


def resolve_dispute(
    session: Session, ids: Ids, act: Act, dispute: DisputeRow, statement: StatementRow, *, upheld: bool, note: str
) -> None:
    """Upheld, the disputed amount becomes a credit note; rejected, it is payable. WrongState when it was resolved."""
    if dispute.state != DisputeState.OPEN:
        raise WrongState(
            message=f"This dispute was resolved already: {dispute.state}.",
            path=("input", "disputeId"),
            state=dispute.state,
        )
    dispute.state = DisputeState.UPHELD if upheld else DisputeState.REJECTED
    dispute.resolution, dispute.resolved_at = note, act.at
    if upheld:
        _credit(session, ids, act, statement, Money(dispute.amount_minor, dispute.currency), note)


def _credit(session: Session, ids: Ids, act: Act, statement: StatementRow, amount: Money, reason: str) -> None:
    """A credit note is numbered after its statement; the statement's lock keeps the numbers apart."""
    query = select(func.count()).where(
        col(SettlementRow.statement_id) == statement.id, col(SettlementRow.kind) == SettlementKind.CREDIT_NOTE
    )
    number = f"{statement.number}/{session.exec(query).one() + 1}"
    day = local_day(act.at, statement.zone)
    _settle(session, ids, act, statement, SettlementKind.CREDIT_NOTE, amount, number, day, reason)


def _settle(
    session: Session,
    ids: Ids,
    act: Act,
    statement: StatementRow,
    kind: SettlementKind,
    amount: Money,
    reference: str,
    day: date,
    reason: str | None = None,
) -> None:
    session.add(
        SettlementRow(
            id=ids.new("se"),
            statement_id=statement.id,
            operation_id=act.operation_id,
            kind=kind,
            amount_minor=amount.minor,
            currency=amount.currency,
            reference=reference,
            day=day,
            reason=reason,
            actor=act.actor,
            created_at=act.at,
        )
    )
    towards = amount if statement.total_minor > 0 else -amount
    _post(session, act, statement, _ENTRY_KINDS[kind], towards)
    statement.settled_minor += towards.minor
    if statement.settled_minor == statement.total_minor:
        statement.state = StatementState.SETTLED


def _post(session: Session, act: Act, statement: StatementRow, kind: EntryKind, amount: Money) -> None:
    owner = statement.party if statement.holder == AccountHolder.PARTNER else None
    posting = _Posting(operation_id=act.operation_id, partner_id=owner)
    lines = ledger.settled(kind, Account(statement.holder), statement.party, amount)
    ledger.post(session, posting, kind, lines, act.at, statement_id=statement.id)


def _standing(session: Session, statement: StatementRow) -> Standing:
    return standing(statement, disputed(session, [statement.id])[statement.id])


def _check_owed(statement: StatementRow) -> None:
    if statement.total_minor < 0:
        raise WrongState(
            message="This statement is in its holder's favour: there is nothing to credit or dispute on it.",
            path=("input", "statementId"),
            state=statement.state,
        )


def _check_payable(statement: StatementRow, stands: Standing, amount: Money) -> None:
    path = ("input", "amount")
    if amount.currency != statement.currency:
        raise InvalidInput(message=f"The statement is in {statement.currency}.", path=path)
    if amount.minor <= 0:
        raise InvalidInput(message="The amount must be above zero.", path=path)
    if amount > stands.payable:
        raise ExceedsOutstanding(
            message="This is more than is missing of the statement and not disputed.",
            path=path,
            outstanding=stands.payable,
        )
