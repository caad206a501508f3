"""What seats and bags would cost with a paid item."""

from typing import Self

import strawberry

from app.domain import codec, quotes
from app.store.aftersales_tables import QuoteRow
from resolvers.quotes import item_named
from schema.booking_item import BookingItem
from schema.fields import Info, answered
from schema.money import Money
from schema.quote import Quote, of_row
from schema.service import QuotedService


@strawberry.type(
    description="What seats or bags would cost that are added to a paid item. `addServices` confirms it: all of them "
    "are added, or none."
)
class ServicesQuote(Quote):
    """A quote's row with `ServicesQuote` of the domain."""

    facts: strawberry.Private[quotes.ServicesQuote]

    price: Money = strawberry.field(description="What is to be paid for all of them.")
    carrier_price: Money = strawberry.field(description="What the carrier asks, in its own currency.")

    @answered
    async def item(self, info: Info) -> BookingItem:
        """The item they are for."""
        return BookingItem.of(await item_named(info.context, self.row.booking_id, self.facts.item))

    @answered
    async def services(self, info: Info) -> list[QuotedService]:
        """What would be added."""
        item = await item_named(info.context, self.row.booking_id, self.facts.item)
        return [QuotedService.of(each, item) for each in self.facts.services]

    @classmethod
    def of(cls, row: QuoteRow) -> Self:
        """The stored quote."""
        quote = codec.load(quotes.ServicesQuote, row.facts)
        return cls(**of_row(row), facts=quote, price=Money.of(quote.price), carrier_price=Money.of(quote.carrier_price))
