"""When tours depart: from the seasons their operators tell, or from an operator's calendar where it tells none."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.clock import Clock
from app.domain.refusals import CarrierUnavailable
from app.domain.tours import (
    Departure,
    DepartureAvailability,
    DepartureKey,
    DepartureStatus,
    Season,
    Tour,
    TourOption,
)
from app.tours.availability import Availabilities, Told, Wanted
from app.tours.kept import Kept, Monotonic
from app.tours.sellers import Sellers, answer

_SIZE: Final = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Departing:
    """A departure, with all that it is one of."""

    tour: Tour
    option: TourOption
    season: Season | None
    departure: Departure

    @property
    def key(self) -> DepartureKey:
        """Which departure."""
        return self.departure.key


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartureFilter:
    """What departures of a tour to list; None leaves it open. Both days are included."""

    first: date
    last: date
    option: str | None = None
    season: str | None = None


class Calendar:
    """Departures, and operators' calendars at most once in `keep`: a year at a time, whichever days are wanted."""

    def __init__(self, sellers: Sellers, clock: Clock, *, keep: timedelta, monotonic: Monotonic) -> None:
        self._sellers = sellers
        self._clock = clock
        self._kept = Kept[tuple[Departure, ...]](keep=keep, size=_SIZE, monotonic=monotonic)

    async def departures(self, tour: Tour, wanted: DepartureFilter) -> list[Departing]:
        """The tour's departures that match, earliest first; CarrierUnavailable where its operator has to tell them."""
        options = [option for option in tour.options if wanted.option in {None, option.ref}]
        found = await asyncio.gather(*(self._of_option(tour, option, wanted) for option in options))
        matching = (each for part in found for each in part if wanted.season in {None, each.departure.season})
        return sorted(matching, key=order)

    async def _of_option(self, tour: Tour, option: TourOption, wanted: DepartureFilter) -> list[Departing]:
        if option.seasons:
            return between(_in_seasons(tour, option), wanted.first, wanted.last)
        years = range(wanted.first.year, wanted.last.year + 1)
        told = await asyncio.gather(*(self._in_year(tour, option, self._days(tour, wanted, year)) for year in years))
        listed = (Departing(tour=tour, option=option, season=None, departure=each) for year in told for each in year)
        return between(listed, wanted.first, wanted.last)

    def _days(self, tour: Tour, wanted: DepartureFilter, year: int) -> tuple[date, date]:
        """The year's days to ask for: past ones only where they are wanted, since operators may tell none of them."""
        today = self._clock.now().astimezone(ZoneInfo(tour.zone)).date()
        first, last = date(year, 1, 1), date(year, 12, 31)
        return (max(first, today) if wanted.first >= today else first), last

    async def _in_year(self, tour: Tour, option: TourOption, days: tuple[date, date]) -> tuple[Departure, ...]:
        key = (tour.operator, tour.region, tour.ref, option.ref, *days)
        return await self._kept.get(key, lambda: self._ask(tour, option, *days))

    async def _ask(self, tour: Tour, option: TourOption, first: date, last: date) -> tuple[Departure, ...]:
        seller = self._sellers.seller(tour.operator)
        if seller is None:
            return ()
        return tuple(await answer(tour.operator, seller.departures(tour.region, tour.ref, option.ref, first, last)))


def in_season(tour: Tour, option: TourOption, season: Season) -> list[Departing]:
    """The season's departures, as they were told."""
    return [Departing(tour=tour, option=option, season=season, departure=each) for each in season.departures]


def between(departures: Iterable[Departing], first: date, last: date) -> list[Departing]:
    """Those that start on one of these days."""
    return [each for each in departures if first <= each.key.starts_on <= last]


def order(departing: Departing) -> tuple[str, str]:
    """What departures are listed by: their day, then their option."""
    return departing.key.starts_on.isoformat(), departing.option.ref


async def with_status(
    departures: Sequence[Departing],
    statuses: frozenset[DepartureStatus],
    availabilities: Availabilities,
    *,
    internal: bool,
    max_age: timedelta,
) -> list[Departing]:
    """Those in one of these statuses, as the viewer sees them; CarrierUnavailable where the operator is silent."""
    wanted = [Wanted(region=each.tour.region, key=each.key, max_age=max_age) for each in departures]
    told = await availabilities.of(wanted)
    pairs = [(each, _known(one)) for each, one in zip(departures, told, strict=True)]
    return [each for each, one in pairs if one and seen(one, internal=internal).status in statuses]


def _known(told: Told) -> DepartureAvailability | None:
    if isinstance(told, CarrierUnavailable):
        raise told
    return told


def seen(told: DepartureAvailability, *, internal: bool) -> DepartureAvailability:
    """What a viewer sees of it. Nobody can tell from the places that are left why a departure is closed."""
    if internal or told.status.outward is not DepartureStatus.CLOSED:
        return told
    return replace(told, status=DepartureStatus.CLOSED, places_left=None)


def _in_seasons(tour: Tour, option: TourOption) -> list[Departing]:
    return [each for season in option.seasons for each in in_season(tour, option, season)]
