"""Pay on account: reserve the partner's credit, and fulfil the booking once everything is covered."""

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from app import ledger
from app.accounts.overdue import check_not_overdue
from app.booking.confirm import fulfil
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import Author, owned_booking
from app.booking.funds import tell_payment
from app.booking.payable import Cover, amount_to_pay, cover
from app.domain import codec
from app.domain.error_codes import MoneyMovement
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.partner import Viewer
from app.domain.refusals import CreditExceeded, InvalidInput, PriceChanged
from app.journal.journal import Prepared
from app.journal.run import Run
from app.store.partners import partner_of
from app.store.tables import PartnerRow, PaymentMethod, PaymentRow

VERB = "pay@1"


@dataclass(frozen=True, kw_only=True, slots=True)
class PayWish:
    """The booking to pay on account: the partner confirms that its customer has paid `amount`, or all that is left.

    `reference` is the partner's own for the payment; `accept_up_to` the highest total it takes without asking.
    """

    booking_id: str
    amount: Money | None = None
    reference: str | None = None
    accept_up_to: Money | None = None


async def take_pay(desk: Desk, viewer: Viewer, key: str, wish: PayWish) -> Outcome:
    """Pay on account; AccountOverdue, CreditExceeded, PaymentTooLate, WrongState or InvalidInput says why not."""
    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish), booking_id=wish.booking_id)


async def pay(tools: Tools, run: Run) -> None:
    """The verb: fulfil what is covered; a part payment waits for the rest."""
    order = codec.load(Cover, run.claim.input).order
    if order is not None:
        await fulfil(tools, run, order)


def _prepare(tools: Tools, viewer: Viewer, wish: PayWish, session: Session, operation_id: str) -> Prepared:
    now = tools.clock.now()
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    amount = amount_to_pay(session, booking, wish.amount, now)
    shown = Money(booking.total_minor, booking.currency)
    highest = _highest(shown, wish)
    # What the price may move by is reserved too; what it did not need is not taken.
    reserved = amount + (highest - shown)
    reserve_credit(tools, viewer, session, booking.id, operation_id, reserved, wish.reference)
    return Prepared(booking_id=booking.id, input=codec.dump(cover(session, booking, now, highest)))


def reserve_credit(
    tools: Tools,
    viewer: Viewer,
    session: Session,
    booking_id: str,
    operation_id: str,
    amount: Money,
    reference: str | None,
    quote_id: str | None = None,
) -> PaymentRow:
    """Reserve credit for the booking, or for the change of it in the quote; AccountOverdue or CreditExceeded."""
    now = tools.clock.now()
    check_not_overdue(session, viewer.partner.id, now)
    _check_credit(session, viewer, amount)
    payment = PaymentRow(
        id=tools.ids.new("py"),
        partner_id=viewer.partner.id,
        booking_id=booking_id,
        operation_id=operation_id,
        method=PaymentMethod.ON_ACCOUNT,
        amount_minor=amount.minor,
        currency=amount.currency,
        reference=reference,
        quote_id=quote_id,
        created_at=now,
    )
    session.add(payment)
    session.flush()
    author = Author(partner_id=viewer.partner.id, booking_id=booking_id, operation_id=operation_id, actor=viewer.actor)
    tell_payment(session, author, EventKind.PAYMENT_AUTHORISED, payment, now)
    return payment


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
