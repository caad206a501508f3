"""What a ticket costs: the first one of a process, the next ones, and many at once."""

import asyncio
import time

import pytest

from app.tickets.render import WORKERS, Renderer

MANY = 20


@pytest.mark.bench
async def test_milliseconds_per_ticket(receipts, capsys):
    renderer = Renderer()
    try:
        cold = await milliseconds(renderer.pdf(receipts.one_way()))
        await renderer.warm_up()
        one_flight = await milliseconds(printed(renderer, [receipts.one_way()] * MANY)) / MANY
        four_flights = await milliseconds(printed(renderer, [receipts.receipt()] * MANY)) / MANY
        together = asyncio.gather(*(renderer.pdf(receipts.receipt()) for _ in range(MANY)))
        parallel = await milliseconds(together) / MANY
    finally:
        renderer.close()
    with capsys.disabled():
        print(  # noqa: T201 - a measurement is there to be read
            f"\nticket PDF: first {cold:.0f} ms (starts the workers), one flight {one_flight:.0f} ms, "
            f"four flights {four_flights:.0f} ms; {MANY} at once on {WORKERS} workers "
            f"{parallel:.0f} ms each ({four_flights / parallel:.1f} times as fast)"
        )
    assert one_flight < four_flights < cold


async def printed(renderer, receipts):
    for receipt in receipts:
        await renderer.pdf(receipt)


async def milliseconds(work):
    start = time.perf_counter()
    await work
    return (time.perf_counter() - start) * 1000
