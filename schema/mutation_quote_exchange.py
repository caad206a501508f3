"""Ask what an item could be exchanged for."""

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import strawberry

from app.aftersales.exchange_journeys import NewJourney
from app.aftersales.quote_exchange import ItemExchange, QuoteExchangeWish, take_quote_exchange
from app.booking.desk import Desk, Outcome
from app.domain.itinerary import CabinClass
from app.domain.partner import Scope, Viewer
from app.domain.refusals import InvalidInput
from app.search.plan import same_place
from resolvers.context import Context
from resolvers.exchanges import check_places
from resolvers.quotes import quotes_of
from resolvers.stays import departure_named
from resolvers.verbs import taken
from schema.exchange_quote import ExchangeQuote
from schema.fields import Info, answered
from schema.payload import Payload
from schema.texts import checked


@strawberry.input(description="A journey to give up, and when, or where, to travel instead.")
class NewJourneyInput:
    """`NewJourney` of the verb."""

    journey: strawberry.ID = strawberry.field(description="The `ref` of the item's journey to give up.")
    date: dt.date = strawberry.field(description="The day to depart instead, local at the origin.")
    origin: str | None = strawberry.field(
        default=None, description="IATA code of another city or airport to depart from; as before when left out."
    )
    destination: str | None = strawberry.field(
        default=None, description="IATA code of another city or airport to arrive at; as before when left out."
    )

    def to_wish(self) -> NewJourney:
        """The verb's journey; codes may be written in small letters."""
        return NewJourney(
            journey=self.journey,
            date=self.date,
            origin=None if self.origin is None else self.origin.strip().upper(),
            destination=None if self.destination is None else self.destination.strip().upper(),
        )


@strawberry.input(
    description="An item, and what to exchange it for: some of its `journeys`, or another `departure` of its tour."
)
class ItemExchangeInput:
    """`ItemExchange` of the verb."""

    item: strawberry.ID = strawberry.field(description="The item.")
    journeys: list[NewJourneyInput] | None = strawberry.field(
        default=None, description="Its journeys to exchange; the others stay. Left out for tours."
    )
    departure: strawberry.ID | None = strawberry.field(
        default=None,
        description="Of a tour, the id of another departure of it, or of another option of it, in the same rooms.",
    )
    cabin: CabinClass | None = strawberry.field(default=None, description="The cabin; as before when left out.")

    def to_wish(self, *path: str) -> ItemExchange:
        """The verb's item; InvalidInput where it names not just one of the two, or a journey twice."""
        if (self.journeys is None) == (self.departure is None):
            raise InvalidInput(message="Name journeys, or a departure, and not both.", path=path)
        if self.departure is not None:
            return ItemExchange(item=self.item, departure=departure_named(self.departure, (*path, "departure")))
        journeys = self.journeys or []
        _check_names([journey.journey for journey in journeys], "journey", *path, "journeys")
        return ItemExchange(item=self.item, journeys=tuple(each.to_wish() for each in journeys), cabin=self.cabin)


@strawberry.input(description="What of a booking to exchange, and for what.")
class QuoteExchangeInput:
    """`QuoteExchangeWish` of the verb."""

    idempotency_key: str = strawberry.field(
        description="Of the client's making, the same for every try of this question; 1 to 255 characters."
    )
    booking_id: strawberry.ID = strawberry.field(description="A booking.")
    items: list[ItemExchangeInput] = strawberry.field(description="Its items to exchange.")

    def to_wish(self) -> QuoteExchangeWish:
        """The verb's wish; InvalidInput where it names no item, or one twice."""
        _check_names([item.item for item in self.items], "item", "input", "items")
        items = (item.to_wish("input", "items", str(index)) for index, item in enumerate(self.items))
        return QuoteExchangeWish(booking_id=self.booking_id, items=tuple(items))


@strawberry.type(description="What became of a `quoteExchange`.")
class QuoteExchangePayload(Payload):
    """Quotes, or why there are none."""

    @answered
    async def quotes(self, info: Info) -> list[ExchangeQuote]:
        """What each item could be exchanged for, item by item, the cheapest first.

        An item without any is refused in `errors`, and does not take the others' quotes away.
        """
        quotes = (ExchangeQuote.of(row) for row in await quotes_of(info.context, self.taken))
        return sorted(quotes, key=ExchangeQuote.standing)


@strawberry.type
class QuoteExchangeMutation:
    """The field of `Mutation`."""

    @answered
    async def quote_exchange(
        self,
        info: Info,
        input: Annotated[QuoteExchangeInput, strawberry.argument(description="What to exchange.")],  # noqa: A002
    ) -> QuoteExchangePayload | None:
        """Ask a carrier what could be had instead of journeys or a departure, and for how much. Nothing changes yet.

        Needs the scopes `book` and `refund`.
        """
        done = await taken(info.context, partial(_take, input, info.context), Scope.REFUND)
        return QuoteExchangePayload.of(done)


async def _take(given: QuoteExchangeInput, context: Context, desk: Desk, viewer: Viewer) -> Outcome:
    wish = checked(given, "input").to_wish()
    check_places(context, wish)
    same = partial(same_place, context.services.places)
    return await take_quote_exchange(desk, viewer, given.idempotency_key, wish, same)


def _check_names(names: Sequence[str], field: str, *path: str) -> None:
    if not names:
        raise InvalidInput(message="Name at least one.", path=path)
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InvalidInput(message="This is named twice.", path=(*path, str(index), field))
