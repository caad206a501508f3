"""What has become of a payment: one type for each state, with the facts of that state alone."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.domain.payment import DeclineReason
from app.store.tables import PaymentRow, PaymentStatus
from resolvers.context import Context
from resolvers.payments import at_work, declined, failure, live_form
from schema.errors import UserError, shown
from schema.operation import Operation
from schema.payment import Payment
from schema.scalars import Url

_ENDED = {PaymentStatus.VOIDED, PaymentStatus.EXPIRED, PaymentStatus.FAILED}


@strawberry.type(description="The payer has to give a card in the provider's form.")
class PaymentActionRequired:
    """A charge that waits for its payer."""

    payment: Payment = strawberry.field(description="The payment.")
    form_url: Url = strawberry.field(
        description="The provider's form, to be shown in an iframe on one of the partner's origins."
    )
    expires_at: datetime = strawberry.field(description="Until when the form takes a card.")


@strawberry.type(description="Nothing to do but wait: it is not decided yet, or waits for the rest to be paid.")
class PaymentProcessing:
    """A payment between the payer's part and the end."""

    payment: Payment = strawberry.field(description="The payment.")
    operation: Operation | None = strawberry.field(
        description="What is at work on the booking; null while the payment waits for the rest, or for the provider."
    )


@strawberry.type(description="The amount was taken.")
class PaymentSucceeded:
    """A captured payment."""

    payment: Payment = strawberry.field(description="The payment.")


@strawberry.type(description="Nothing was taken, and nothing more will come of this payment.")
class PaymentFailed:
    """A payment that ended without money."""

    payment: Payment = strawberry.field(description="The payment; its `status` says how it ended.")
    error: UserError | None = strawberry.field(
        description="Why; null where nothing was refused: the form was not used in time, or its amount was not needed."
    )
    reason: DeclineReason | None = strawberry.field(
        description="Why the last card was declined; null where none was, or a later one was accepted."
    )


PaymentOutcome = Annotated[
    PaymentActionRequired | PaymentProcessing | PaymentSucceeded | PaymentFailed,
    strawberry.union("PaymentOutcome", description="What has become of a payment, and what is to be done now."),
]


async def outcome_of(
    context: Context, row: PaymentRow
) -> PaymentActionRequired | PaymentProcessing | PaymentSucceeded | PaymentFailed:
    """The outcome the payment's row tells, now."""
    payment, form = Payment.of(row), live_form(context, row)
    if form is not None and row.expires_at is not None:
        return PaymentActionRequired(payment=payment, form_url=Url(form), expires_at=row.expires_at)
    if row.status == PaymentStatus.CAPTURED:
        return PaymentSucceeded(payment=payment)
    if row.status in _ENDED:
        return await _failed(context, row)
    operation = await at_work(context, row)
    return PaymentProcessing(payment=payment, operation=Operation.of(operation) if operation else None)


async def _failed(context: Context, row: PaymentRow) -> PaymentFailed:
    refusal = await failure(context, row)
    return PaymentFailed(
        payment=Payment.of(row),
        error=shown(refusal) if refusal else None,
        reason=declined(row),
    )
