"""Ask what a refund would give back."""

from functools import partial
from typing import Annotated

import strawberry

from app.aftersales.quote_refund import QuoteRefundWish, take_quote_refund
from app.booking.desk import Desk, Outcome
from app.domain.partner import Scope, Viewer
from app.domain.refusals import InvalidInput
from resolvers.quotes import quotes_of
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.payload import Payload
from schema.refund_quote import RefundQuote
from schema.texts import checked


@strawberry.input(description="What of a booking to ask about: items, passengers or tickets; without any, all of it.")
class QuoteRefundInput:
    """`QuoteRefundWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this question; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(description="A booking.")
    items: list[strawberry.ID] | None = strawberry.field(default=None, description="Only these items.")
    passengers: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only these passengers, on every item they travel on."
    )
    tickets: list[strawberry.ID] | None = strawberry.field(default=None, description="Only these tickets.")

    def to_wish(self) -> QuoteRefundWish:
        """The verb's wish; InvalidInput for a list of nothing, or for several lists."""
        given = {name: getattr(self, name) for name in ("items", "passengers", "tickets")}
        named = {name: tuple(ids) for name, ids in given.items() if ids is not None}
        for name, ids in named.items():
            if not ids:
                raise InvalidInput(message="Name at least one, or leave this out.", path=("input", name))
        if len(named) > 1:
            raise InvalidInput(
                message=f"Name items, passengers or tickets; {' and '.join(named)} are given.",
                path=("input", list(named)[1]),
            )
        return QuoteRefundWish(booking_id=self.booking_id, **named)


@strawberry.type(description="What became of a `quoteRefund`.")
class QuoteRefundPayload(Payload):
    """A quote, or why there is none."""

    @answered
    async def quote(self, info: Info) -> RefundQuote | None:
        """What a refund would give back, as it is known now; null when nothing was opened."""
        rows = await quotes_of(info.context, self.taken)
        return RefundQuote.of(rows[0]) if rows else None


@strawberry.type
class QuoteRefundMutation:
    """The field of `Mutation`."""

    @answered
    async def quote_refund(
        self,
        info: Info,
        input: Annotated[QuoteRefundInput, strawberry.argument(description="What to ask about.")],  # noqa: A002
    ) -> QuoteRefundPayload | None:
        """Ask each carrier what a refund would give back, and by which rule; nothing is refunded yet.

        Needs the scopes `book` and `refund`.
        """
        return QuoteRefundPayload.of(await taken(info.context, partial(_take, input), Scope.REFUND))


async def _take(given: QuoteRefundInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_quote_refund(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
