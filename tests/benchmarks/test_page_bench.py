"""A page of fifty bookings with everything on it, against one of five."""

import shutil

import pytest

from tests.benchmarks.houses import Costs, gateway_over, pay, reserve, tokens
from tests.benchmarks.table import Table, median
from tests.schema.gateway import operation

TIMES = 15
PAGE = operation("booking_page")


@pytest.mark.bench
async def test_pages(sqlite_template, tmp_path, capsys):
    gateway = await gateway_over(f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path)}")
    for token in await tokens(gateway, 50):
        await pay(gateway, await reserve(gateway, token))
    costs = Costs().watch(gateway.house.store)
    time, statements = Table(f"A page of bookings on SQLite: median of {TIMES}", "ms"), Table("Its SQL", "statements")
    for size in (5, 50):
        data = await gateway.data(PAGE, first=size)
        assert len(data["bookings"]["nodes"]) == size
        costs.take()
        await gateway.data(PAGE, first=size)
        statements.add(f"{size} bookings", costs.take()[0])
        time.add(f"{size} bookings", await median(TIMES, lambda _, size=size: gateway.data(PAGE, first=size)))
    time.show(capsys)
    statements.show(capsys)
    await gateway.house.store.close()
