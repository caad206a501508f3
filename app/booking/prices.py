"""What a carrier's amounts mean for the customer, at the rate that an item was sold at."""

from collections.abc import Iterable
from dataclasses import replace

from app.domain.aftersales import BookedService
from app.domain.itinerary import Price
from app.domain.money import Money, total


def in_selling_currency(price: Price, amount: Money) -> Money | None:
    """A carrier's amount as the customer sees it; None for a currency that the item was not sold from."""
    if amount.currency == price.currency:
        return amount
    if price.rate is None or price.rate.source != amount.currency:
        return None
    return amount.converted(price.rate.rate, price.currency)


def at_carrier_total(price: Price, carrier_total: Money) -> Price:
    """The price when the carrier now asks `carrier_total`: tax and fees stay as agreed, the base takes the difference.

    Converted at the rate frozen in the offer, so that only the carrier's change reaches the customer.
    """
    if carrier_total == price.carrier_total:
        return price
    difference = carrier_total - price.carrier_total
    if price.rate is not None:
        difference = difference.converted(price.rate.rate, price.currency)
    return replace(price, base=price.base + difference, carrier_total=carrier_total)


def with_services(price: Price, services: Money, carrier_price: Money) -> Price:
    """The price with so much more for services, of which the carrier asks `carrier_price`."""
    both = services if price.services is None else price.services + services
    return replace(price, services=both, carrier_total=price.carrier_total + carrier_price)


def as_booked(price: Price, services: Iterable[BookedService]) -> Price:
    """The same price, in it what these services cost by the carrier's own record; the rest of it is the base."""
    amounts = [in_selling_currency(price, service.price) for service in services]
    told = total((amount for amount in amounts if amount is not None), price.currency)
    was = price.services or Money.zero(price.currency)
    return replace(price, base=price.base + was - told, services=told if amounts else None)
