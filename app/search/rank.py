"""Which of the itineraries found, and in which order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.domain.itinerary import BaggageKind
from app.search.answer import Itinerary
from app.search.assemble import within


class Sort(StrEnum):
    """What comes first."""

    PRICE = "PRICE"
    DURATION = "DURATION"
    DEPARTURE = "DEPARTURE"
    EMISSIONS = "EMISSIONS"


@dataclass(frozen=True, kw_only=True)
class JourneyTimes:
    """Local times one journey must keep to; `journey` counts from 0 in the order of the search."""

    journey: int
    departs_from: time | None = None
    departs_until: time | None = None
    arrives_from: time | None = None
    arrives_until: time | None = None

    def allows(self, itinerary: Itinerary) -> bool:
        """Whether the itinerary has that journey, inside both windows."""
        if not 0 <= self.journey < len(itinerary.offer.journeys):
            return False
        journey = itinerary.offer.journeys[self.journey]
        departs, arrives = journey.departs_at.time(), journey.arrives_at.time()
        return within(departs, self.departs_from, self.departs_until) and within(
            arrives, self.arrives_from, self.arrives_until
        )


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What an itinerary must be; None and False leave it open.

    `max_changes` and `max_duration` hold for each journey; `max_price` is in the search's currency; `airlines` are
    those that may market a segment; `checked_bags` is the least number of pieces each passenger with a seat may check.
    """

    max_changes: int | None = None
    max_duration: timedelta | None = None
    max_price: Decimal | None = None
    airlines: frozenset[str] | None = None
    carriers: frozenset[str] | None = None
    holdable: bool = False
    refundable: bool = False
    checked_bags: int = 0
    times: tuple[JourneyTimes, ...] = ()

    def allows(self, itinerary: Itinerary) -> bool:
        """Whether the itinerary is all of it."""
        return all(rule(self, itinerary) for rule in _RULES)


def _changes(wanted: Filter, itinerary: Itinerary) -> bool:
    limit = wanted.max_changes
    return limit is None or all(journey.changes <= limit for journey in itinerary.offer.journeys)


def _duration(wanted: Filter, itinerary: Itinerary) -> bool:
    limit = wanted.max_duration
    return limit is None or all(journey.duration <= limit for journey in itinerary.offer.journeys)


def _price(wanted: Filter, itinerary: Itinerary) -> bool:
    return wanted.max_price is None or itinerary.price.total.amount <= wanted.max_price


def _airlines(wanted: Filter, itinerary: Itinerary) -> bool:
    segments = [segment for journey in itinerary.offer.journeys for segment in journey.segments]
    return wanted.airlines is None or wanted.airlines >= {segment.marketing.code for segment in segments}


def _carriers(wanted: Filter, itinerary: Itinerary) -> bool:
    return wanted.carriers is None or itinerary.offer.carrier in wanted.carriers


def _conditions(wanted: Filter, itinerary: Itinerary) -> bool:
    return (itinerary.offer.holdable or not wanted.holdable) and (itinerary.refundable or not wanted.refundable)


def _bags(wanted: Filter, itinerary: Itinerary) -> bool:
    seated = itinerary.seated
    return all(itinerary.pieces(BaggageKind.CHECKED, seat) >= wanted.checked_bags for seat in seated)


def _times(wanted: Filter, itinerary: Itinerary) -> bool:
    return all(times.allows(itinerary) for times in wanted.times)


_RULES = (_changes, _duration, _price, _airlines, _carriers, _conditions, _bags, _times)


def _emissions(itinerary: Itinerary) -> tuple[bool, Decimal]:
    """The known ones first."""
    kilograms = itinerary.offer.emissions_kg
    return kilograms is None, kilograms or Decimal(0)


_KEYS: dict[Sort, Callable[[Itinerary], Any]] = {
    Sort.PRICE: lambda itinerary: itinerary.price.total.minor,
    Sort.DURATION: lambda itinerary: itinerary.duration,
    Sort.DEPARTURE: lambda itinerary: itinerary.offer.departs_at,
    Sort.EMISSIONS: _emissions,
}


def ranked(itineraries: Iterable[Itinerary], sort: Sort, wanted: Filter) -> list[Itinerary]:
    """Those that the filter allows, in order; ties by price, then duration, then id, so that the order never varies."""

    def key(itinerary: Itinerary) -> tuple[Any, int, timedelta, str]:
        return _KEYS[sort](itinerary), itinerary.price.total.minor, itinerary.duration, itinerary.id

    return sorted((itinerary for itinerary in itineraries if wanted.allows(itinerary)), key=key)
