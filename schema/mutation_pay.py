"""Pay."""

from functools import partial
from typing import Annotated

import strawberry

from app.booking.desk import Desk, Outcome
from app.booking.pay import PayWish, take_pay
from app.booking.sessions import CardWish, take_session
from app.domain.errors import InvalidInput
from app.domain.partner import Viewer
from app.store.tables import PaymentRow
from resolvers.payments import payment_of
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.money import MoneyInput
from schema.payload import Payload, money
from schema.payment import Payment
from schema.payment_outcome import PaymentOutcome, outcome_of
from schema.scalars import Locale
from schema.texts import checked


@strawberry.input(description="Pay on the partner's account: it confirms that its customer has paid.")
class OnAccountInput:
    """The partner's own reference."""

    reference: str | None = strawberry.field(default=None, description="The partner's own reference for the payment.")


@strawberry.input(description="Let the payer give a card in the payment provider's form; none reaches the gateway.")
class CardInput:
    """How the form looks, and the partner's own reference."""

    locale: Locale = strawberry.field(default=Locale("en"), description="The language of the form and its amounts.")
    reference: str | None = strawberry.field(default=None, description="The partner's own reference for the payment.")


@strawberry.input(one_of=True, description="How to pay.")
class PaymentMethodInput:
    """Exactly one of its fields."""

    on_account: OnAccountInput | None = strawberry.field(
        default=strawberry.UNSET, description="On the partner's account, within its credit."
    )
    card: CardInput | None = strawberry.field(
        default=strawberry.UNSET, description="By card: the answer's `outcome` has the form for the payer."
    )


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
        """Pay a booking: when it is covered, confirm everything with the carriers, then take the money.

        By card that begins once the payer has used the form in `outcome`. Needs the scope `book`.
        """
        return PayPayload.of(await taken(info.context, partial(_take, input)))


async def _take(given: PayInput, desk: Desk, viewer: Viewer) -> Outcome:
    wish = checked(given, "input").to_wish()
    if isinstance(wish, CardWish):
        return await take_session(desk, viewer, given.idempotency_key, wish)
    return await take_pay(desk, viewer, given.idempotency_key, wish)
