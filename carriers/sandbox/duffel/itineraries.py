"""Itineraries: direct flights, and one change at an airline's hub."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, timedelta

from carriers.sandbox.duffel.airlines import AIRLINES, DUFFEL_AIRWAYS
from carriers.sandbox.duffel.places import airports, distance_km, same_city
from carriers.sandbox.duffel.timetable import Flight, flies, flights

Journey = tuple[Flight, ...]

# Minimum connection times: within a country, and where a border is crossed.
_DOMESTIC_CONNECTION = timedelta(minutes=45)
_INTERNATIONAL_CONNECTION = timedelta(minutes=75)
_LONGEST_CONNECTION = timedelta(hours=9)
# Duffel Airways answers every search, if need be with a night on the way.
_OVERNIGHT_CONNECTION = timedelta(hours=23)
_LONGEST_DETOUR = 1.5
_DETOUR_ALLOWANCE_KM = 600


def journeys(airline: str, origins: Iterable[str], destinations: Iterable[str], day: date) -> list[Journey]:
    """What the airline offers between the airports on the day: direct ones first, then with a change."""
    pairs = [(origin, end) for origin in origins for end in destinations if origin != end]
    direct = [(flight,) for pair in pairs for flight in flights(airline, *pair, day)]
    overnight = airline == DUFFEL_AIRWAYS and not direct
    patience = _OVERNIGHT_CONNECTION if overnight else _LONGEST_CONNECTION
    changing = [journey for pair in pairs for journey in _with_change(airline, *pair, day, patience)]
    return direct + sorted(changing, key=_elapsed)


def elapsed(journey: Journey) -> timedelta:
    """From the first departure to the last arrival."""
    return journey[-1].arrives.astimezone(UTC) - journey[0].departs.astimezone(UTC)


def _elapsed(journey: Journey) -> tuple[timedelta, str]:
    return elapsed(journey), journey[0].key


def _with_change(airline: str, origin: str, destination: str, day: date, patience: timedelta) -> Iterator[Journey]:
    for hub in AIRLINES[airline].hubs:
        if hub in {origin, destination} or not _worth_it(origin, hub, destination):
            continue
        if not (flies(airline, origin, hub) and flies(airline, hub, destination)):
            continue
        for first in flights(airline, origin, hub, day):
            second = _next(first, hub, destination, patience)
            if second:
                yield (first, second)


def _worth_it(origin: str, hub: str, destination: str) -> bool:
    if same_city(origin, hub) or same_city(hub, destination):
        return False
    straight = distance_km(origin, destination)
    around = distance_km(origin, hub) + distance_km(hub, destination)
    return around <= straight * _LONGEST_DETOUR + _DETOUR_ALLOWANCE_KM


def _next(first: Flight, hub: str, destination: str, patience: timedelta) -> Flight | None:
    countries = {airports()[code].country for code in (first.origin, hub, destination)}
    least = _DOMESTIC_CONNECTION if len(countries) == 1 else _INTERNATIONAL_CONNECTION
    landed = first.arrives.astimezone(UTC)
    day = first.arrives.date()
    onward = (
        flight for later in (day, day + timedelta(days=1)) for flight in flights(first.airline, hub, destination, later)
    )
    waits = ((flight.departs.astimezone(UTC) - landed, flight) for flight in onward)
    return next((flight for wait, flight in waits if least <= wait <= patience), None)
