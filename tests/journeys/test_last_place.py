"""Buyers in processes of their own want the last place of a departure at once, from one gateway or from two."""

import asyncio
import json
import sys
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.travellers import ADA
from tests.proof.kills.stage import PIPE, stage
from tests.proof.kills.verdict import books_and_worlds

RIVALS, DEPARTURES = 5, 3
TOUR = "aatkings:red-centre-explorer"
# On this tour every Tuesday has one place left.
TUESDAY = 1
FOUND = """
query Found($tour: ID!, $from: Date!) {
  departures(tour: $tour, from: $from, first: 30) {
    nodes { startsOn availability { placesLeft offer(rooms: [{type: SINGLE, adults: 1}]) { offer { token } } } }
  }
}
"""
RESERVE = """
mutation Reserve($input: ReserveInput!) {
  reserve(input: $input) { booking { id state } operation { state } errors { code } }
}
"""


@dataclass(frozen=True)
class Rival:
    """A process that buys."""

    process: asyncio.subprocess.Process

    def want(self, key, offer):
        """Let it go for the offer."""
        wanted = {"idempotencyKey": key, "offers": [offer], "passengers": [ADA]}
        body = {"query": RESERVE, "variables": {"input": wanted}}
        self.process.stdin.write(json.dumps(body).encode() + b"\n")

    async def answer(self):
        return json.loads(await self.process.stdout.readline())


@asynccontextmanager
async def rivals(playing):
    """So many buyers, each at the gateway whose turn it is."""
    command = (sys.executable, "-m", "tests.journeys.rival")
    urls = [f"{next(playing.turns).url}/graphql" for _ in range(RIVALS)]
    start = [asyncio.create_subprocess_exec(*command, url, playing.token, stdin=PIPE, stdout=PIPE) for url in urls]
    found = [Rival(process) for process in await asyncio.gather(*start)]
    try:
        yield found
    finally:
        for rival in found:
            rival.process.stdin.close()
            await rival.process.wait()


async def last_places(playing):
    """Offers of departures that have one place left."""
    day = datetime.now(UTC).date() + timedelta(days=100)
    day += timedelta(days=(TUESDAY - day.weekday()) % 7)
    answer = await playing.ask(FOUND, token=playing.token, **{"tour": TOUR, "from": str(day)})
    last = [node["availability"] for node in answer["departures"]["nodes"] if node["availability"]["placesLeft"] == 1]
    return [each["offer"]["offer"]["token"] for each in last[:DEPARTURES]]


@pytest.mark.proof
async def test_the_last_place_is_sold_once(database_url, store, tmp_path):
    gateways, workers = (1, 1) if database_url.startswith("sqlite") else (2, 0)
    async with stage(tmp_path, database_url, gateways, workers=workers) as playing, rivals(playing) as buyers:
        offers = await last_places(playing)
        assert len(offers) == DEPARTURES
        for number, offer in enumerate(offers):
            for place, rival in enumerate(buyers):
                rival.want(f"last-{number}-{place}", offer)
            answers = [await rival.answer() for rival in buyers]
            assert Counter(map(told, answers)) == {"HELD": 1, "not had": RIVALS - 1}
        ledgers = await playing.ledgers()
    live = [booking["date"] for booking in ledgers.tours["bookings"] if booking["status"] == "ON_HOLD"]
    assert len(set(live)) == len(live) == DEPARTURES
    assert [departure["left"] for departure in ledgers.tours["departures"]] == [0] * DEPARTURES
    assert await books_and_worlds(store, ledgers) == []


def told(answer):
    """What became of one buyer's wish; what else it may be told than the place, in one word."""
    codes = [error["code"] for error in answer["errors"]]
    if codes in (["SOLD_OUT"], ["NOT_BOOKABLE"]):
        return "not had"
    return answer["booking"]["state"] if not codes else codes[0]
