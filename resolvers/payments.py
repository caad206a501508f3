"""Payments: where the payer goes, what is at work on one, and why one failed."""

from app.domain.errors import Refusal
from app.domain.payment import DeclineReason
from app.domain.refusals import PaymentDeclined
from app.store.tables import OperationRow, PaymentRow, PaymentStatus
from resolvers.context import Context
from resolvers.loaders import OPEN_OPERATIONS, PAYMENTS, REFUSED_OPERATIONS, own
from resolvers.operations import refusal_of


async def payment_of(context: Context, operation_id: str, booking_id: str) -> PaymentRow | None:
    """The payment the operation made; None when it made none. Loaded with its booking's, which are loaded anyway."""
    rows = await own(context, PAYMENTS, booking_id)
    return next((row for row in rows if row.operation_id == operation_id), None)


def live_form(context: Context, row: PaymentRow) -> str | None:
    """Where the payer can give a card now; None when that is over, or is not how it is paid."""
    over = row.expires_at is None or row.expires_at <= context.services.clock.now()
    return None if over or row.status != PaymentStatus.PENDING else row.form_url


async def at_work(context: Context, row: PaymentRow) -> OperationRow | None:
    """The operation at work on the payment's booking, of which there is one at most."""
    return next(iter(await own(context, OPEN_OPERATIONS, row.booking_id)), None)


async def failure(context: Context, row: PaymentRow) -> Refusal | None:
    """What ended the payment: what its operation was refused for, or the card's last decline; None for neither."""
    refused = [each for each in await own(context, REFUSED_OPERATIONS, row.booking_id) if _ended_in(row, each)]
    refused.sort(key=lambda each: each.id == row.operation_id)
    return refusal_of(refused[-1]) if refused else _declined(row)


def _ended_in(row: PaymentRow, operation: OperationRow) -> bool:
    """Whether the payment ended during the operation; two never change one booking at once."""
    ended, closed = row.settled_at, operation.closed_at
    return ended is not None and closed is not None and operation.created_at <= ended <= closed


def declined(row: PaymentRow) -> DeclineReason | None:
    """Why the latest card was declined; None where none was, or a later one was accepted."""
    undecided = row.status in {PaymentStatus.PENDING, PaymentStatus.EXPIRED}
    return DeclineReason(row.declined) if row.declined and undecided else None


def _declined(row: PaymentRow) -> Refusal | None:
    reason = declined(row)
    if reason is None:
        return None
    return PaymentDeclined(message="The card was declined, and no other was given in time.", reason=reason)
