"""Pay: whether a booking can be paid on account, and what of; `confirm` does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from app import ledger
from app.booking.confirm import PayItem, PayOrder
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import Author, items_of, offer_of, owned_booking, price_of, tell
from app.booking.people import current_rows, versions
from app.domain import codec
from app.domain.booking import BookingState, ItemState
from app.domain.errors import (
    CreditExceeded,
    InvalidInput,
    MoneyMovement,
    PaymentTooLate,
    PriceChanged,
    WrongState,
)
from app.domain.events import EventKind
from app.domain.itinerary import FareConditions
from app.domain.money import Money
from app.domain.partner import Viewer
from app.journal.journal import Prepared
from app.store.partners import partner_of
from app.store.tables import BookingRow, ItemRow, PartnerRow, PaymentMethod, PaymentRow

VERB = "pay@1"
# A guarantee that ends while we ask is none.
_SOON = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PayWish:
    """The booking to pay on account: the partner confirms that its customer has paid.

    `reference` is the partner's own for the payment; `accept_up_to` the highest total it takes without asking.
    """

    booking_id: str
    reference: str | None = None
    accept_up_to: Money | None = None


async def take_pay(desk: Desk, viewer: Viewer, key: str, wish: PayWish) -> Outcome:
    """Pay a held booking on account; PaymentTooLate, WrongState or CreditExceeded when that cannot begin."""
    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish), booking_id=wish.booking_id)


def _prepare(tools: Tools, viewer: Viewer, wish: PayWish, session: Session, operation_id: str) -> Prepared:
    now = tools.clock.now()
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    items = items_of(session, booking.id)
    _check_payable(booking, items, now)
    shown = Money(booking.total_minor, booking.currency)
    highest = _highest(shown, wish)
    _check_credit(session, viewer, highest)
    payment = PaymentRow(
        id=tools.ids.new("py"),
        partner_id=viewer.partner.id,
        booking_id=booking.id,
        operation_id=operation_id,
        method=PaymentMethod.ON_ACCOUNT,
        amount_minor=highest.minor,
        currency=highest.currency,
        reference=wish.reference,
        created_at=now,
    )
    session.add(payment)
    author = Author(partner_id=viewer.partner.id, booking_id=booking.id, operation_id=operation_id, actor=viewer.actor)
    tell(session, author, EventKind.PAYMENT_AUTHORISED, now, amount=highest, method=PaymentMethod.ON_ACCOUNT)
    order = PayOrder(
        payment=payment.id,
        items=tuple(_pay_item(item, now) for item in items),
        travellers=versions(current_rows(session, booking.id)),
        shown=shown,
        highest=highest,
    )
    return Prepared(booking_id=booking.id, input=codec.dump(order))


def _pay_item(row: ItemRow, now: datetime) -> PayItem:
    offer = offer_of(row)
    assert offer is not None  # noqa: S101 - a held item was checked
    guaranteed = row.price_guaranteed_until is not None and row.price_guaranteed_until - _SOON > now
    return PayItem(
        item=row.id,
        carrier=row.carrier,
        order=row.order_ref,
        offer=offer.ref,
        price=price_of(row),
        guaranteed=guaranteed and row.order_ref is not None,
        reversible=reversible(offer.conditions),
        passengers=row.passengers,
    )


def reversible(conditions: FareConditions) -> bool:
    """Whether a confirmed order can be cancelled for nothing. What the carrier does not tell is not relied on."""
    refund = conditions.refund
    return refund is not None and refund.allowed and refund.fee is not None and not refund.fee


def _check_payable(booking: BookingRow, items: Sequence[ItemRow], now: datetime) -> None:
    late = booking.state == BookingState.EXPIRED or (booking.pay_by is not None and booking.pay_by <= now)
    if late and booking.pay_by is not None and booking.state in {BookingState.HELD, BookingState.EXPIRED}:
        raise PaymentTooLate(
            message=f"This booking had to be paid by {booking.pay_by:%Y-%m-%d %H:%M} UTC. Search and reserve again.",
            path=("input", "bookingId"),
            pay_by=booking.pay_by,
        )
    if booking.state != BookingState.HELD:
        raise WrongState(
            message=f"Only a held booking can be paid; this one is {booking.state}.",
            path=("input", "bookingId"),
            state=booking.state,
        )
    if any(item.state != ItemState.HELD or item.stuck for item in items):
        raise WrongState(
            message="Part of this booking has ended already, so it can only be cancelled.",
            path=("input", "bookingId"),
            state=booking.state,
        )


def _highest(shown: Money, wish: PayWish) -> Money:
    """The highest total to pay without asking; PriceChanged when the booking costs more than the client accepts."""
    accepted = wish.accept_up_to
    if accepted is not None and accepted.currency != shown.currency:
        raise InvalidInput(
            message=f"Accept an amount in the booking's currency, {shown.currency}.", path=("input", "acceptUpTo")
        )
    if accepted is not None and accepted < shown:
        raise PriceChanged(
            message="The booking costs more than you accept. Read its total and pay again, or cancel.",
            path=("input", "acceptUpTo"),
            old_total=accepted,
            new_total=shown,
        )
    return accepted or shown


def _check_credit(session: Session, viewer: Viewer, amount: Money) -> None:
    """CreditExceeded unless the limit covers it on top of what is owed and reserved; the row lock makes that exact."""
    partner = session.get_one(PartnerRow, viewer.partner.id, with_for_update=True)
    limit = partner_of(partner).credit.get(amount.currency, Money.zero(amount.currency))
    available = limit - ledger.owed(session, partner.id, amount.currency)
    if amount > available:
        raise CreditExceeded(
            message="The account's credit does not cover this booking.",
            path=("input", "bookingId"),
            money=MoneyMovement.NONE,
            required=amount,
            available=max(available, Money.zero(amount.currency)),
        )
