"""What a client asks for, before anybody has looked whether it can be meant."""

from dataclasses import dataclass

from app.domain.itinerary import CabinClass, PassengerType
from app.domain.search import Leg


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatWish:
    """One passenger, by type, by age in years on the first day of travel, or both."""

    type: PassengerType | None = None
    age: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchRequest:
    """A search as it was asked; `currency` None for the partner's own."""

    legs: tuple[Leg, ...]
    passengers: tuple[SeatWish, ...]
    cabin: CabinClass | None = None
    max_changes: int | None = None
    currency: str | None = None
