"""The tours' pictures: where things are on them, and that they can be drawn."""

from datetime import date
from io import BytesIO
from itertools import combinations

import pytest
from PIL import Image

from carriers.sandbox.octo.catalogue import route_map as drawing
from carriers.sandbox.octo.catalogue.load import load
from carriers.sandbox.octo.catalogue.route_frame import HEIGHT, WIDTH, frame_of
from carriers.sandbox.octo.catalogue.route_labels import place_labels
from carriers.sandbox.octo.catalogue.route_map import route_map

CATALOGUE = load(date(2026, 11, 21))
TOURS = [pytest.param(tour, id=tour.id) for by_id in CATALOGUE.by_operator.values() for tour in by_id.values()]
GREECE = CATALOGUE.tour("insightvacations", "best-of-greece")


def colours(picture):
    return {colour for _, colour in picture.convert("RGB").getcolors(WIDTH * HEIGHT)}


def test_a_map_is_a_png_that_shows_sea_land_and_route():
    picture = Image.open(BytesIO(route_map(GREECE)))
    assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))
    for expected in ("#d3e1e4", "#f8f5ec", "#245a8d"):
        wanted = tuple(bytes.fromhex(expected[1:]))
        assert any(max(abs(a - b) for a, b in zip(wanted, each, strict=True)) < 6 for each in colours(picture))


def test_the_first_place_is_a_filled_dot():
    picture = Image.open(BytesIO(route_map(GREECE))).convert("RGB")
    frame = frame_of(GREECE.places)
    first, second = (
        picture.getpixel(tuple(map(round, frame.at(place.longitude, place.latitude)))) for place in GREECE.places[:2]
    )
    assert sum(first) < 400
    assert sum(second) > 700


def test_a_map_is_the_same_whenever_it_is_drawn():
    before = route_map(GREECE)
    drawing._drawn.cache_clear()
    assert route_map(GREECE) == before


@pytest.mark.parametrize("tour", TOURS)
def test_places_and_their_names_lie_on_the_map_and_apart(tour):
    frame = frame_of(tour.places)
    dots = [frame.at(place.longitude, place.latitude) for place in tour.places]
    assert all(100 < x < WIDTH - 100 and 100 < y < HEIGHT - 100 for x, y in dots)
    boxes = place_labels(dots, [(len(place.name) * 12, 25) for place in tour.places], dots)
    assert all(box.outside == 0 for box in boxes)
    assert all(one.overlap(other) == 0 for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("tour", TOURS)
def test_a_map_has_land_under_its_places(tour):
    visited = drawing._land(tour.id)["visited"]
    inside = [any(within(ring, place.longitude, place.latitude) for ring in visited) for place in tour.places]
    # A harbour may lie a little off the simplified shore.
    assert sum(inside) >= len(inside) / 2


def within(ring, x, y):
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1
