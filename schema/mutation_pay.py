"""Pay."""

from typing import Annotated

import strawberry

from app.booking.pay import PayWish, take_pay
from app.store.tables import PaymentRow
from resolvers.payments import payment_of
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.money import MoneyInput
from schema.payload import Payload, accepted
from schema.payment import Payment
from schema.payment_outcome import PaymentOutcome, outcome_of
from schema.texts import checked


@strawberry.input(description="Pay on the partner's account: it confirms that its customer has paid.")
class OnAccountInput:
    """The partner's own reference."""

    reference: str | None = strawberry.field(default=None, description="The partner's own reference for the payment.")


@strawberry.input(one_of=True, description="How to pay.")
class PaymentMethodInput:
    """Exactly one of its fields."""

    on_account: OnAccountInput | None = strawberry.field(
        default=strawberry.UNSET, description="On the partner's account, within its credit."
    )


@strawberry.input(description="What to pay.")
class PayInput:
    """`PayWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this payment; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(description="A held booking.")
    method: PaymentMethodInput = strawberry.field(description="How to pay.")
    accept_up_to: MoneyInput | None = strawberry.field(
        default=None,
        description="The highest total to pay when a carrier's price has moved; the booking's total when left out.",
    )

    def to_wish(self) -> PayWish:
        """The verb's wish."""
        method = self.method.on_account
        return PayWish(
            booking_id=self.booking_id,
            reference=method.reference if method else None,
            accept_up_to=accepted(self.accept_up_to),
        )


@strawberry.type(description="What became of a `pay`.")
class PayPayload(Payload):
    """A paid booking, or why it is not."""

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


@strawberry.type
class PayMutation:
    """The field of `Mutation`."""

    @answered
    async def pay(
        self,
        info: Info,
        input: Annotated[PayInput, strawberry.argument(description="What to pay.")],  # noqa: A002
    ) -> PayPayload | None:
        """Pay a held booking: confirm everything with the carriers, then take the money. Needs the scope `book`."""
        return PayPayload.of(
            await taken(
                info.context,
                lambda desk, viewer: take_pay(desk, viewer, input.idempotency_key, checked(input, "input").to_wish()),
            )
        )
