"""What an item could be exchanged for: the carrier's exchange of a paid order, or a new offer instead of a hold."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.aftersales import steps
from app.aftersales.amounts import exchanged_price
from app.booking import orders
from app.booking.desk import Tools
from app.booking.prices import in_selling_currency
from app.domain.aftersales import ReplacedJourney, Rule, RuleGround
from app.domain.errors import NotExchangeable
from app.domain.itinerary import CabinClass, CarrierOffer, Journey, PassengerField, Price
from app.domain.money import Money
from app.domain.quotes import ExchangeQuote
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.journal.run import Run
from app.pricing.offers import OfferToken
from carriers.contract import CarrierOrder, ExchangeOffer, ExchangeWish

# A client shows a page of them; more would only fill the journal.
_MOST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedExchange:
    """One item to quote. A paid `order` is exchanged; without one, what is only held is searched for anew.

    `journeys` are those it has now, `legs` all directions as they are wanted, `replaced` the places of the new ones.
    """

    item: str
    carrier: str
    order: str | None
    price: Price
    journeys: tuple[Journey, ...]
    legs: tuple[Leg, ...]
    replaced: tuple[int, ...]
    seats: tuple[SeatRequest, ...]
    required: tuple[PassengerField, ...]
    cabin: CabinClass | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoted:
    """A quote, and until when it holds."""

    quote: ExchangeQuote
    expires_at: datetime


def no_alternative() -> NotExchangeable:
    """The carrier has nothing that it could be exchanged for."""
    rule = Rule(ground=RuleGround.NO_ALTERNATIVE, allowed=False)
    return NotExchangeable(message="The carrier has nothing to exchange it for on these dates.", rule=rule)


async def exchanged(tools: Tools, run: Run, item: AskedExchange) -> list[Quoted]:
    """What the carrier would exchange the paid order for, cheapest first. Its Refusal says why for nothing."""
    request = orders.OrderRequest(carrier=item.carrier, order=item.order or "")
    now = await run.step(orders.read(tools, item.item, request, lambda _s, _order: None, lambda _s, _no: None))
    wish = ExchangeWish(order=now.ref, replaced=_replaced(item, now), cabin=item.cabin)
    asked = steps.ExchangeRequest(carrier=item.carrier, wish=wish)
    found = await run.step(steps.quote_exchange(tools, item.item, asked))
    wanted = [offer for offer in found.offers if _same_currency(item, offer.balance)]
    return _best(quoted for offer in wanted if (quoted := _exchange(item, offer)) is not None)


async def anew(tools: Tools, run: Run, item: AskedExchange) -> list[Quoted]:
    """What could be held instead, cheapest first."""
    query = SearchQuery(legs=item.legs, passengers=item.seats, cabin=item.cabin)
    request = steps.SearchRequest(carrier=item.carrier, query=query)
    found = await run.step(steps.search_anew(tools, item.item, request, most=_MOST))
    alike = [offer for offer in found.offers if _same_currency(item, offer.total)]
    wanted = [offer for offer in alike if set(offer.required) <= set(item.required)]
    return _best(
        quoted for offer in wanted if (quoted := _hold_instead(tools, run.claim.partner_id, item, offer)) is not None
    )


def _same_currency(item: AskedExchange, amount: Money) -> bool:
    """Whether the item was sold from the amount's currency: one carrier may sell in several."""
    return amount.currency == item.price.carrier_total.currency


def _best(quotes: Iterable[Quoted]) -> list[Quoted]:
    return sorted(quotes, key=lambda quoted: (quoted.quote.balance.minor, quoted.quote.journeys[0].departs_at))[:_MOST]


def _replaced(item: AskedExchange, now: CarrierOrder) -> tuple[ReplacedJourney, ...]:
    """The journeys by their references in the order, which are others than the offer's had been."""
    if len(now.journeys) != len(item.legs):
        rule = Rule(ground=RuleGround.CARRIER_CHANGED, allowed=False)
        raise NotExchangeable(message="The carrier has changed this order; see the booking's changes.", rule=rule)
    return tuple(
        ReplacedJourney(
            journey=now.journeys[position].ref,
            origin=item.legs[position].origin,
            destination=item.legs[position].destination,
            date=item.legs[position].date,
        )
        for position in item.replaced
    )


def _exchange(item: AskedExchange, offer: ExchangeOffer) -> Quoted | None:
    """The offer as the customer sees it; None where its fee is in a currency that the item was not sold from."""
    price, fee = exchanged_price(item.price, offer), in_selling_currency(item.price, offer.fee)
    if price is None or fee is None:
        return None
    balance = price.total - item.price.total
    added = {journey.ref for journey in offer.added}
    quote = ExchangeQuote(
        item=item.item,
        carrier=item.carrier,
        kept=tuple(journey for journey in offer.journeys if journey.ref not in added),
        removed=offer.removed,
        added=offer.added,
        price=price,
        difference=balance - fee,
        fee=fee,
        balance=balance,
        carrier_balance=offer.balance,
        form=offer.form,
        conditions=offer.conditions,
        offer=offer.ref,
    )
    return Quoted(quote=quote, expires_at=offer.expires_at)


def _hold_instead(tools: Tools, partner_id: str, item: AskedExchange, offer: CarrierOffer) -> Quoted | None:
    """A hold costs nothing to give back: the balance is what the booking's total moves by, to be paid with it."""
    base, tax = in_selling_currency(item.price, offer.base), in_selling_currency(item.price, offer.tax)
    if base is None or tax is None:
        return None
    price = replace(item.price, base=base, tax=tax, services=None, carrier_total=offer.total)
    token = OfferToken(
        carrier=item.carrier,
        offer=offer.ref,
        price=price,
        passengers=offer.passengers,
        holdable=offer.holdable,
        required=offer.required,
        document_kinds=offer.document_kinds,
        legs=item.legs,
        expires_at=offer.expires_at,
    )
    balance = price.total - item.price.total
    _, removed = _told_apart(item, item.journeys)
    kept, added = _told_apart(item, offer.journeys)
    quote = ExchangeQuote(
        item=item.item,
        carrier=item.carrier,
        kept=kept,
        removed=removed,
        added=added,
        price=price,
        difference=balance,
        fee=Money.zero(balance.currency),
        balance=balance,
        carrier_balance=offer.total - item.price.carrier_total,
        conditions=offer.conditions,
        held_offer=tools.seals.seal(token, partner_id),
    )
    return Quoted(quote=quote, expires_at=offer.expires_at)


def _told_apart(item: AskedExchange, journeys: tuple[Journey, ...]) -> tuple[tuple[Journey, ...], tuple[Journey, ...]]:
    """The journeys that were not to be replaced, and the new ones."""
    kept = tuple(journey for position, journey in enumerate(journeys) if position not in item.replaced)
    return kept, tuple(journey for position, journey in enumerate(journeys) if position in item.replaced)
