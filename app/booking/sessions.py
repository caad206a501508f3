"""Pay by card: open a form for the payer at the payment provider. What the payer does there, `complete` takes up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from app.booking import charges
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import earliest, owned_booking
from app.booking.funds import Fund, fund_of, payments_of, tell_payment
from app.booking.hear_payments import heard_already
from app.booking.payable import amount_to_pay, too_late
from app.domain import codec
from app.domain.booking import BookingState
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.partner import Viewer
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.payments.contract import Charge, ChargeState, SessionWish
from app.store.tables import BookingRow, PaymentMethod, PaymentRow, PaymentStatus

VERB = "open-session@1"
# Confirming takes time too: a card that is authorised at the last moment must still be in time for the carriers.
_CONFIRM_MARGIN = timedelta(minutes=2)
_SHORTEST = timedelta(minutes=1)
# A callback comes within a second; without one we look for ourselves.
_FIRST_LOOK = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class CardWish:
    """The booking whose payer gets a card form for `amount`, or all that is left; `locale` is a BCP 47 tag."""

    booking_id: str
    amount: Money | None = None
    reference: str | None = None
    locale: str = "en"


async def take_session(desk: Desk, viewer: Viewer, key: str, wish: CardWish) -> Outcome:
    """Open a card form; PaymentUnavailable, PaymentTooLate, WrongState or InvalidInput when that cannot be."""
    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish), booking_id=wish.booking_id)


async def open_session(tools: Tools, run: Run) -> None:
    """The verb: open the charge. Waiting for the payer is a fact with a deadline, not an open operation."""
    request = codec.load(charges.OpenRequest, run.claim.input)
    payment = request.wish.payment

    def settle(session: Session, charge: Charge) -> None:
        row = session.get_one(PaymentRow, payment, with_for_update=True)
        row.charge, row.form_url = charge.ref, charge.form_url
        early = heard_already(session, request.provider, charge.ref)
        row.check_at = tools.clock.now() + (timedelta() if early else _FIRST_LOOK)
        tell_payment(
            session, run.claim, EventKind.PAYMENT_REQUESTED, row, tools.clock.now(), expiresAt=request.wish.expires_at
        )

    await run.step(charges.open_charge(tools, payment, request, settle, partial(fail, tools, run.claim, payment)))


async def close_forms(tools: Tools, run: Run, forms: Sequence[Fund]) -> None:
    """Take no card any more in these forms; a card that came first is a reserved payment from here on."""
    await run.each([close_form(tools, run.claim, form) for form in forms])


def open_forms(session: Session, booking_id: str) -> tuple[Fund, ...]:
    """The booking's card forms that wait for a payer."""
    return tuple(map(fund_of, payments_of(session, booking_id, PaymentStatus.PENDING)))


def close_form(tools: Tools, claim: Claim, form: Fund) -> Step[charges.ChargeRequest, Charge]:
    """The step that closes one form."""
    noted, lost = partial(note, tools, claim, form.payment), partial(fail, tools, claim, form.payment)
    return charges.close(tools, form.payment, asked(form), noted, lost)


def asked(form: Fund) -> charges.ChargeRequest:
    """What to ask the form's provider about."""
    return charges.ChargeRequest(provider=form.provider, charge=form.charge)


def note(tools: Tools, claim: Claim, payment: str, session: Session, charge: Charge) -> None:
    """Write down what the provider says of a charge whose form was open."""
    now = tools.clock.now()
    row = session.get_one(PaymentRow, payment, with_for_update=True)
    row.card = charge.card or row.card
    if charge.attempts > row.attempts and charge.declined is not None:
        row.declined = charge.declined
        tell_payment(session, claim, EventKind.PAYMENT_DECLINED, row, now, reason=charge.declined)
    row.attempts = max(row.attempts, charge.attempts)
    if charge.state == ChargeState.OPEN:
        row.check_at = row.check_at or _next_look(row, now)
        return
    paid = charge.state in {ChargeState.AUTHORISED, ChargeState.CAPTURED}
    row.status = PaymentStatus.AUTHORISED if paid else PaymentStatus.EXPIRED
    row.check_at, row.settled_at = None, None if paid else now
    kind = EventKind.PAYMENT_AUTHORISED if paid else EventKind.PAYMENT_EXPIRED
    tell_payment(session, claim, kind, row, now)


