"""Tours through the schema: found, looked at, compared between regions, and offered."""

from tests.schema.gateway import operation, same_as_committed

GREECE = "aatkings:greece"
FAMILY = [{"type": "TWIN_SHARE", "adults": 1, "childAges": [9]}, {"type": "SINGLE", "adults": 1}]


async def test_the_tours_of_a_region(shop):
    same_as_committed("tours", await shop.data(operation("tours"), filter={"months": ["2027-06"]}))


async def test_a_tour_with_its_seasons(shop):
    same_as_committed("tour", await shop.data(operation("tour"), id=GREECE))


async def test_departures_with_their_availability_in_two_regions_and_an_offer(shop):
    same_as_committed("departures", await shop.data(operation("departures"), tour=GREECE, rooms=FAMILY))
