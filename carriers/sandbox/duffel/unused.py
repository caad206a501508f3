"""What of an order is not flown yet, coupon by coupon: all that an airline still gives something back for."""

from collections.abc import Iterator
from datetime import datetime

from app.domain.money import Money, total
from carriers.sandbox.duffel.booked import BookedSlice, shares
from carriers.sandbox.duffel.facts import Order
from carriers.sandbox.duffel.fares import Price


def departures(order: Order, now: datetime) -> list[datetime]:
    """When the flights leave that have not left yet."""
    return [flight.departs for flight in order.flights if now < flight.departs]


def part(order: Order, cost: Price, now: datetime) -> Price:
    """What is left of the cost: the fares of journeys that have not begun, and the taxes of flights that have not left.

    A journey is sold as one: who has flown a part of it has used its fare.
    """
    own = list(zip(order.slices, shares(order.slices, cost), strict=True))
    base = total((share.base for piece, share in own if now < piece.journey[0].departs), cost.base.currency)
    taxes = (tax for piece, share in own for departs, tax in _taxes(piece, share.tax) if now < departs)
    return Price(base, total(taxes, cost.tax.currency))


def _taxes(piece: BookedSlice, tax: Money) -> Iterator[tuple[datetime, Money]]:
    weights = [piece.offer.price_of((flight,)).tax.minor for flight in piece.journey]
    for flight, share in zip(piece.journey, tax.split(weights), strict=True):
        yield flight.departs, share