def fail(tools: Tools, claim: Claim, payment: str, session: Session, refusal: Refusal) -> None:
    """There is no such charge: it could not be opened, or the provider has lost it."""
    now = tools.clock.now()
    row = session.get_one(PaymentRow, payment, with_for_update=True)
    row.status, row.check_at, row.settled_at = PaymentStatus.FAILED, None, now
    tell_payment(session, claim, EventKind.PAYMENT_FAILED, row, now, reason=refusal.code)


def look_again(tools: Tools, payment: str, session: Session, _refusal: Refusal) -> None:
    """The provider could not be asked: look at the charge later."""
    row = session.get_one(PaymentRow, payment, with_for_update=True)
    row.check_at = row.check_at or _next_look(row, tools.clock.now())


def _next_look(row: PaymentRow, now: datetime) -> datetime:
    """Ever more rarely, and once more when the form has ended: then it is closed for good."""
    pause: timedelta = _FIRST_LOOK * 4 ** min(row.checks, 10)
    assert row.expires_at is not None  # noqa: S101 - every form ends
    return max(min(now + pause, row.expires_at), now + timedelta(seconds=1))


def _prepare(tools: Tools, viewer: Viewer, wish: CardWish, session: Session, operation_id: str) -> Prepared:
    now = tools.clock.now()
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    amount = amount_to_pay(session, booking, wish.amount, now)
    form = Form(amount=amount, expires_at=_expiry(tools, booking, now), locale=wish.locale, reference=wish.reference)
    return prepare_form(tools, viewer, session, booking, operation_id, form)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """A card form to open: for how much, until when, and for which change of the booking, if for one."""

    amount: Money
    expires_at: datetime
    locale: str
    reference: str | None
    quote_id: str | None = None


def prepare_form(
    tools: Tools, viewer: Viewer, session: Session, booking: BookingRow, operation_id: str, form: Form
) -> Prepared:
    """The payment that waits for its payer, and what `open_session` opens; PaymentUnavailable without a provider."""
    provider = tools.providers.first().profile.code
    payment = PaymentRow(
        id=tools.ids.new("py"),
        partner_id=viewer.partner.id,
        booking_id=booking.id,
        operation_id=operation_id,
        method=PaymentMethod.CARD,
        status=PaymentStatus.PENDING,
        amount_minor=form.amount.minor,
        currency=form.amount.currency,
        reference=form.reference,
        quote_id=form.quote_id,
        provider=provider,
        expires_at=form.expires_at,
        created_at=tools.clock.now(),
    )
    session.add(payment)
    wish = SessionWish(
        payment=payment.id,
        reference=booking.reference,
        amount=form.amount,
        expires_at=form.expires_at,
        origins=viewer.partner.origins,
        outcome_url=tools.payment_links.outcome(payment.id, payment.partner_id),
        locale=form.locale,
    )
    return Prepared(booking_id=booking.id, input=codec.dump(charges.OpenRequest(provider=provider, wish=wish)))


def _expiry(tools: Tools, booking: BookingRow, now: datetime) -> datetime:
    """When the form ends: always before the booking, or the rest of it, has to be paid.

    PaymentTooLate when that leaves no time.
    """
    limit = _limit(booking, now)
    if limit is None:
        return now + tools.terms.payment_session
    ends = form_end(tools, limit, now)
    if ends is None:
        raise too_late(limit)
    return ends


def _limit(booking: BookingRow, now: datetime) -> datetime | None:
    """Until when what is paid now is in time; a deposit that is too little already ends nothing."""
    held = booking.state == BookingState.HELD
    balance = booking.balance_due_at
    return earliest(booking.pay_by if held else None, balance if balance is None or balance > now else None)


def form_end(tools: Tools, limit: datetime, now: datetime) -> datetime | None:
    """When a form ends whose payment must be taken up before the limit; None when that leaves no time."""
    ends = min(now + tools.terms.payment_session, limit - _CONFIRM_MARGIN)
    return ends if ends - now >= _SHORTEST else None
