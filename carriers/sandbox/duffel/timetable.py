"""The timetable: who flies where and when. The same question always has the same answer."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from carriers.sandbox.chance import draw, happens, pick, within
from carriers.sandbox.duffel.airlines import AIRLINES, DUFFEL_AIRWAYS
from carriers.sandbox.duffel.places import airports, distance_km, same_city

# Block time: cruise at about Mach 0.78, plus taxiing, climb and approach.
_CRUISE_KM_PER_HOUR = 830
_TAXI_AND_CLIMB_MINUTES = 35
_LONGEST_FLIGHT_KM = 15_500
_SHORT_KM, _MEDIUM_KM = 1_500, 4_500
_FIRST_DEPARTURE, _LAST_DEPARTURE = 6 * 60, 21 * 60


@dataclass(frozen=True, slots=True)
class Stop:
    """A landing on the way, in the airport's local time."""

    airport: str
    arrives: datetime
    departs: datetime


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight on one day; departure and arrival are aware, in local time."""

    airline: str
    number: str
    operator: str
    operator_number: str
    origin: str
    destination: str
    departs: datetime
    arrives: datetime
    aircraft: str
    stop: Stop | None = None

    @property
    def key(self) -> str:
        """What its seats are sold under."""
        return f"{self.airline}{self.number}/{self.departs:%Y-%m-%d}/{self.origin}-{self.destination}"

    @property
    def duration(self) -> timedelta:
        """Block time."""
        return self.arrives.astimezone(UTC) - self.departs.astimezone(UTC)


def block_time(kilometres: float) -> timedelta:
    """How long a flight of this distance takes from gate to gate, to five minutes."""
    minutes = _TAXI_AND_CLIMB_MINUTES + kilometres / _CRUISE_KM_PER_HOUR * 60
    return timedelta(minutes=5 * round(minutes / 5))


@lru_cache(maxsize=50_000)
def serves(airline: str, airport: str) -> bool:
    """Whether the airline flies to the airport; Duffel Airways flies everywhere."""
    line, place = AIRLINES[airline], airports()[airport]
    if airline == DUFFEL_AIRWAYS or airport in line.hubs:
        return True
    at_home = place.time_zone.startswith(line.region) or place.country == airports()[line.hubs[0]].country
    if not place.major:
        return place.country == airports()[line.hubs[0]].country and happens(60, "serves", airline, airport)
    return happens(92 if at_home else 85, "serves", airline, airport) and (at_home or line.long_haul)


def flies(airline: str, origin: str, destination: str) -> bool:
    """Whether the airline flies this pair without a change: one end is a hub, and an aircraft reaches."""
    hubs = AIRLINES[airline].hubs
    if origin == destination or distance_km(origin, destination) > _LONGEST_FLIGHT_KM:
        return False
    if airline == DUFFEL_AIRWAYS:
        return True
    between_hub = (origin in hubs or destination in hubs) and not same_city(origin, destination)
    return between_hub and serves(airline, origin) and serves(airline, destination)


@lru_cache(maxsize=20_000)
def flights(airline: str, origin: str, destination: str, day: date) -> tuple[Flight, ...]:
    """The airline's flights of the pair that depart on the day, in order of departure."""
    if not flies(airline, origin, destination):
        return ()
    kilometres = distance_km(origin, destination)
    most = 5 if kilometres < _SHORT_KM else 2 if kilometres < _MEDIUM_KM else 1
    daily = within(1, most, "daily", airline, origin, destination)
    return tuple(_flight(airline, origin, destination, day, turn, daily) for turn in range(daily))


