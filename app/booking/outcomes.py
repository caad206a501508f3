"""How a card payment went, as its form tells the payer's page: a hint; the booking is the truth."""

from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from app.booking.facts import standing_items
from app.domain.booking import OVER, ItemState
from app.domain.money import Money
from app.store.tables import BookingRow, PaymentRow, PaymentStatus

_ENDED = {PaymentStatus.VOIDED, PaymentStatus.EXPIRED, PaymentStatus.FAILED}


class Fulfilment(StrEnum):
    """What the payment has led to: everything captured and ticketed, or taken while that is still being done."""

    SUCCESS = "SUCCESS"
    PARTIALLY_COMPLETED = "PARTIALLY_COMPLETED"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentOutcomeFacts:
    """What may be told of a payment now.

    `successful` is None while nobody knows; a declined card may be followed by another, so False is not always
    `final`: nothing more will change then. `paid` is what was reserved or taken, fees included, less what was given
    back. `form_url` is where the payer gives the card.
    """

    booking_id: str
    successful: bool | None
    status: Fulfilment | None
    paid: Money
    final: bool
    form_url: str | None


def outcome(session: Session, payment_id: str, partner_id: str) -> PaymentOutcomeFacts | None:
    """The outcome of the partner's payment; None when it is another's or there is none."""
    payment = session.get(PaymentRow, payment_id)
    if payment is None or payment.partner_id != partner_id:
        return None
    booking = session.get_one(BookingRow, payment.booking_id)
    status = _fulfilment(session, payment, booking)
    successful = _successful(payment, booking)
    return PaymentOutcomeFacts(
        booking_id=booking.id,
        successful=successful,
        status=status,
        paid=_paid(payment),
        final=status == Fulfilment.SUCCESS or (successful is False and payment.status != PaymentStatus.PENDING),
        form_url=payment.form_url,
    )


def _successful(payment: PaymentRow, booking: BookingRow) -> bool | None:
    if payment.status in _ENDED:
        return False
    if payment.status == PaymentStatus.PENDING:
        return None if payment.declined is None else False
    if payment.status == PaymentStatus.AUTHORISED:
        # Reserved for a booking that is over, it is about to be released.
        return None if booking.state in OVER else True
    return bool(_paid(payment))


def _fulfilment(session: Session, payment: PaymentRow, booking: BookingRow) -> Fulfilment | None:
    if booking.state in OVER or not _paid(payment):
        return None
    # What its own customer has given back since was ticketed once.
    kept = [item for item in standing_items(session, booking.id) if item.refund_terms is None]
    ticketed = all(item.state == ItemState.TICKETED for item in kept)
    done = ticketed and payment.status == PaymentStatus.CAPTURED
    return Fulfilment.SUCCESS if done else Fulfilment.PARTIALLY_COMPLETED


def _paid(payment: PaymentRow) -> Money:
    if payment.status not in {PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED}:
        return Money.zero(payment.currency)
    return Money(payment.amount_minor - payment.refunded_minor, payment.currency)
