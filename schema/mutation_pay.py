"""Pay."""

from functools import partial
from typing import Annotated

import strawberry

from app.booking.desk import Desk, Outcome
from app.booking.pay import PayWish, take_pay
from app.booking.sessions import CardWish, take_session
from app.domain.partner import Viewer
from app.domain.refusals import InvalidInput
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.money import MoneyInput
from schema.payload import money
from schema.payment_input import PaymentMethodInput
from schema.payment_payload import PaymentPayload
from schema.texts import checked


@strawberry.input(description="What to pay.")
class PayInput:
    """`PayWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this payment; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(description="A booking with something left to pay.")
    method: PaymentMethodInput = strawberry.field(description="How to pay.")
    amount: MoneyInput | None = strawberry.field(
        default=None,
        description="What to pay now, such as the deposit; all that is left to pay when left out.",
    )
    accept_up_to: MoneyInput | None = strawberry.field(
        default=None,
        description="On account, the highest total to pay when a carrier's price has moved; the booking's total when "
        "left out. A card form asks for one exact amount.",
    )

    def to_wish(self) -> PayWish | CardWish:
        """The wish of the verb that pays so; InvalidInput for amounts that cannot be meant."""
        amount, highest = money(self.amount, "amount"), money(self.accept_up_to, "acceptUpTo")
        card, account = self.method.card, self.method.on_account
        if not card:
            reference = account.reference if account else None
            return PayWish(booking_id=self.booking_id, amount=amount, reference=reference, accept_up_to=highest)
        if highest is not None:
            raise InvalidInput(message="A card form asks for one exact amount.", path=("input", "acceptUpTo"))
        return CardWish(booking_id=self.booking_id, amount=amount, reference=card.reference, locale=card.locale)


@strawberry.type(description="What became of a `pay`.")
class PayPayload(PaymentPayload):
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
        """Pay a booking: when it is covered, confirm everything with the carriers, then take the money.

        By card that begins once the payer has used the form in `outcome`. Needs the scope `book`.
        """
        return PayPayload.of(await taken(info.context, partial(_take, input)))


async def _take(given: PayInput, desk: Desk, viewer: Viewer) -> Outcome:
    wish = checked(given, "input").to_wish()
    if isinstance(wish, CardWish):
        return await take_session(desk, viewer, given.idempotency_key, wish)
    return await take_pay(desk, viewer, given.idempotency_key, wish)
