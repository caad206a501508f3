"""How fast crashes are explored."""

import time

import pytest

from tests.benchmarks.table import Table
from tests.booking.exploring import explore, watched_house
from tests.booking.scenes import guaranteed


@pytest.mark.bench
async def test_states_per_second(capsys):
    house = await watched_house().open()
    tokens = [house.token(await guaranteed(house)), house.token(await guaranteed(house, 0))]
    started = time.perf_counter()
    found = await explore(house, lambda again: again.reserve_tokens("r1", *tokens))
    seconds = time.perf_counter() - started
    assert found.broken == []
    table = Table(f"Crash exploration of a reserve with two items, {found.states} states", "per second")
    table.add("processes started anew and judged", found.runs / seconds)
    table.add("states", found.states / seconds)
    table.show(capsys)
