"""Refund what was quoted."""

from functools import partial
from typing import Annotated

import strawberry

from app.aftersales.refund import RefundWish, take_refund
from app.booking.desk import Desk, Outcome
from app.domain.partner import Scope, Viewer
from resolvers.quotes import quote_confirmed
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.payload import Payload
from schema.refund_quote import RefundQuote
from schema.texts import checked


@strawberry.input(description="What to refund.")
class RefundInput:
    """`RefundWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this refund; 1 to 255 characters."
    )
    quote_id: strawberry.ID = strawberry.field(description="A `RefundQuote` that is READY and has not expired.")

    def to_wish(self) -> RefundWish:
        """The verb's wish."""
        return RefundWish(quote_id=self.quote_id)


@strawberry.type(description="What became of a `refund`.")
class RefundPayload(Payload):
    """A refunded booking, or why it is not."""

    @answered
    async def quote(self, info: Info) -> RefundQuote | None:
        """The quote that is confirmed by it; null when it cannot be confirmed."""
        row = await quote_confirmed(info.context, self.taken)
        return RefundQuote.of(row) if row else None


@strawberry.type
class RefundMutation:
    """The field of `Mutation`."""

    @answered
    async def refund(
        self,
        info: Info,
        input: Annotated[RefundInput, strawberry.argument(description="What to refund.")],  # noqa: A002
    ) -> RefundPayload | None:
        """Refund exactly what was quoted, or nothing: first at the carriers, then the money to where it came from.

        Needs the scopes `book` and `refund`.
        """
        return RefundPayload.of(await taken(info.context, partial(_take, input), Scope.REFUND))


async def _take(given: RefundInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_refund(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
