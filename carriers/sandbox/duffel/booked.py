"""What an order flies: journeys, each with the offer that sold it and its part of the price."""

from collections.abc import Sequence
from dataclasses import dataclass

from carriers.sandbox.chance import base62
from carriers.sandbox.duffel.fares import Part, Price
from carriers.sandbox.duffel.itineraries import Journey
from carriers.sandbox.duffel.search import Offer


@dataclass(frozen=True, slots=True)
class BookedSlice:
    """One journey of an order: the offer gives its cabin, brand and travellers, `price` weighs it among the others."""

    id: str
    offer: Offer
    journey: Journey
    price: Price


def slice_id(owner_id: str, index: int) -> str:
    """Duffel's identifier of a journey of an offer or an order."""
    return f"sli_0000{base62(18, owner_id, 'slice', index)}"


def booked(offer: Offer, cost: Price, owner_id: str) -> tuple[BookedSlice, ...]:
    """The journeys of an offer that costs this much, with the ids they have at their owner."""
    own = [offer.price_of(journey) for journey in offer.journeys]
    shares = split(cost, own)
    parts = enumerate(zip(offer.journeys, shares, strict=True))
    return tuple(BookedSlice(slice_id(owner_id, index), offer, journey, share) for index, (journey, share) in parts)


def shares(slices: Sequence[BookedSlice], cost: Price) -> list[Price]:
    """What each of the journeys has in the cost of all."""
    return split(cost, [piece.price for piece in slices])


def split(cost: Price, weights: Sequence[Price]) -> list[Price]:
    """The cost in parts that weigh as these prices do."""
    bases = cost.base.split([weight.base.minor for weight in weights])
    taxes = cost.tax.split([weight.base.minor for weight in weights])
    return [Price(base, tax) for base, tax in zip(bases, taxes, strict=True)]


def parts(slices: Sequence[BookedSlice], cost: Price) -> list[Part]:
    """The brand of each of the journeys, and what it has in the cost of all."""
    own = shares(slices, cost)
    return [(piece.offer.brand, share) for piece, share in zip(slices, own, strict=True)]
