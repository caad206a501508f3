"""Pay."""

from typing import Annotated

import strawberry

from app.booking.pay import PayWish, take_pay
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.money import MoneyInput
from schema.payload import Payload, accepted
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
