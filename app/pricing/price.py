"""What the customer pays: the carrier's price, converted where needed, plus the partner's fees.

Rounding: the carrier's total and its tax are each converted once, half to even, and base is the rest, so that base and
tax always sum to the converted total. Each fee is rounded on its own, half to even.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from app.domain.itinerary import CarrierOffer, ExchangeRate, Fee, Price
from app.domain.money import Money
from app.domain.partner import FeeKind, FeeRule

T = TypeVar("T")


class NoRateError(Exception):
    """Nothing converts this currency into the selling currency."""


def price(
    offer: CarrierOffer,
    *,
    currency: str,
    fees: Iterable[FeeRule],
    rate: ExchangeRate | None,
    fee_rates: Mapping[str, ExchangeRate] | None = None,
) -> Price:
    """The offer's price in `currency`; NoRateError when an amount in another currency has no rate.

    `rate` converts the carrier's currency; `fee_rates`, by source currency, the fees agreed in yet another one.
    """
    rates = {**(fee_rates or {}), **({rate.source: rate} if rate else {})}
    whole = in_currency(offer.total, currency, rates)
    tax = min(in_currency(offer.tax, currency, rates), whole)
    agreed = [rule for rule in fees if rule.carrier in {None, offer.carrier}]
    return Price(
        base=whole - tax,
        tax=tax,
        fees=tuple(_fee(rule, whole, len(offer.passengers), rates) for rule in agreed),
        carrier_total=offer.total,
        rate=None if offer.total.currency == currency else rate,
    )


def to_confirm(offer: CarrierOffer, whole: Money) -> Money:
    """What confirms the offer at a price of `whole`: the same part as the carrier's deposit, or all of it."""
    if offer.deposit is None:
        return whole
    return whole.times(Decimal(offer.deposit.minor) / Decimal(offer.total.minor))


def in_currency(amount: Money, currency: str, rates: Mapping[str, ExchangeRate]) -> Money:
    """The amount in `currency`; NoRateError when no rate of these leads there."""
    if amount.currency == currency:
        return amount
    rate = rates.get(amount.currency)
    if rate is None or rate.target != currency:
        raise NoRateError(f"no rate from {amount.currency} to {currency}")
    return amount.converted(rate.rate, currency)


def _fee(rule: FeeRule, whole: Money, passengers: int, rates: Mapping[str, ExchangeRate]) -> Fee:
    if rule.kind is FeeKind.PERCENT:
        amount = whole.times(_agreed(rule, rule.percent) / 100)
    else:
        once = in_currency(_agreed(rule, rule.amount), whole.currency, rates)
        amount = once.times(passengers) if rule.kind is FeeKind.PER_PASSENGER else once
    return Fee(name=rule.name, amount=amount, refundable=rule.refundable)


def _agreed(rule: FeeRule, value: T | None) -> T:
    if value is None:
        raise ValueError(f"the fee {rule.name!r} says no {rule.kind}")
    return value
