"""Seats: how many are left, and taking or freeing them."""

from collections.abc import Iterable

from carriers.sandbox.duffel.booked import BookedSlice
from carriers.sandbox.duffel.core import Core
from carriers.sandbox.duffel.search import Offer
from carriers.sandbox.duffel.timetable import Flight, seats_for_sale


def left(core: Core, flight: Flight, cabin: str) -> int:
    """How many seats the cabin has left."""
    return seats_for_sale(flight, cabin) - core.facts.sold.get(_key(flight, cabin), 0)


def available(core: Core, offer: Offer) -> bool:
    """Whether every flight of the offer still has the seats its passengers need."""
    cabin, seats = offer.search.cabin, offer.search.seats
    return all(left(core, flight, cabin) >= seats for flight in offer.flights)


def take(core: Core, slices: Iterable[BookedSlice]) -> None:
    """Sell the seats of the journeys."""
    for piece in slices:
        _change(core, piece, piece.offer.search.seats)


def free(core: Core, slices: Iterable[BookedSlice]) -> None:
    """Put the seats of the journeys back on sale."""
    for piece in slices:
        _change(core, piece, -piece.offer.search.seats)


def sell_out(core: Core, offer: Offer) -> None:
    """Let others buy what is left of the offer's first flight."""
    flight, cabin = offer.flights[0], offer.search.cabin
    sold = core.facts.sold
    sold[_key(flight, cabin)] = sold.get(_key(flight, cabin), 0) + left(core, flight, cabin)


def _change(core: Core, piece: BookedSlice, seats: int) -> None:
    sold = core.facts.sold
    for flight in piece.journey:
        key = _key(flight, piece.offer.search.cabin)
        sold[key] = sold.get(key, 0) + seats


def _key(flight: Flight, cabin: str) -> str:
    return f"{flight.key}/{cabin}"
