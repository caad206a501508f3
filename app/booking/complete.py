"""Complete a card payment: see what the payer did in the form, and fulfil the booking once everything is covered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, col

from app.booking import charges
from app.booking.confirm import fulfil
from app.booking.desk import Tools
from app.booking.duties import Due, Duty, waiting
from app.booking.funds import Fund, fund_of, left_to_pay, void
from app.booking.payable import Cover, cover
from app.booking.sessions import asked, close_form, look_again, note
from app.domain import codec
from app.domain.booking import BookingState
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.payments.contract import ChargeState
from app.store.tables import BookingRow, PaymentRow, PaymentStatus

VERB = "complete@1"
_PAYABLE = {BookingState.HELD, BookingState.CONFIRMED, BookingState.TICKETED}

# Whether no card may come any more for a booking's form.
Over = Callable[[Session, BookingRow, PaymentRow, datetime], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompleteOrder:
    """The form to look at, or to close where no card may come any more."""

    form: Fund
    close: bool


async def complete(tools: Tools, run: Run) -> None:
    """The verb: look at the charge; what is authorised covers the booking, waits for the rest, or is released."""
    if await has_paid(tools, run, codec.load(CompleteOrder, run.claim.input)):
        await settle_cover(tools, run)


async def has_paid(tools: Tools, run: Run, order: CompleteOrder) -> bool:
    """Whether the payer's card is authorised by now; a form that is to be closed takes no card after this."""
    form = order.form
    if order.close:
        step = close_form(tools, run.claim, form)
    else:
        noted, later = partial(note, tools, run.claim, form.payment), partial(look_again, tools, form.payment)
        step = charges.look(tools, form.payment, asked(form), noted, later)
    charge = await run.step(step)
    return charge.state in {ChargeState.AUTHORISED, ChargeState.CAPTURED}


async def settle_cover(tools: Tools, run: Run, *, keep_hold: bool = True) -> Cover:
    """Fulfil the booking where what is reserved covers it, release what is for nothing; answers what it was."""
    found = await run.record("cover", Cover, partial(_cover, tools, run.claim))
    if found.order is not None:
        await fulfil(tools, run, found.order, keep_hold=keep_hold)
    elif found.release:
        await void(tools, run, found.release, reason="NOT_NEEDED")
    return found


def _cover(tools: Tools, claim: Claim, session: Session) -> Cover:
    booking = session.get_one(BookingRow, claim.booking_id, with_for_update=True)
    return cover(session, booking, tools.clock.now())


def _over(session: Session, booking: BookingRow, _form: PaymentRow, _now: datetime) -> bool:
    return booking.state not in _PAYABLE or left_to_pay(session, booking).minor <= 0


def form_duty(verb: str, of: Any, over: Over) -> Duty:  # noqa: ANN401 - SQL
    """The verb for every form of these that was heard of, or has to be looked at; once `over`, no card may come."""

    def due(tools: Tools, row: tuple[PaymentRow, BookingRow]) -> Due:
        form, booking = row
        return Due(subject=f"{form.id}/{form.checks}", booking=booking, prepare=_prepare(tools, form.id, over))

    unpaid = waiting(PaymentRow, col(PaymentRow.check_at), PaymentRow.status == PaymentStatus.PENDING, of)
    return Duty(verb=verb, waiting=unpaid, due=due)


def _prepare(tools: Tools, payment_id: str, over: Over) -> Callable[[Session, str], Prepared]:
    def prepare(session: Session, booking_id: str) -> Prepared:
        now = tools.clock.now()
        booking = session.get_one(BookingRow, booking_id, with_for_update=True)
        row = session.get_one(PaymentRow, payment_id, with_for_update=True)
        if row.status != PaymentStatus.PENDING or row.charge is None:
            raise NotFound(message="Completed in the meantime.")
        # Whatever is heard from now on asks for another look.
        row.checks, row.check_at = row.checks + 1, None
        ended = row.expires_at is not None and row.expires_at <= now + timedelta(seconds=1)
        order = CompleteOrder(form=fund_of(row), close=ended or over(session, booking, row, now))
        return Prepared(booking_id=booking_id, input=codec.dump(order))

    return prepare


DUTY = form_duty(VERB, col(PaymentRow.quote_id).is_(None), _over)
