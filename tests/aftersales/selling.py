"""What a client does after a booking is paid: quote, confirm, and look at what came of it."""

from typing import Any

from sqlmodel import select

from app.aftersales.quote_refund import QuoteRefundWish, take_quote_refund
from app.aftersales.refund import RefundWish, take_refund
from app.booking.desk import Outcome
from app.domain import codec
from app.domain.quotes import RefundQuote
from app.store.aftersales_tables import QuoteRow
from tests.booking.house import House, viewer


async def quotes(house: House, outcome: Outcome) -> list[QuoteRow]:
    """The quotes that this operation asked for."""
    query = select(QuoteRow).where(QuoteRow.operation_id == outcome.operation_id)
    return await house.rows(query.order_by(QuoteRow.id))


async def quote_refund(house: House, booking_id: str, key: str = "q1", **wish: Any) -> QuoteRow:
    """A refund quote, as it is stored."""
    asked = QuoteRefundWish(booking_id=booking_id, **wish)
    outcome = await house.settled(await take_quote_refund(house.desk, viewer(), key, asked))
    return (await quotes(house, outcome))[0]


async def refund(house: House, quote: QuoteRow, key: str = "f1") -> Outcome:
    """Confirm the quote, and let everything come to rest in this instant."""
    return await house.settled(await take_refund(house.desk, viewer(), key, RefundWish(quote_id=quote.id)))


def refund_facts(quote: QuoteRow) -> RefundQuote:
    """What the quote says."""
    return codec.load(RefundQuote, quote.facts)
