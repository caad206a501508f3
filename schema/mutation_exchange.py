"""Exchange what was quoted."""

from functools import partial
from typing import Annotated

import strawberry

from app.aftersales.paid_changes import ChangeWish, take_exchange
from app.booking.desk import Desk, Outcome
from app.domain.partner import Scope, Viewer
from resolvers.quotes import quote_confirmed
from resolvers.verbs import taken
from schema.exchange_quote import ExchangeQuote
from schema.fields import Info, answered
from schema.payment_input import PaymentMethodInput
from schema.payment_payload import PaymentPayload
from schema.texts import checked


@strawberry.input(description="What to exchange, and how to pay what is due.")
class ExchangeInput:
    """`ChangeWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this exchange; 1 to 255 characters."
    )
    quote_id: strawberry.ID = strawberry.field(description="An `ExchangeQuote` that is READY and has not expired.")
    method: PaymentMethodInput | None = strawberry.field(
        default=None, description="How to pay the quote's `balance`; not needed where nothing is to be paid."
    )

    def to_wish(self) -> ChangeWish:
        """The verb's wish."""
        return ChangeWish(quote_id=self.quote_id, method=self.method.to_change() if self.method else None)


@strawberry.type(description="What became of an `exchange`.")
class ExchangePayload(PaymentPayload):
    """An exchanged booking, or why it is not."""

    @answered
    async def quote(self, info: Info) -> ExchangeQuote | None:
        """The quote that is confirmed by it; null when it cannot be confirmed."""
        row = await quote_confirmed(info.context, self.taken)
        return ExchangeQuote.of(row) if row else None


@strawberry.type
class ExchangeMutation:
    """The field of `Mutation`."""

    @answered
    async def exchange(
        self,
        info: Info,
        input: Annotated[ExchangeInput, strawberry.argument(description="What to exchange.")],  # noqa: A002
    ) -> ExchangePayload | None:
        """Exchange exactly what was quoted, or nothing: what is due is reserved first and taken once it is exchanged.

        A refused payment leaves everything as it was. Needs the scopes `book` and `refund`.
        """
        return ExchangePayload.of(await taken(info.context, partial(_take, input), Scope.REFUND))


async def _take(given: ExchangeInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_exchange(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
