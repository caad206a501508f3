"""What a client does after a booking is paid: quote, confirm, and look at what came of it."""

from datetime import date
from typing import Any

from sqlmodel import select

from app.aftersales.exchange_journeys import NewJourney
from app.aftersales.paid_changes import ByCard, ChangeWish, OnAccount, take_exchange, take_services
from app.aftersales.quote_exchange import ItemExchange, QuoteExchangeWish, take_quote_exchange
from app.aftersales.quote_refund import QuoteRefundWish, take_quote_refund
from app.aftersales.quote_services import QuoteServicesWish, take_quote_services
from app.aftersales.refund import RefundWish, take_refund
from app.booking.balances import Balance, balance, paid
from app.booking.desk import Outcome
from app.domain import codec
from app.domain.aftersales import Service, ServiceChoice
from app.domain.quotes import ExchangeQuote, RefundQuote, ServicesQuote
from app.store.aftersales_tables import QuoteRow
from app.store.reads.owned import Owned
from tests.booking.house import House, viewer

LATER_DAY = date(2026, 6, 3)


async def quotes(house: House, outcome: Outcome) -> list[QuoteRow]:
    """The quotes that this operation asked for."""
    query = select(QuoteRow).where(QuoteRow.operation_id == outcome.operation_id)
    return await house.rows(query.order_by(QuoteRow.id))


async def as_it_is(house: House, quote: QuoteRow) -> QuoteRow:
    """The quote as it is stored now."""
    row: QuoteRow = await house.store.read(lambda session: session.get_one(QuoteRow, quote.id))
    return row


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


async def exchange_wish(
    house: House, booking_id: str, to: date = LATER_DAY, item: int = 0, only: int | None = None, **wish: Any
) -> QuoteExchangeWish:
    """To have every journey of one item, or the one of this number, on another day."""
    row = [row for row in await house.items(booking_id) if row.state not in {"EXCHANGED", "REJECTED"}][item]
    wanted = row.offer["journeys"] if only is None else [row.offer["journeys"][only]]
    journeys = tuple(NewJourney(journey=journey["ref"], date=to) for journey in wanted)
    return QuoteExchangeWish(booking_id=booking_id, items=(ItemExchange(item=row.id, journeys=journeys, **wish),))


async def quote_exchange(
    house: House, booking_id: str, to: date = LATER_DAY, key: str = "x1", **how: Any
) -> list[QuoteRow]:
    """Quotes for such a wish, cheapest first."""
    return await ask_exchange(house, await exchange_wish(house, booking_id, to, **how), key)


async def ask_exchange(house: House, wish: QuoteExchangeWish, key: str = "x1") -> list[QuoteRow]:
    """The quotes that come of exactly this."""
    return await quotes(house, await house.settled(await take_quote_exchange(house.desk, viewer(), key, wish)))


async def exchange(house: House, quote: QuoteRow, method: OnAccount | ByCard | None = None, key: str = "e1") -> Outcome:
    """Confirm the quote, and let everything come to rest in this instant."""
    wish = ChangeWish(quote_id=quote.id, method=method)
    return await house.settled(await take_exchange(house.desk, viewer(), key, wish))


def exchange_facts(quote: QuoteRow) -> ExchangeQuote:
    """What the quote says."""
    return codec.load(ExchangeQuote, quote.facts)


async def bags(house: House, booking_id: str) -> list[Service]:
    """The bags that can be added to the booking's first item."""
    return list(await house.carrier.order_services((await house.items(booking_id))[0].order_ref))


async def ask_services(house: House, booking_id: str, *chosen: ServiceChoice, key: str = "sq1") -> Outcome:
    """Ask what these would cost with the booking's first item: two of its first bag, where nothing else is said."""
    item = (await house.items(booking_id))[0].id
    services = chosen or (ServiceChoice(ref=(await bags(house, booking_id))[0].ref, quantity=2),)
    wish = QuoteServicesWish(booking_id=booking_id, item_id=item, services=services)
    return await house.settled(await take_quote_services(house.desk, viewer(), key, wish))


async def quote_services(house: House, booking_id: str, *chosen: ServiceChoice, key: str = "sq1") -> QuoteRow:
    """The quote that comes of it."""
    return (await quotes(house, await ask_services(house, booking_id, *chosen, key=key)))[0]


async def add_services(
    house: House, quote: QuoteRow, method: OnAccount | ByCard | None = None, key: str = "a1"
) -> Outcome:
    """Confirm the quote, on account where nothing else is said, and let everything come to rest in this instant."""
    wish = ChangeWish(quote_id=quote.id, method=method or OnAccount())
    return await house.settled(await take_services(house.desk, viewer(), key, wish))


def services_facts(quote: QuoteRow) -> ServicesQuote:
    """What the quote says."""
    return codec.load(ServicesQuote, quote.facts)


def why(outcome: Outcome) -> str | None:
    """The code that the operation was refused with."""
    return None if outcome.refusal is None else str(outcome.refusal.code)


async def asking_money(house: House, booking_id: str, **how: Any) -> QuoteRow:
    """The cheapest exchange that has to be paid."""
    return next(q for q in await quote_exchange(house, booking_id, **how) if exchange_facts(q).balance.minor > 0)


async def giving_money(house: House, booking_id: str, **how: Any) -> QuoteRow:
    """The exchange that gives back most."""
    (quote, *_) = await quote_exchange(house, booking_id, **how)
    assert exchange_facts(quote).balance.minor < 0
    return quote


async def shown(house: House, booking_id: str) -> Balance:
    """What a client is told of the booking's money."""
    booking = await house.booking(booking_id)
    keys = [Owned(booking.partner_id, booking.id)]
    return balance(booking, *(await house.store.read(lambda session: paid(session, keys))))
