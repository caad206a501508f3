"""What a client asks a search for, as carriers understand it."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from app.domain.itinerary import CabinClass, CarrierOffer, PassengerType


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatRequest:
    """One passenger to price: a type, and the age in years on the first day of travel where it is known."""

    type: PassengerType
    age: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One direction asked for. Codes are IATA's, of airports or cities; date and window are local at departure."""

    origin: str
    destination: str
    date: date
    departs_from: time | None = None
    departs_until: time | None = None
    arrives_from: time | None = None
    arrives_until: time | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchQuery:
    """The journeys to find offers for; `max_changes` counts changes of plane per journey."""

    legs: tuple[Leg, ...]
    passengers: tuple[SeatRequest, ...]
    cabin: CabinClass | None = None
    max_changes: int | None = None


class OutcomeStatus(StrEnum):
    """How one of several carriers answered what all of them were asked."""

    OK = "OK"
    EMPTY = "EMPTY"
    TIMED_OUT = "TIMED_OUT"
    FAILED = "FAILED"
    UNSUPPORTED = "UNSUPPORTED"


class DropReason(StrEnum):
    """Why an offer the carrier sent is not shown."""

    INCOMPLETE = "INCOMPLETE"
    UNSUPPORTED_CURRENCY = "UNSUPPORTED_CURRENCY"
    EXPIRES_TOO_SOON = "EXPIRES_TOO_SOON"


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierOffers:
    """A carrier's answer to a search: what can be sold, and how many offers were unusable, by reason."""

    offers: tuple[CarrierOffer, ...]
    dropped: dict[DropReason, int]
