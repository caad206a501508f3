"""Release what a card is blocked for and nothing is paid with."""

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from app.booking import charges
from app.booking.desk import SYSTEM, Tools
from app.booking.discrepancies import settle
from app.booking.funds import tell_payment
from app.domain import codec
from app.domain.booking import OVER
from app.domain.events import EventKind
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.journal.steps import nothing
from app.payments.contract import Charge
from app.store.aftersales_tables import DiscrepancyRow, DiscrepancyState
from app.store.tables import BookingRow, PaymentRow, PaymentStatus

VERB = "release-charge@1"
_DONE = "What was reserved, and paid for nothing, was released."
_REASON = "NOT_NEEDED"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseCharge:
    """The charge to release, and the payment it was opened for."""

    discrepancy: str
    payment: str
    provider: str
    charge: str


def prepare(discrepancy: str, session: Session, booking_id: str) -> Prepared:
    """NotFound where it was settled in the meantime, or pays for something after all."""
    row = session.get_one(DiscrepancyRow, discrepancy, with_for_update=True)
    payment = session.get_one(PaymentRow, row.payment_id, with_for_update=True)
    booking = session.get_one(BookingRow, booking_id)
    used = payment.status == PaymentStatus.CAPTURED or (
        payment.status in {PaymentStatus.AUTHORISED, PaymentStatus.PENDING} and booking.state not in OVER
    )
    if row.state != DiscrepancyState.OPEN or used:
        raise NotFound(message="Settled in the meantime.")
    order = ReleaseCharge(discrepancy=row.id, payment=payment.id, provider=row.source, charge=row.ref)
    return Prepared(booking_id=booking_id, input=codec.dump(order))


async def release_charge(tools: Tools, run: Run) -> None:
    """The verb: void it; one that was captured meanwhile is refused, and waits for a person."""
    order = codec.load(ReleaseCharge, run.claim.input)
    request = charges.ChargeRequest(provider=order.provider, charge=order.charge)
    await run.step(charges.void(tools, order.payment, request, partial(_settle, tools, run.claim, order), nothing))


def _settle(tools: Tools, claim: Claim, order: ReleaseCharge, session: Session, _charge: Charge) -> None:
    now = tools.clock.now()
    payment = session.get_one(PaymentRow, order.payment, with_for_update=True)
    if payment.status == PaymentStatus.AUTHORISED:
        payment.status, payment.settled_at, payment.check_at = PaymentStatus.VOIDED, now, None
        tell_payment(session, claim, EventKind.PAYMENT_VOIDED, payment, now, reason=_REASON)
    row = session.get_one(DiscrepancyRow, order.discrepancy, with_for_update=True)
    if row.state == DiscrepancyState.OPEN:
        settle(session, row, SYSTEM, _DONE, now, claim.operation_id)
