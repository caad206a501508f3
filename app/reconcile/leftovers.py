"""What our own records say that a person must mend: no other side has to be asked for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from app import ledger
from app.booking.differences import Difference, Subject
from app.booking.facts import busy_bookings, cost_of
from app.booking.funds import covered
from app.domain.booking import BookingState, ItemState
from app.domain.events import EventKind
from app.domain.money import Money
from app.store.aftersales_tables import DiscrepancyKind
from app.store.tables import (
    BookingRow,
    EventRow,
    ItemRow,
    OperationRow,
    OperationState,
    PaymentRow,
    PaymentStatus,
)

KINDS = (
    DiscrepancyKind.STUCK,
    DiscrepancyKind.UNPAID_BALANCE,
    DiscrepancyKind.REFUND_REFUSED,
    DiscrepancyKind.REFUND_UNTOLD,
)
# Whose record an operation is.
_OURSELVES = "faregate"
_UNTOLD_AFTER = timedelta(days=3)
# Written as the partial index is: no database uses one for a value that it does not see.
_UNSETTLED_REFUNDS = text("event.kind IN ('REFUND_FAILED', 'REFUND_PENDING')")
_UNENDED = text("operation.state IN ('OPEN', 'STUCK')")
_FAILED = text("payment.status = 'FAILED'")
_SOLD = (BookingState.CONFIRMED, BookingState.TICKETED)


def leftovers(session: Session, now: datetime) -> list[Difference]:
    """All there is of it, where no operation is at work."""
    return [
        *_stuck_items(session),
        *_stuck_operations(session),
        *_unpaid(session),
        *_refunds_refused(session),
        *_refunds_untold(session, now),
    ]


def _stuck_items(session: Session) -> Iterator[Difference]:
    for row in session.exec(select(ItemRow).where(col(ItemRow.stuck).is_not(None))).all():
        yield Difference(
            kind=DiscrepancyKind.STUCK,
            source=row.carrier,
            ref=row.order_ref or row.id,
            about=_item(row),
            ours={"state": row.state, "stuck": row.stuck},
        )


def _stuck_operations(session: Session) -> Iterator[Difference]:
    for row in session.exec(select(OperationRow).where(_UNENDED, OperationRow.state == OperationState.STUCK)).all():
        yield Difference(
            kind=DiscrepancyKind.STUCK,
            source=_OURSELVES,
            ref=row.id,
            about=Subject(partner=row.partner_id, booking=row.booking_id),
            ours={"operation": row.verb},
        )


def _unpaid(session: Session) -> Iterator[Difference]:
    """Sold, and a card that was to pay it could not be captured."""
    query = (
        select(PaymentRow, BookingRow)
        .join(BookingRow, col(BookingRow.id) == PaymentRow.booking_id)
        .where(
            _FAILED,
            col(PaymentRow.charge).is_not(None),
            col(BookingRow.state).in_(_SOLD),
            col(BookingRow.id).not_in(busy_bookings()),
        )
        .order_by(col(PaymentRow.created_at), col(PaymentRow.id))
    )
    latest = {booking.id: (payment, booking) for payment, booking in session.exec(query).all()}
    for payment, booking in latest.values():
        paid = covered(session, booking, PaymentStatus.CAPTURED)
        due = _confirming(booking)
        if paid < due:
            yield _about_payment(DiscrepancyKind.UNPAID_BALANCE, payment, {"paid": paid, "unpaid": due - paid})


def _confirming(booking: BookingRow) -> Money:
    """What should have been paid at least: the deposit where one confirms it, else everything."""
    cost = cost_of(booking)
    return cost if booking.deposit_minor is None else min(cost, Money(booking.deposit_minor, booking.currency))


def _refunds_refused(session: Session) -> Iterator[Difference]:
    """More was paid than is sold, and the provider would not give it back."""
    query = (
        select(EventRow, BookingRow)
        .join(BookingRow, col(BookingRow.id) == EventRow.booking_id)
        .where(_UNSETTLED_REFUNDS, EventRow.kind == EventKind.REFUND_FAILED, col(BookingRow.id).not_in(busy_bookings()))
    )
    told = sorted(session.exec(query).all(), key=lambda pair: pair[0].id or 0)
    latest = {booking.id: (event, booking) for event, booking in told}
    for event, booking in latest.values():
        owed = -ledger.outstanding(session, booking.id, booking.currency)
        payment = session.get(PaymentRow, event.facts["payment"])
        if payment is not None and owed > Money.zero(booking.currency):
            yield _about_payment(DiscrepancyKind.REFUND_REFUSED, payment, {"owed": owed})


def _refunds_untold(session: Session, now: datetime) -> Iterator[Difference]:
    """Cancelled for a refund whose amount the carrier has not told for days."""
    query = (
        select(ItemRow)
        .join(EventRow, col(EventRow.item_id) == ItemRow.id)
        .where(
            _UNSETTLED_REFUNDS,
            EventRow.kind == EventKind.REFUND_PENDING,
            EventRow.at <= now - _UNTOLD_AFTER,
            ItemRow.state == ItemState.CANCELLED,
            col(ItemRow.refund_terms).is_not(None),
            # Told, it is not asked for any more.
            col(ItemRow.check_order_at).is_not(None),
        )
    )
    for row in {item.id: item for item in session.exec(query).all()}.values():
        yield Difference(
            kind=DiscrepancyKind.REFUND_UNTOLD,
            source=row.carrier,
            ref=row.order_ref or row.id,
            about=_item(row),
            ours={"state": row.state, "terms": row.refund_terms or ""},
        )


def _item(row: ItemRow) -> Subject:
    return Subject(partner=row.partner_id, booking=row.booking_id, item=row.id)


def _about_payment(kind: DiscrepancyKind, row: PaymentRow, ours: dict[str, Money]) -> Difference:
    return Difference(
        kind=kind,
        source=row.provider or _OURSELVES,
        ref=row.charge or row.id,
        about=Subject(partner=row.partner_id, booking=row.booking_id, payment=row.id),
        ours={"state": row.status, **ours},
    )
