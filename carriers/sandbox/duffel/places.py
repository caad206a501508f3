"""The world's places: every airport with an IATA code, and the cities that have several."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt

import airportsdata
from babel import Locale

from app.domain.metropolitan import METROPOLITAN_AREAS, MetropolitanArea
from carriers.sandbox.exchange import Json

_EARTH_RADIUS_KM = 6371.0088
_SUGGESTIONS = 20
# Busy airports whose names do not say "International" (by passengers, ACI World and Eurostat).
_BUSY_CODES = (
    "AGP ALC AMS ATH BCN BGO BHX BIO BLQ BOD BRS BSL BUD CAG CPH CTA DUB DUS EDI FAO FRA FUK GOT GVA HAJ "
    "HAM HEL IBZ INV KRK LCA LED LEJ LIS LPA LUX LYS MAD MAN MLA MRS MUC NAP NCE NCL NTE NUE OPO PMI PMO "
    "PRG PSA RIX SKG SOF STR SVG SVQ TLL TLS TRD TRN VCE VIE VLC VNO VRN WAW ZAG ZRH BOS DEN SEA LAS CLT "
    "MSP PHX SAN HNL YVR YYC SYD BNE PER ADL AKL WLG CHC SIN HKG CPT JNB DEL BOM "
)
_BUSY = frozenset(_BUSY_CODES.split())
_CITY, _MAJOR, _MINOR = range(3)


@dataclass(frozen=True, slots=True)
class Airport:
    """An airport; `city` is its metropolitan area's code, where it belongs to one."""

    code: str
    icao: str
    name: str
    city_name: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    city: str | None

    @property
    def id(self) -> str:
        """Duffel's identifier of the airport."""
        return f"arp_{self.code}_{self.country}".lower()

    @property
    def major(self) -> bool:
        """Whether airlines from afar fly here."""
        named = "International" in self.name or "Intl" in self.name
        return named or self.city is not None or self.code in _BUSY


@cache
def airports() -> dict[str, Airport]:
    """Every airport by its IATA code."""
    city_of = {code: area.code for area in METROPOLITAN_AREAS.values() for code in area.airports}
    return {
        code: Airport(
            code=code,
            icao=row["icao"],
            name=row["name"],
            city_name=row["city"] or row["name"],
            country=row["country"],
            latitude=row["lat"],
            longitude=row["lon"],
            time_zone=row["tz"],
            city=city_of.get(code),
        )
        for code, row in airportsdata.load("IATA").items()
    }


def within_place(code: str) -> tuple[str, ...]:
    """The airports of an airport or city code; none when no such place exists.

    A code that is both (IST, DXB) means the airport, so that nobody is sent to another one unasked.
    """
    if code in airports():
        return (code,)
    return METROPOLITAN_AREAS[code].airports if code in METROPOLITAN_AREAS else ()


@cache
def distance_km(origin: str, destination: str) -> float:
    """The great-circle distance (haversine) in kilometres."""
    start, end = airports()[origin], airports()[destination]
    return _haversine(start.latitude, start.longitude, end.latitude, end.longitude)


def _haversine(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    phi_a, phi_b = radians(lat_a), radians(lat_b)
    half = sin((phi_b - phi_a) / 2) ** 2 + cos(phi_a) * cos(phi_b) * sin(radians(lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(half))


def same_city(one: str, other: str) -> bool:
    """Whether both airports serve one metropolitan area."""
    city = airports()[one].city
    return city is not None and city == airports()[other].city


def city_json(area: MetropolitanArea) -> Json:
    """A city as Duffel writes it inside an airport."""
    return {
        "type": "city",
        "id": f"cit_{area.code}_{area.country}".lower(),
        "name": area.name,
        "iata_code": area.code,
        "iata_country_code": area.country,
    }


@cache
def airport_json(code: str) -> Json:
    """An airport as Duffel writes it."""
    airport = airports()[code]
    return {
        "type": "airport",
        "id": airport.id,
        "name": airport.name,
        "iata_code": airport.code,
        "icao_code": airport.icao or None,
        "iata_country_code": airport.country,
        "iata_city_code": airport.city or airport.code,
        "city_name": airport.city_name,
        "latitude": airport.latitude,
        "longitude": airport.longitude,
        "time_zone": airport.time_zone,
        "city": city_json(METROPOLITAN_AREAS[airport.city]) if airport.city else None,
    }


@cache
def place_json(code: str) -> Json:
    """A place where a journey begins or ends: an airport, or a city with its airports."""
    return airport_json(code) | {"airports": None} if code in airports() else _whole_city(code)


def _whole_city(code: str) -> Json:
    area = METROPOLITAN_AREAS[code]
    main = airports()[area.airports[0]]
    return city_json(area) | {
        "iata_city_code": area.code,
        "icao_code": None,
        "city_name": area.name,
        "city": None,
        "latitude": main.latitude,
        "longitude": main.longitude,
        "time_zone": main.time_zone,
        "airports": [airport_json(airport) for airport in area.airports],
    }


@cache
def _country_name(code: str) -> str | None:
    name = Locale("en").territories.get(code)
    return None if name is None else str(name)


def _suggestion(place: Json) -> Json:
    return place | {"country_name": _country_name(place["iata_country_code"])}


def suggestions(text: str) -> list[Json]:
    """Places whose code or name matches, best first: a code, a city's name, an airport's name."""
    wanted = text.strip().casefold()
    ranked = sorted(_matches(wanted))[:_SUGGESTIONS] if wanted else []
    return [_suggestion(_whole_city(code) if kind == _CITY else place_json(code)) for _, kind, _, code in ranked]


def near(latitude: float, longitude: float, radius_metres: float) -> list[Json]:
    """Airports within the radius, nearest first."""
    found = sorted(
        (_haversine(latitude, longitude, airport.latitude, airport.longitude), airport.code)
        for airport in airports().values()
    )
    return [_suggestion(place_json(code)) for away, code in found if away * 1000 <= radius_metres][:_SUGGESTIONS]


def _matches(wanted: str) -> Iterator[tuple[int, int, str, str]]:
    for area in METROPOLITAN_AREAS.values():
        rank = _rank(wanted, area.code, area.name, area.name)
        if rank is not None:
            yield (rank, _CITY, area.name, area.code)
    for airport in airports().values():
        rank = _rank(wanted, airport.code, airport.city_name, airport.name)
        if rank is not None:
            yield (rank, _MAJOR if airport.major else _MINOR, airport.name, airport.code)


def _rank(wanted: str, code: str, city: str, name: str) -> int | None:
    if wanted == code.casefold():
        return 0
    if city.casefold().startswith(wanted):
        return 1
    return 2 if wanted in name.casefold() else None
