"""Ask what seats and bags would cost with a paid item."""

from functools import partial
from typing import Annotated

import strawberry

from app.aftersales.quote_services import QuoteServicesWish, take_quote_services
from app.booking.desk import Desk, Outcome
from app.domain.aftersales import ServiceChoice
from app.domain.partner import Viewer
from resolvers.quotes import quotes_of
from resolvers.verbs import taken
from schema.fields import Info, answered
from schema.payload import Payload
from schema.services_quote import ServicesQuote
from schema.texts import checked


@strawberry.input(description="So many of one service.")
class ServiceInput:
    """`ServiceChoice` of the domain."""

    id: strawberry.ID = strawberry.field(description="The `id` of a service that the item can have.")
    quantity: int = strawberry.field(default=1, description="How many of it.")

    def to_choice(self) -> ServiceChoice:
        """The domain's choice."""
        return ServiceChoice(ref=self.id, quantity=self.quantity)


@strawberry.input(description="What to add to an item of a booking.")
class QuoteServicesInput:
    """`QuoteServicesWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this question; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(description="A booking.")
    item_id: strawberry.ID = strawberry.field(description="Its item, which is paid.")
    services: list[ServiceInput] = strawberry.field(
        description="Services of the item's `availableServices` or `seatMaps`, each named once."
    )

    def to_wish(self) -> QuoteServicesWish:
        """The verb's wish."""
        services = tuple(service.to_choice() for service in self.services)
        return QuoteServicesWish(booking_id=self.booking_id, item_id=self.item_id, services=services)


@strawberry.type(description="What became of a `quoteServices`.")
class QuoteServicesPayload(Payload):
    """A quote, or why there is none."""

    @answered
    async def quote(self, info: Info) -> ServicesQuote | None:
        """What they would cost; null when nothing was quoted."""
        rows = await quotes_of(info.context, self.taken)
        return ServicesQuote.of(rows[0]) if rows else None


@strawberry.type
class QuoteServicesMutation:
    """The field of `Mutation`."""

    @answered
    async def quote_services(
        self,
        info: Info,
        input: Annotated[QuoteServicesInput, strawberry.argument(description="What to add.")],  # noqa: A002
    ) -> QuoteServicesPayload | None:
        """Ask the carrier what seats or bags would cost with a paid item; nothing is added yet. Needs scope `book`."""
        return QuoteServicesPayload.of(await taken(info.context, partial(_take, input)))


async def _take(given: QuoteServicesInput, desk: Desk, viewer: Viewer) -> Outcome:
    return await take_quote_services(desk, viewer, given.idempotency_key, checked(given, "input").to_wish())
