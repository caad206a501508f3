"""The places of the tours, held against the world's airports: those know their country and their time."""

from collections import defaultdict
from datetime import date
from math import cos, hypot, radians

import airportsdata
import pytest

from carriers.sandbox.octo.catalogue.load import load

TOURS = [tour for by_id in load(date(2026, 11, 21)).by_operator.values() for tour in by_id.values()]
_KM_PER_DEGREE = 111


@pytest.fixture(scope="module")
def airports():
    cells = defaultdict(list)
    for airport in airportsdata.load("IATA").values():
        cells[int(airport["lat"] // 3), int(airport["lon"] // 3)].append(airport)
    return cells


def nearest(airports, place, count):
    row, column = int(place.latitude // 3), int(place.longitude // 3)
    around = [each for r in (-1, 0, 1) for c in (-1, 0, 1) for each in airports[row + r, column + c]]
    return sorted(around, key=lambda each: away(place, each))[:count]


def away(place, airport):
    """Kilometres."""
    east = (place.longitude - airport["lon"]) * cos(radians(place.latitude))
    return hypot(place.latitude - airport["lat"], east) * _KM_PER_DEGREE


@pytest.mark.parametrize("tour", [pytest.param(tour, id=tour.id) for tour in TOURS])
def test_a_place_has_airports_of_its_country_near_it(airports, tour):
    for place in tour.places:
        found = nearest(airports, place, 4)
        assert place.country in {airport["country"] for airport in found}, place
        assert away(place, found[0]) < 160, place


@pytest.mark.parametrize("tour", [pytest.param(tour, id=tour.id) for tour in TOURS])
def test_a_tours_days_are_counted_where_it_starts(airports, tour):
    airport = nearest(airports, tour.places[0], 1)[0]
    assert tour.zone == airport["tz"]


def test_places_named_like_an_airports_city_lie_there(airports):
    checked = 0
    for tour in TOURS:
        for place in tour.places:
            same = [each for each in nearest(airports, place, 40) if each["city"] == place.name]
            checked += bool(same)
            assert not same or min(away(place, each) for each in same) < 80, place
    assert checked > 50
