"""Add the seats and bags that were quoted."""

from functools import partial
from typing import Annotated

import strawberry

from app.aftersales.paid_changes import ChangeWish, take_services
from app.booking.desk import Desk, Outcome
from app.domain.partner import Viewer
from resolvers.quotes import quote_confirmed
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.payment_input import PaymentMethodInput
from schema.payment_payload import PaymentPayload
from schema.services_quote import ServicesQuote
from schema.texts import checked


@strawberry.input(description="What to add, and how to pay it.")
class AddServicesInput:
    """`ChangeWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this addition; 1 to 255 characters."
    )
    quote_id: strawberry.ID = strawberry.field(description="A `ServicesQuote` that is READY and has not expired.")
    method: PaymentMethodInput | None = strawberry.field(
        default=None, description="How to pay the quote's `price`; not needed where it costs nothing."
    )

    def to_wish(self) -> ChangeWish:
        """The verb's wish."""
        return ChangeWish(quote_id=self.quote_id, method=self.method.to_change() if self.method else None)


@strawberry.type(description="What became of an `addServices`.")
class AddServicesPayload(PaymentPayload):
    """A booking with more in it, or why it is as it was."""

    @answered
    async def quote(self, info: Info) -> ServicesQuote | None:
        """The quote that is confirmed by it; null when it cannot be confirmed."""
        row = await quote_confirmed(info.context, self.taken)
        return ServicesQuote.of(row) if row else None


@strawberry.type
class AddServicesMutation:
    """The field of `Mutation`."""

    @answered
    async def add_services(
        self,
        info: Info,
        input: Annotated[AddServicesInput, strawberry.argument(description="What to add.")],  # noqa: A002
    ) -> AddServicesPayload | None:
        """Add exactly what was quoted, or nothing: its price is reserved first, and taken once the carrier added it.

        When the carrier refuses, the booking stays as it was. Needs the scope `book`.
        """
        return AddServicesPayload.of(await taken(info.context, partial(_take, input)))


async def _take(given: AddServicesInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_services(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
