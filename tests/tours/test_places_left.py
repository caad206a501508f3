"""How many places are left on the days of the week that docs/carriers.md tells of, and who sees that."""

import pytest

from app.tours.departures import seen
from tests.booking.house import House
from tests.tours.selling import ASKED, CANCELLED, CLOSED, LAST_PLACE, OPEN, SHUT, TWO_PLACES, UK, key


@pytest.mark.parametrize(
    ("day", "status", "inside", "outside"),
    [
        (OPEN, "AVAILABLE", 30, 30),
        (LAST_PLACE, "AVAILABLE", 1, 1),
        (CLOSED, "CLOSED", None, None),
        (ASKED, "ON_REQUEST", 12, 12),
        (CANCELLED, "CANCELLED", None, None),
        (TWO_PLACES, "AVAILABLE", 2, 2),
        (SHUT, "CLOSED_NOT_AMENDABLE", None, None),
    ],
)
async def test_each_day_of_the_week_has_its_places(day, status, inside, outside):
    told = (await House().operator.availability(UK, [key(day)]))[key(day)]
    assert (told.status, told.places_left) == (status, inside)
    assert seen(told, internal=True).places_left == inside
    assert seen(told, internal=False).places_left == outside
