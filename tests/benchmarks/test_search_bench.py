"""What the gateway adds to its carrier's own time: both over loopback, in one process."""

from datetime import UTC, datetime, timedelta

import pytest

from app.cli.demo import operations
from carriers.sandbox.start import TOKEN
from tests.benchmarks.table import Table, median
from tests.journeys.conftest import founded

TIMES = 15
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Duffel-Version": "v2"}
TRIPS = {
    "one way, one adult": ([("LHR", "JFK")], 1),
    "there and back, two adults": ([("LHR", "JFK"), ("JFK", "LHR")], 2),
}


def legs(ways, number):
    """A day of its own for every search, so that no answer comes from the cache."""
    first = datetime.now(UTC).date() + timedelta(days=20 + number)
    return [
        (origin, destination, str(first + timedelta(days=7 * way))) for way, (origin, destination) in enumerate(ways)
    ]


def carriers_own(town, ways, adults):
    async def ask(number):
        slices = [{"origin": a, "destination": b, "departure_date": day} for a, b, day in legs(ways, number)]
        data = {"slices": slices, "passengers": [{"type": "adult"}] * adults, "cabin_class": "economy"}
        url = f"{town.sandbox}/air/offer_requests?return_offers=true"
        async with town.http.post(url, json={"data": data}, headers=HEADERS) as answer:
            assert answer.status == 201 and len((await answer.json())["data"]["offers"]) > 1

    return ask


def ours(town, ways, adults, *, day=None):
    async def ask(number):
        wanted = [
            {"origin": a, "destination": b, "date": date} for a, b, date in legs(ways, number if day is None else day)
        ]
        search = {"legs": wanted, "passengers": [{"type": "ADULT"}] * adults}
        found = (await town.ask(operations.SEARCH, input=search))["search"]
        assert found["totalCount"] > 1

    return ask


@pytest.mark.bench
@pytest.mark.parametrize("trip", TRIPS)
async def test_search(trip, tmp_path, capsys):
    ways, adults = TRIPS[trip]
    table = Table(f"Search, {trip}: median of {TIMES}", "ms")
    async with founded(tmp_path, profile="development") as town:
        await ours(town, ways, adults)(TIMES)
        table.add("the carrier's own answer", await median(TIMES, carriers_own(town, ways, adults)))
        table.add("through the gateway, first three itineraries", await median(TIMES, ours(town, ways, adults)))
        table.add("again, from the gateway's cache", await median(TIMES, ours(town, ways, adults, day=TIMES)))
    table.show(capsys)
