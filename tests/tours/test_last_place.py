"""Whoever wants the last place of a departure at the same moment, in one process or in several: it is sold once."""

import asyncio
from collections import Counter

import pytest

from app.booking.reserve import ReserveWish, take_reserve
from app.domain.clock import ManualClock
from app.store.engine import SqlStore
from carriers.sandbox.octo.world import OctoWorld
from tests.booking.house import House, passenger, viewer
from tests.booking.judge import judge
from tests.booking.scenes import guaranteed
from tests.carriers.worlds import START, served
from tests.databases import apart
from tests.tours.rivals import rivals, tuesdays
from tests.tours.selling import LAST_PLACE, TWO_PLACES, statuses, stay

PROCESSES, BUYERS, DEPARTURES = 3, 2, 2
MANY = 10
NOT_HAD = {"SOLD_OUT", "NOT_BOOKABLE"}


@pytest.mark.parametrize(("day", "places"), [(LAST_PLACE, 1), (TWO_PLACES, 2)])
async def test_no_place_is_sold_twice_among_many_buyers(day, places):
    house = await House().open()
    tokens = [house.token(await stay(house, day)), house.token(await guaranteed(house))]

    async def bought(number):
        # Every other buyer wants a flight with it.
        wish = ReserveWish(offers=tuple(tokens[: 1 + number % 2]), passengers=(passenger(),))
        return await take_reserve(house.desk, viewer(), f"r{number}", wish)

    outcomes = await asyncio.gather(*(bought(number) for number in range(MANY)))
    ends = [await house.settled(outcome) for outcome in outcomes]
    codes = [str(end.refusal.code) for end in ends if end.refusal is not None]
    assert (len(codes), set(codes) - NOT_HAD) == (MANY - places, set())
    assert statuses(house).count("ON_HOLD") == places
    await judge(house)


def test_it_is_sold_once_by_several_processes(database_url):
    with rivals(PROCESSES) as gateways:
        apart(rush(gateways, database_url))


@pytest.mark.proof
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_operator_that_does_not_count_its_places_is_found_out(database_url, monkeypatch):
    """Negative control: the operator's count is what keeps it at one."""
    monkeypatch.setattr("carriers.sandbox.octo.departures.taken", lambda _core: Counter())
    with rivals(2) as gateways, pytest.raises(AssertionError, match=f"HELD': {2 * BUYERS}"):
        apart(rush(gateways, database_url))


async def rush(gateways, database):
    """Let them all go for one departure after the other, and judge what became of it."""
    judging = await House(store=SqlStore(database), tours=OctoWorld(ManualClock(START))).open()
    try:
        await _rush(gateways, database, judging.tours)
        ledger = judging.tours.ledger()
        assert Counter(booking["status"] for booking in ledger["bookings"])["ON_HOLD"] == DEPARTURES
        assert [departure["left"] for departure in ledger["departures"]] == [0] * DEPARTURES
        await judge(judging)
    finally:
        await judging.store.close()


async def _rush(gateways, database, operators):
    async with served(operators) as world:
        for number, gateway in enumerate(gateways):
            gateway.tell((database, world, f"g{number}", BUYERS))
        for day in tuesdays(DEPARTURES, LAST_PLACE):
            ends = Counter(await all_at_once(gateways, day))
            assert ends["HELD"] == 1, ends
            assert ends.keys() <= {"HELD", *NOT_HAD}


async def all_at_once(gateways, day):
    """Every buyer's end, once all of them are ready to go for this day."""
    for gateway in gateways:
        gateway.tell(day)
    assert [await gateway.answer() for gateway in gateways] == ["ready"] * len(gateways)
    for gateway in gateways:
        gateway.tell("go")
    return [end for gateway in gateways for end in await gateway.answer()]