def _flight(airline: str, origin: str, destination: str, day: date, turn: int, daily: int) -> Flight:
    span = (_LAST_DEPARTURE - _FIRST_DEPARTURE) // daily
    minute = _FIRST_DEPARTURE + turn * span + within(0, span // 5 - 1, airline, origin, destination, turn) * 5
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(airports()[origin].time_zone))
    # Through UTC and back, so that an hour that daylight saving skips is never printed.
    departs = (midnight + timedelta(minutes=minute)).astimezone(UTC)
    kilometres = distance_km(origin, destination)
    operator, operator_number = _operator(airline, origin, destination, turn)
    return Flight(
        airline=airline,
        number=_number(airline, origin, destination, turn),
        operator=operator,
        operator_number=operator_number,
        origin=origin,
        destination=destination,
        departs=local(departs, origin),
        arrives=local(departs + block_time(kilometres), destination),
        aircraft=_aircraft(kilometres, airline, origin, destination),
    )


def local(instant: datetime, airport: str) -> datetime:
    """The instant in the airport's local time."""
    return instant.astimezone(ZoneInfo(airports()[airport].time_zone))


def _number(airline: str, origin: str, destination: str, turn: int) -> str:
    # Twenty numbers apart, so that the turns of one pair never share one.
    return str(100 + draw("number", airline, origin, destination) % 490 * 20 + turn)


def _operator(airline: str, origin: str, destination: str, turn: int) -> tuple[str, str]:
    partners = AIRLINES[airline].partners
    if partners and happens(15, "codeshare", airline, origin, destination, turn):
        operator = pick(partners, "operator", airline, origin, destination)
        return operator, _number(operator, origin, destination, turn)
    return airline, _number(airline, origin, destination, turn)


def _aircraft(kilometres: float, *about: object) -> str:
    if kilometres < _SHORT_KM / 3:
        return pick(("AT7", "E90"), "aircraft", *about)
    if kilometres < _MEDIUM_KM:
        return pick(("320", "321", "738"), "aircraft", *about)
    return pick(("789", "359", "77W"), "aircraft", *about)


def with_stop(flight: Flight, airport: str) -> Flight:
    """The same flight, landing once on the way for an hour."""
    first = block_time(distance_km(flight.origin, airport))
    second = block_time(distance_km(airport, flight.destination))
    lands = flight.departs.astimezone(UTC) + first
    leaves = lands + timedelta(hours=1)
    stop = Stop(airport, local(lands, airport), local(leaves, airport))
    return Flight(
        airline=flight.airline,
        number=flight.number,
        operator=flight.operator,
        operator_number=flight.operator_number,
        origin=flight.origin,
        destination=flight.destination,
        departs=flight.departs,
        arrives=local(leaves + second, flight.destination),
        aircraft=flight.aircraft,
        stop=stop,
    )


def later(flight: Flight, by: timedelta) -> Flight:
    """The same flight, leaving and arriving so much later; earlier where that is below zero."""

    def moved(moment: datetime, airport: str) -> datetime:
        # Through UTC, since local clocks may change in between.
        return local(moment.astimezone(UTC) + by, airport)

    def landing(stop: Stop) -> Stop:
        return Stop(stop.airport, moved(stop.arrives, stop.airport), moved(stop.departs, stop.airport))

    return replace(
        flight,
        departs=moved(flight.departs, flight.origin),
        arrives=moved(flight.arrives, flight.destination),
        stop=landing(flight.stop) if flight.stop else None,
    )


# About one flight in ten is nearly full, so that running out is met without trying; Duffel Airways, which
# promises to be bookable, has none of these.
_NEARLY_FULL_PERCENT = 10
_CABIN_SEATS = {"economy": (40, 160), "premium_economy": (8, 28), "business": (6, 30), "first": (2, 8)}


def seats_for_sale(flight: Flight, cabin: str) -> int:
    """How many seats the cabin has for sale before the sandbox sells one."""
    scarce = flight.airline != DUFFEL_AIRWAYS
    if scarce and happens(_NEARLY_FULL_PERCENT, "nearly full", flight.key, cabin):
        return within(1, 3, "seats", flight.key, cabin)
    return within(*_CABIN_SEATS[cabin], "seats", flight.key, cabin)
