"""Reference data: airports, airlines, aircraft, and place suggestions."""

from functools import cache
from math import isfinite, nan

from carriers.sandbox.duffel.airlines import AIRCRAFT, AIRLINES, aircraft_json, airline_json
from carriers.sandbox.duffel.core import Answer, Call, Core
from carriers.sandbox.duffel.errors import not_found, required, wrong_format
from carriers.sandbox.duffel.paging import page
from carriers.sandbox.duffel.places import airport_json, airports, near, suggestions
from carriers.sandbox.exchange import Json

_DEFAULT_RADIUS_METRES = 10_000


@cache
def _airports() -> list[Json]:
    return [airport_json(code) for code in sorted(airports())]


@cache
def _airlines() -> list[Json]:
    return [airline_json(code) for code in sorted(AIRLINES)]


@cache
def _aircraft() -> list[Json]:
    return [aircraft_json(code) for code in sorted(AIRCRAFT)]


def _id(item: Json) -> str:
    return str(item["id"])


def _same(item: Json) -> Json:
    return item


def _one(items: list[Json], call: Call) -> Answer:
    found = next((item for item in items if item["id"] == call.path["id"]), None)
    if found is None:
        raise not_found()
    return Answer(found)


def list_airports(_core: Core, call: Call) -> Answer:
    """`GET /air/airports`, by country where asked."""
    country = call.one("iata_country_code")
    found = [item for item in _airports() if country in {None, item["iata_country_code"]}]
    return page(found, call, _id, _same)


def get_airport(_core: Core, call: Call) -> Answer:
    """`GET /air/airports/{id}`."""
    return _one(_airports(), call)


def list_airlines(_core: Core, call: Call) -> Answer:
    """`GET /air/airlines`."""
    return page(_airlines(), call, _id, _same)


def get_airline(_core: Core, call: Call) -> Answer:
    """`GET /air/airlines/{id}`."""
    return _one(_airlines(), call)


def list_aircraft(_core: Core, call: Call) -> Answer:
    """`GET /air/aircraft`."""
    return page(_aircraft(), call, _id, _same)


def get_aircraft(_core: Core, call: Call) -> Answer:
    """`GET /air/aircraft/{id}`."""
    return _one(_aircraft(), call)


def suggest_places(_core: Core, call: Call) -> Answer:
    """`GET /places/suggestions`: by text (`query`, or its older name `name`), or around a point."""
    text = call.one("query") or call.one("name")
    if text:
        return Answer(suggestions(text))
    if call.one("lat") is None or call.one("lng") is None:
        raise required("/query")
    return Answer(near(_number(call, "lat"), _number(call, "lng"), _number(call, "rad")))


def _number(call: Call, name: str) -> float:
    try:
        number = float(call.one(name) or _DEFAULT_RADIUS_METRES)
    except ValueError:
        number = nan
    if not isfinite(number):
        raise wrong_format(f"/{name}", f"Field '{name}' must be a number")
    return number
