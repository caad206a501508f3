"""What every mutation answers that may take a payment: how the payment went, besides the rest."""

import strawberry

from app.store.tables import PaymentRow
from resolvers.payments import payment_of
from schema.fields import Info, answered
from schema.payload import Payload
from schema.payment import Payment
from schema.payment_outcome import PaymentOutcome, outcome_of


@strawberry.type
class PaymentPayload(Payload):
    """What the payloads of mutations that pay have in common."""

    @answered
    async def payment(self, info: Info) -> Payment | None:
        """The payment as it is now; null when nothing was opened."""
        row = await self._row(info)
        return Payment.of(row) if row else None

    @answered
    async def outcome(self, info: Info) -> PaymentOutcome | None:
        """What has become of the payment, and what is to be done now; null when nothing was opened."""
        row = await self._row(info)
        return await outcome_of(info.context, row) if row else None

    async def _row(self, info: Info) -> PaymentRow | None:
        operation_id, booking_id = self.taken.operation_id, self.taken.booking_id
        return await payment_of(info.context, operation_id, booking_id) if operation_id and booking_id else None
