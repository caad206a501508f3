"""Quotes: written as carriers answer, and confirmed exactly as they were shown, or not at all."""

from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from app.booking.facts import owned_booking
from app.domain import codec
from app.domain.errors import Refusal
from app.domain.quotes import RefundQuote
from app.domain.refusals import (
    ChangeUnpaid,
    NotFound,
    NotRefundable,
    PriceChanged,
    QuoteExpired,
    QuotePending,
    QuoteUsed,
)
from app.store.aftersales_tables import QuoteKind, QuoteRow, QuoteState
from app.store.tables import BookingRow, PaymentRow, PaymentStatus

Q = TypeVar("Q")

_PATH = ("input", "quoteId")
# What is not paid yet, and what is paid and not done yet.
_UNDER_WAY = (PaymentStatus.PENDING, PaymentStatus.AUTHORISED)


def owned_quote(session: Session, partner_id: str, quote_id: str) -> QuoteRow:
    """The partner's quote; NotFound also when it is another partner's."""
    row = session.get(QuoteRow, quote_id)
    if row is None or row.partner_id != partner_id:
        raise _unknown()
    return row


def confirmed(
    session: Session, partner_id: str, quote_id: str, kind: QuoteKind, operation_id: str, now: datetime
) -> tuple[QuoteRow, BookingRow]:
    """The partner's quote, used by this operation from here on, and its booking; both locked.

    NotFound, QuoteUsed, QuoteExpired, QuotePending, NotRefundable or ChangeUnpaid when it cannot be confirmed.
    """
    booking = owned_booking(session, partner_id, owned_quote(session, partner_id, quote_id).booking_id)
    row = session.get_one(QuoteRow, quote_id, with_for_update=True)
    if row.kind != kind:
        raise _unknown()
    if row.used_by is not None:
        check_no_change_unpaid(session, booking.id)
        raise _spent(row, row.used_by, booking)
    # Before its answer: what changed since may have left nothing to answer about.
    check_holds(row, booking, now)
    if row.state != QuoteState.READY:
        raise _not_ready(row)
    check_no_change_unpaid(session, booking.id)
    row.used_by, row.state = operation_id, QuoteState.USED
    return row, booking


def check_holds(row: QuoteRow, booking: BookingRow, now: datetime) -> None:
    """QuoteExpired when the quote's time is over, or the booking has changed since."""
    if row.expires_at is not None and row.expires_at <= now:
        raise QuoteExpired(message=f"This quote ended at {row.expires_at:%Y-%m-%d %H:%M} UTC.", path=_PATH)
    if row.version != booking.version:
        raise QuoteExpired(message="The booking has changed since this was quoted.", path=_PATH)


def holds(row: QuoteRow, booking: BookingRow, now: datetime) -> bool:
    """Whether the quote's time is not over, and the booking has not changed since."""
    try:
        check_holds(row, booking, now)
    except QuoteExpired:
        return False
    return True


def check_no_change_unpaid(session: Session, booking_id: str) -> None:
    """ChangeUnpaid while an exchange or services of the booking wait for their payment."""
    query = select(PaymentRow.id).where(
        PaymentRow.booking_id == booking_id,
        col(PaymentRow.quote_id).is_not(None),
        col(PaymentRow.status).in_(_UNDER_WAY),
    )
    payment_id = session.exec(query).first()
    if payment_id is not None:
        raise ChangeUnpaid(
            message="A change of this booking waits for its payment.", path=("input",), payment_id=payment_id
        )


def as_quoted(refusal: Refusal) -> Refusal:
    """What an exchange is refused with: a price that moved is a quote that no longer holds."""
    if isinstance(refusal, PriceChanged):
        return QuoteExpired(message="The carrier now asks another amount for this exchange.")
    return refusal


def facts_of(kind: type[Q], row: QuoteRow) -> Q:
    """What the quote says."""
    return codec.load(kind, row.facts)


def _unknown() -> NotFound:
    return NotFound(message="No quote of this kind with this id exists.", path=_PATH)


def _spent(row: QuoteRow, used_by: str, booking: BookingRow) -> Refusal:
    """What was done by it is not done twice; where nothing came of it, it is asked for anew."""
    if row.version == booking.version:
        return QuoteExpired(message="Nothing came of confirming this quote; ask for a new one.", path=_PATH)
    return QuoteUsed(message="This quote was confirmed before.", path=_PATH, operation_id=used_by)


def _not_ready(row: QuoteRow) -> Refusal:
    if row.state == QuoteState.PENDING:
        return QuotePending(message="The carrier has not answered this quote yet.", path=_PATH)
    rule = facts_of(RefundQuote, row).parts[0].rule
    return NotRefundable(message="Nothing would be given back.", path=_PATH, rule=rule)
