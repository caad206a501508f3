"""What an item could be exchanged for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from app.domain import codec, itinerary, quotes, tours
from app.domain.aftersales import RefundForm
from app.store.aftersales_tables import QuoteRow
from resolvers.quotes import for_its_travellers, item_named
from schema.booking_item import BookingItem
from schema.fields import Info, answered
from schema.itinerary import Journey, View
from schema.money import Money, known
from schema.price import FareConditions, Price
from schema.quote import Quote, of_row
from schema.tour_stay import TourStay


@strawberry.type(
    description="What an item could be exchanged for, at which price, and what is to be paid or comes back. `exchange` "
    "confirms it."
)
class ExchangeQuote(Quote):
    """A quote's row with `ExchangeQuote` of the domain."""

    facts: strawberry.Private[quotes.ExchangeQuote]

    price: Price = strawberry.field(description="What the item costs afterwards, in all.")
    difference: Money = strawberry.field(description="The new fare less the old one; below zero where it is cheaper.")
    fee: Money = strawberry.field(description="What the exchange itself costs.")
    balance: Money = strawberry.field(
        description="What is to be paid or, below zero, what comes back: difference and fee together, but for `rest`."
    )
    rest: Money | None = strawberry.field(
        description="What is still to be paid later, where a deposit confirmed the item; null where nothing is."
    )
    rest_due_at: datetime | None = strawberry.field(description="When `rest` has to be paid; null without it.")
    carrier_balance: Money = strawberry.field(description="The carrier's part of the balance, in its own currency.")
    form: RefundForm = strawberry.field(
        description="What the carrier gives back where `carrierBalance` is below zero; only money counts in `balance`."
    )
    reserves_anew: bool = strawberry.field(
        description="Whether the item is only held: then the new one is held first, and the old hold given back."
    )
    conditions: FareConditions = strawberry.field(description="What the new fare allows before departure.")

    @answered
    async def item(self, info: Info) -> BookingItem:
        """The item it is for."""
        return BookingItem.of(await item_named(info.context, self.row.booking_id, self.facts.item))

    @answered
    async def kept(self, info: Info) -> list[Journey]:
        """The journeys that stay as they are."""
        return await self._shown(info, self.facts.kept)

    @answered
    async def removed(self, info: Info) -> list[Journey]:
        """The journeys that are given up."""
        return await self._shown(info, self.facts.removed)

    @answered
    async def added(self, info: Info) -> list[Journey]:
        """The journeys that take their place."""
        return await self._shown(info, self.facts.added)

    @answered
    async def journeys(self, info: Info) -> list[Journey]:
        """All that is travelled afterwards, in order: `kept` and `added`."""
        return await self._shown(info, self.facts.journeys)

    @answered
    async def replaced_stay(self, info: Info) -> TourStay | None:
        """The departure that is given up, where the item is a tour; its rooms stay."""
        return await self._stay(info, self.facts.replaced)

    @answered
    async def stay(self, info: Info) -> TourStay | None:
        """The departure that takes its place; null where the item is no tour."""
        return await self._stay(info, self.facts.stay)

    def standing(self) -> tuple[str, int, datetime]:
        """Where it stands among the quotes of one operation: by item, then the cheapest, then the earliest."""
        return self.facts.item, self.facts.balance.minor, self.facts.departs_at

    async def _shown(self, info: Info, journeys: Sequence[itinerary.Journey]) -> list[Journey]:
        item = await item_named(info.context, self.row.booking_id, self.facts.item)
        view = View(info.context.services.places.find, item.travellers)
        return [Journey.of(journey, view) for journey in for_its_travellers(item, journeys)]

    async def _stay(self, info: Info, stay: tours.TourStay | None) -> TourStay | None:
        item = await item_named(info.context, self.row.booking_id, self.facts.item)
        return TourStay.of(stay, item) if stay else None

    @classmethod
    def of(cls, row: QuoteRow) -> Self:
        """The stored quote."""
        quote = codec.load(quotes.ExchangeQuote, row.facts)
        return cls(
            **of_row(row),
            facts=quote,
            price=Price.of(quote.price),
            difference=Money.of(quote.difference),
            fee=Money.of(quote.fee),
            balance=Money.of(quote.balance),
            rest=known(quote.rest),
            rest_due_at=quote.rest_due_at,
            carrier_balance=Money.of(quote.carrier_balance),
            form=quote.form,
            reserves_anew=quote.held_offer is not None,
            conditions=FareConditions.of(quote.conditions),
        )
