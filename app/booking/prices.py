"""What a moved carrier price means for the customer."""

from dataclasses import replace

from app.domain.itinerary import Price
from app.domain.money import Money


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
