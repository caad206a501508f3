"""What a refund would give back."""

from typing import Self

import strawberry

from app.domain import codec, quotes
from app.store.aftersales_tables import QuoteRow
from resolvers.quotes import eligible
from schema.money import Money
from schema.quote import Quote, of_row
from schema.refund_amount import RefundAmount, RefundExtent, extent
from schema.refund_part import RefundPart
from schema.refund_source import RefundSource
from schema.scalars import CurrencyCode


@strawberry.type(
    description="What would be given back for some of a booking, by each carrier's rule. `refund` confirms it: only "
    "what can be refunded is, and the rest stays as it is."
)
class RefundQuote(Quote):
    """A quote's row with `RefundQuote` of the domain."""

    eligible: bool | None = strawberry.field(
        description="Whether all that was asked for can be refunded; null while that hangs on a carrier's answer."
    )
    extent: RefundExtent | None = strawberry.field(
        description="How much of what was paid comes back in all; null when `amountUnknown`."
    )
    paid: Money = strawberry.field(description="What was paid for everything it covers.")
    amount: RefundAmount | None = strawberry.field(description="What comes back in all; null when `amountUnknown`.")
    amount_unknown: bool = strawberry.field(description="Whether a carrier does not say, or not yet, how much.")
    currency: CurrencyCode = strawberry.field(description="The currency of all its amounts.")
    parts: list[RefundPart] = strawberry.field(description="What each item gives back.")
    sources: list[RefundSource] = strawberry.field(
        description="Where each part goes; empty as long as nothing is known to come back."
    )
    set_off: Money = strawberry.field(
        description="What of it goes nowhere, but pays what the booking still owes, such as the rest of another tour."
    )

    @classmethod
    def of(cls, row: QuoteRow) -> Self:
        """The stored quote."""
        quote = codec.load(quotes.RefundQuote, row.facts)
        amount = RefundAmount.of(quote.paid, quote.fee, quote.back)
        return cls(
            **of_row(row),
            eligible=eligible(quote),
            extent=extent(quote.paid, quote.back),
            paid=Money.of(quote.paid),
            amount=amount,
            amount_unknown=amount is None,
            currency=CurrencyCode(quote.currency),
            parts=[RefundPart.of(part, row.booking_id) for part in quote.parts],
            sources=[RefundSource.of(source, row.booking_id) for source in quote.sources],
            set_off=Money.of(quote.set_off),
        )
