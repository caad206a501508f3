"""A tour's departure, exchanged for another one of it: which is wanted, and what the operator asks for it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.aftersales import steps
from app.aftersales.exchange_quotes import AskedExchange, Quoted, best, exchanged, held_instead, no_alternative
from app.booking.desk import Tools
from app.booking.facts import earliest
from app.domain.money import Money
from app.domain.quotes import ExchangeQuote
from app.domain.refusals import InvalidInput
from app.domain.tours import DepartureKey, TourStay
from app.journal.run import Run
from carriers.contract import ExchangeWish


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedDeparture(AskedExchange):
    """`stay` is what it has now, `unpaid` what is still to be paid of it after its `deposit`; asked at `asked_at`."""

    stay: TourStay
    departure: DepartureKey
    unpaid: Money
    deposit: Money
    asked_at: datetime


def asked_departure(
    stay: TourStay,
    departure: DepartureKey,
    now: datetime,
    path: tuple[str, ...],
    **asked: Any,  # noqa: ANN401 - facts of AskedExchange
) -> AskedDeparture:
    """What is to be asked; InvalidInput for a departure that it cannot be exchanged for."""
    problem = _problem(stay.key, departure, now)
    if problem is not None:
        raise InvalidInput(message=problem, path=(*path, "departure"))
    return AskedDeparture(stay=stay, departure=departure, asked_at=now, **asked)


def _problem(booked: DepartureKey, wanted: DepartureKey, now: datetime) -> str | None:
    if (wanted.operator, wanted.tour) != (booked.operator, booked.tour):
        return "A tour can be exchanged for another departure of the same tour only."
    if wanted == booked:
        return "This is the departure that is booked."
    # It is still yesterday somewhere; the operator knows where.
    if wanted.starts_on < now.date() - timedelta(days=1):
        return f"{wanted.starts_on} is past."
    return None


async def departure_instead(tools: Tools, run: Run, item: AskedDeparture) -> list[Quoted]:
    """The other departure, in the same rooms. The operator's Refusal says why not."""
    return await (_of_order(tools, run, item) if item.order else _anew(tools, run, item))


async def _of_order(tools: Tools, run: Run, item: AskedDeparture) -> list[Quoted]:
    """What the operator would exchange the paid order for."""
    wish = ExchangeWish(order=item.order or "", departure=item.departure, stay=item.stay)
    asked = steps.ExchangeRequest(carrier=item.carrier, wish=wish)
    found = await run.step(steps.quote_exchange(tools, item.item, asked))
    offers = [offer for offer in found.offers if item.sold_in(offer.balance)]
    quotes = [exchanged(item, offer, replaced=item.stay, stay=offer.stay) for offer in offers]
    return best(due_now(item, quoted) for quoted in quotes if quoted is not None)


async def _anew(tools: Tools, run: Run, item: AskedDeparture) -> list[Quoted]:
    """What could be held instead."""
    request = steps.StayRequest(
        carrier=item.carrier, region=item.stay.region, departure=item.departure, rooms=item.stay.rooms
    )
    offer = await run.step(steps.offer_stay(tools, item.item, request))
    if offer.on_request:
        raise no_alternative("This departure has to be asked for, which an exchange cannot wait for.")
    quoted = held_instead(tools, run.claim.partner_id, item, offer, replaced=item.stay, stay=offer.stay)
    return best([quoted] if quoted else [])


def due_now(item: AskedDeparture, quoted: Quoted) -> Quoted:
    """What of it is to be paid at once: just the fee where a deposit confirms the new departure too, else all."""
    quote = quoted.quote
    left = quote.price.total - (item.price.total - item.unpaid)
    later = _rest_due_at(item, quote)
    now = left if later is None else min(quote.fee, left)
    rest = left - now
    # Whatever the new departure would ask of others, so much of it is paid, and kept where the rest is not.
    price = replace(quote.price, deposit=min(item.deposit + now, quote.price.total - rest) if rest else None)
    quote = replace(quote, price=price, balance=now, rest=rest or None, rest_due_at=later if rest else None)
    # Then the old departure's terms, or the new one's, ask for another amount.
    due_at = item.stay.terms.balance_due_at if item.unpaid else None
    until = earliest(quoted.expires_at, due_at, quote.rest_due_at)
    return Quoted(quote=quote, expires_at=until or quoted.expires_at)


def _rest_due_at(item: AskedDeparture, quote: ExchangeQuote) -> datetime | None:
    """When the rest is due at the new departure; None where nothing is left of a deposit, or all of it is due now."""
    terms = quote.stay.terms if quote.stay else None
    if not item.unpaid or terms is None or terms.deposit is None or terms.balance_due_at is None:
        return None
    return terms.balance_due_at if terms.balance_due_at > item.asked_at else None
