"""What quotes of exchanges have in common: the carrier's exchange of a paid order, or a new offer instead of a hold."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.aftersales.amounts import exchanged_price
from app.booking.desk import Tools
from app.booking.prices import in_selling_currency
from app.domain.aftersales import Rule, RuleGround
from app.domain.itinerary import CarrierOffer, Price
from app.domain.money import Money
from app.domain.quotes import ExchangeQuote
from app.domain.refusals import NotExchangeable
from app.domain.search import Leg
from app.pricing.offers import OfferToken
from carriers.contract import ExchangeOffer

# A client shows a page of them; more would only fill the journal.
MOST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedExchange:
    """One item to quote. A paid `order` is exchanged; without one, it is only held, and offered anew."""

    item: str
    carrier: str
    order: str | None
    price: Price

    def sold_in(self, amount: Money) -> bool:
        """Whether the item was sold from the amount's currency: one carrier may sell in several."""
        return amount.currency == self.price.carrier_total.currency


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoted:
    """A quote, and until when it holds."""

    quote: ExchangeQuote
    expires_at: datetime


def no_alternative(message: str = "The carrier has nothing to exchange it for on these dates.") -> NotExchangeable:
    """The carrier has nothing that it could be exchanged for."""
    return NotExchangeable(message=message, rule=Rule(ground=RuleGround.NO_ALTERNATIVE, allowed=False))


def best(quotes: Iterable[Quoted]) -> list[Quoted]:
    """The cheapest, then the earliest, and no more than a client would show."""
    return sorted(quotes, key=lambda quoted: (quoted.quote.balance.minor, quoted.quote.departs_at))[:MOST]


def exchanged(item: AskedExchange, offer: ExchangeOffer, **shown: Any) -> Quoted | None:  # noqa: ANN401 - facts
    """The offer as the customer sees it; None where its fee is in a currency that the item was not sold from."""
    price, fee = exchanged_price(item.price, offer), in_selling_currency(item.price, offer.fee)
    if price is None or fee is None:
        return None
    balance = price.total - item.price.total
    quote = ExchangeQuote(
        item=item.item,
        carrier=item.carrier,
        price=price,
        difference=balance - fee,
        fee=fee,
        balance=balance,
        carrier_balance=offer.balance,
        form=offer.form,
        conditions=offer.conditions,
        offer=offer.ref,
        **shown,
    )
    return Quoted(quote=quote, expires_at=offer.expires_at)


def held_instead(
    tools: Tools,
    partner_id: str,
    item: AskedExchange,
    offer: CarrierOffer,
    legs: tuple[Leg, ...] = (),
    **shown: Any,  # noqa: ANN401 - facts
) -> Quoted | None:
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
        legs=legs,
        starts_on=offer.stay.key.starts_on if offer.stay else None,
        expires_at=offer.expires_at,
    )
    balance = price.total - item.price.total
    quote = ExchangeQuote(
        item=item.item,
        carrier=item.carrier,
        price=price,
        difference=balance,
        fee=Money.zero(balance.currency),
        balance=balance,
        carrier_balance=offer.total - item.price.carrier_total,
        conditions=offer.conditions,
        held_offer=tools.seals.seal(token, partner_id),
        **shown,
    )
    return Quoted(quote=quote, expires_at=offer.expires_at)
