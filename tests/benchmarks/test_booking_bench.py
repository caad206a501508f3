"""Bookings per second from reserve to ticket, and what each costs the database."""

import asyncio
import shutil
import time

import pytest

from tests.benchmarks.houses import Costs, gateway_over, pay, reserve, tokens
from tests.benchmarks.table import Table

MANY = 48
TOGETHER = (1, 8)


@pytest.fixture
async def gateways(postgres, sqlite_template, tmp_path):
    """A gateway over an empty database of each kind."""
    server = await postgres.create()
    urls = {"PostgreSQL": server, "SQLite": f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path)}"}
    opened = {kind: await gateway_over(url) for kind, url in urls.items()}
    yield opened
    for gateway in opened.values():
        await gateway.house.store.close()
    await postgres.drop(server)


async def booked(gateway, offers):
    for token in offers:
        await pay(gateway, await reserve(gateway, token))


async def per_second(gateway, together):
    offers = await tokens(gateway, MANY)
    started = time.perf_counter()
    await asyncio.gather(*(booked(gateway, offers[start::together]) for start in range(together)))
    return MANY / (time.perf_counter() - started)


@pytest.mark.bench
async def test_bookings_per_second(gateways, capsys):
    table = Table("Reserve, pay and ticket, GraphQL to database, the carrier in the same process", "bookings/s")
    for kind, gateway in gateways.items():
        await booked(gateway, await tokens(gateway, 2))
        for together in TOGETHER:
            table.add(f"{kind}, {together} at a time", await per_second(gateway, together))
    table.show(capsys)


@pytest.mark.bench
async def test_what_a_booking_costs_the_database(gateways, capsys):
    gateway = gateways["SQLite"]
    first, second = await tokens(gateway, 2)
    await pay(gateway, await reserve(gateway, first))
    costs = Costs().watch(gateway.house.store)
    held = await reserve(gateway, second)
    reserving = costs.take()
    await pay(gateway, held)
    paying = costs.take()
    for number, what in enumerate(("statements", "commits")):
        table = Table(f"One booking on SQLite: {what}", what)
        table.add("reserve and pay", reserving[number] + paying[number])
        table.add("reserve", reserving[number])
        table.add("pay", paying[number])
        table.show(capsys)
