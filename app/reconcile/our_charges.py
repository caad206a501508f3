"""Our side of a payment provider's charges: the payments they were opened for, and which to ask for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from app.booking.differences import Subject
from app.domain.booking import OVER
from app.domain.money import Money
from app.payments.contract import ListedCharge
from app.reconcile.compare_charges import OurCharge
from app.reconcile.under_way import Span, busy, rows_in
from app.store.tables import BookingRow, OperationRow, OperationState, PaymentRow, PaymentStatus

_COUNTED_ON = (PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED)


def unlisted(
    session: Session, provider: str, listed: Collection[str], span: Span, after: str, limit: int
) -> Sequence[tuple[str, str]]:
    """Payments after this one that count on a charge the list lacks, by their ids, each with that charge."""
    query = (
        select(PaymentRow.id, PaymentRow.charge)
        .join(BookingRow, col(BookingRow.id) == PaymentRow.booking_id)
        .where(
            PaymentRow.provider == provider,
            col(PaymentRow.status).in_(_COUNTED_ON),
            col(PaymentRow.charge).is_not(None),
            PaymentRow.id > after,
            or_(col(PaymentRow.created_at) >= span.since, col(BookingRow.departs_at) >= span.now),
        )
        .order_by(col(PaymentRow.id))
        .limit(limit + len(listed))
    )
    found = ((payment, str(charge)) for payment, charge in session.exec(query) if charge not in listed)
    return [pair for pair, _ in zip(found, range(limit), strict=False)]


def our_charges(
    session: Session, provider: str, listed: Mapping[str, ListedCharge | None], quiet: datetime
) -> dict[str, OurCharge]:
    """The payments of these charges, by the charges' ids. What was busy after `quiet` still counts as busy."""
    named = {ref: each.payment for ref, each in listed.items() if each is not None and each.payment}
    ours = PaymentRow.provider == provider
    by_id = {row.id: row for row in rows_in(session, PaymentRow, PaymentRow.id, set(named.values()), ours)}
    by_charge = {str(row.charge): row for row in rows_in(session, PaymentRow, PaymentRow.charge, listed.keys(), ours)}
    # A charge that was opened twice for one payment, or by a name that somebody else made up, is not the one it has.
    unheard = {ref: by_id[name] for ref, name in named.items() if name in by_id and by_id[name].charge is None}
    rows = unheard | by_charge
    bookings = {
        row.id: row for row in rows_in(session, BookingRow, BookingRow.id, {r.booking_id for r in rows.values()})
    }
    changing = busy(session, bookings.keys(), quiet)
    waiting = _open(session, {row.operation_id for row in unheard.values()})
    return {
        ref: _ours(row, bookings[row.booking_id], waiting, busy=row.booking_id in changing) for ref, row in rows.items()
    }


def _open(session: Session, operations: Collection[str]) -> set[str]:
    rows = rows_in(session, OperationRow, OperationRow.id, operations, OperationRow.state == OperationState.OPEN)
    return {row.id for row in rows}


def _ours(row: PaymentRow, booking: BookingRow, waiting: Collection[str], *, busy: bool) -> OurCharge:
    return OurCharge(
        about=Subject(partner=row.partner_id, booking=row.booking_id, payment=row.id),
        status=PaymentStatus(row.status),
        amount=Money(row.amount_minor, row.currency),
        refunded=Money(row.refunded_minor, row.currency),
        over=booking.state in OVER,
        busy=busy,
        waiting=row.operation_id if row.operation_id in waiting and row.charge is None else None,
    )
