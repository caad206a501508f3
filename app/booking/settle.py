"""Settle: record payments of statements, credit them, dispute them, and resolve disputes, each once per key.

All of it is written in the transaction that opens the operation; no side is asked, so nothing is left to do after.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlmodel import Session

from app.accounts import settling
from app.accounts.settling import Act
from app.booking.desk import Desk, Outcome
from app.domain.money import Money
from app.domain.partner import Scope, Viewer
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Run
from app.store.account_tables import AccountHolder, StatementRow

RECORD_PAYMENT = "record-payment@1"
ISSUE_CREDIT_NOTE = "credit-note@1"
OPEN_DISPUTE = "open-dispute@1"
RESOLVE_DISPUTE = "resolve-dispute@1"
VERBS = (RECORD_PAYMENT, ISSUE_CREDIT_NOTE, OPEN_DISPUTE, RESOLVE_DISPUTE)

Write = Callable[[Session, Act], StatementRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentWish:
    """Money that went over the bank for a statement, on that day, with that reference."""

    statement_id: str
    amount: Money
    reference: str
    paid_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditWish:
    """What need not be paid of a statement, and why."""

    statement_id: str
    amount: Money
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DisputeWish:
    """What the holder of the account does not accept of a statement, and why."""

    statement_id: str
    amount: Money
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolveWish:
    """How a dispute ends; `note` says why."""

    dispute_id: str
    upheld: bool
    note: str


async def take_payment(desk: Desk, viewer: Viewer, key: str, wish: PaymentWish) -> Outcome:
    """Record a payment; NotFound, InvalidInput or ExceedsOutstanding. Access to operators only."""
    viewer.need(Scope.INTERNAL)

    def write(session: Session, act: Act) -> StatementRow:
        row = settling.find_statement(session, wish.statement_id)
        settling.record_payment(session, desk.tools.ids, act, row, wish.amount, wish.reference, wish.paid_on)
        return row

    return await _take(desk, viewer, RECORD_PAYMENT, key, wish, write)


async def take_credit_note(desk: Desk, viewer: Viewer, key: str, wish: CreditWish) -> Outcome:
    """Issue a credit note; NotFound, InvalidInput, WrongState or ExceedsOutstanding. Access to operators only."""
    viewer.need(Scope.INTERNAL)

    def write(session: Session, act: Act) -> StatementRow:
        row = settling.find_statement(session, wish.statement_id)
        settling.issue_credit_note(session, desk.tools.ids, act, row, wish.amount, wish.reason)
        return row

    return await _take(desk, viewer, ISSUE_CREDIT_NOTE, key, wish, write)


async def take_dispute(desk: Desk, viewer: Viewer, key: str, wish: DisputeWish) -> Outcome:
    """Dispute a statement of one's own; NotFound, InvalidInput, WrongState or ExceedsOutstanding."""

    def write(session: Session, act: Act) -> StatementRow:
        row = settling.find_statement(session, wish.statement_id)
        _check_visible(viewer, row)
        settling.open_dispute(session, desk.tools.ids, act, row, wish.amount, wish.reason)
        return row

    return await _take(desk, viewer, OPEN_DISPUTE, key, wish, write)


async def take_resolution(desk: Desk, viewer: Viewer, key: str, wish: ResolveWish) -> Outcome:
    """Resolve a dispute; NotFound or WrongState. Access to operators only."""
    viewer.need(Scope.INTERNAL)

    def write(session: Session, act: Act) -> StatementRow:
        dispute, row = settling.find_dispute(session, wish.dispute_id)
        settling.resolve_dispute(session, desk.tools.ids, act, dispute, row, upheld=wish.upheld, note=wish.note)
        return row

    return await _take(desk, viewer, RESOLVE_DISPUTE, key, wish, write)


async def settle(_tools: object, _run: Run) -> None:
    """The verb: everything was written when the operation opened."""


async def _take(desk: Desk, viewer: Viewer, verb: str, key: str, wish: object, write: Write) -> Outcome:
    return await desk.take(desk.opening(viewer, verb, key, wish), partial(_prepare, desk, viewer, write))


def _prepare(desk: Desk, viewer: Viewer, write: Write, session: Session, operation_id: str) -> Prepared:
    act = Act(operation_id=operation_id, actor=viewer.actor, at=desk.tools.clock.now())
    return Prepared(booking_id=None, input={"statement": write(session, act).id})


def _check_visible(viewer: Viewer, row: StatementRow) -> None:
    """NotFound for a statement that is neither the viewer's own nor an operator's to see."""
    own = row.holder == AccountHolder.PARTNER and row.party == viewer.partner.id
    if not own and Scope.INTERNAL not in viewer.scopes:
        raise NotFound(message="No statement with this id exists.", path=("input", "statementId"))
