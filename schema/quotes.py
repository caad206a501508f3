"""Each kind of quote as its own type."""

from collections.abc import Mapping
from typing import Final

from app.store.aftersales_tables import QuoteKind, QuoteRow
from schema.exchange_quote import ExchangeQuote
from schema.quote import Quote
from schema.refund_quote import RefundQuote
from schema.services_quote import ServicesQuote

# The schema needs them all, since `Booking.quotes` mentions only the interface.
QUOTE_TYPES: Final[Mapping[str, type[RefundQuote | ExchangeQuote | ServicesQuote]]] = {
    QuoteKind.REFUND: RefundQuote,
    QuoteKind.EXCHANGE: ExchangeQuote,
    QuoteKind.SERVICES: ServicesQuote,
}


def shown_quote(row: QuoteRow) -> Quote:
    """The stored quote as the type of its kind."""
    return QUOTE_TYPES[row.kind].of(row)
