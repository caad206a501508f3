"""What a ticket costs: the first one of a process, the next ones, and many at once."""

import asyncio

import pytest

from app.papers.render import WORKERS, Renderer
from tests.benchmarks.table import Table, milliseconds
from tests.papers.conftest import one_way, receipt

MANY = 20


@pytest.mark.bench
async def test_milliseconds_per_ticket(capsys):
    table = Table("A ticket's PDF", "ms")
    renderer = Renderer()
    try:
        first = await milliseconds(renderer.pdf(one_way()))
        await renderer.warm_up()
        table.add("one flight, one after the other", await milliseconds(printed(renderer, one_way())) / MANY)
        table.add("four flights, one after the other", await milliseconds(printed(renderer, receipt())) / MANY)
        together = asyncio.gather(*(renderer.pdf(receipt()) for _ in range(MANY)))
        table.add(f"four flights, {MANY} at once on {WORKERS} workers", await milliseconds(together) / MANY)
        table.add("the first of a process, with its workers' start", first)
    finally:
        renderer.close()
    table.show(capsys)


async def printed(renderer, facts):
    for _ in range(MANY):
        await renderer.pdf(facts)
