"""Reads see one moment, wait for no writer and for no other reader's connection."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from app.store.engine import SqlStore
from app.store.tables import PartnerRow
from tests.store.conftest import count, partner, within


@asynccontextmanager
async def open_write(store):
    """A write transaction that has changed the counter and not ended."""
    async with store._writing.connect() as connection:
        await connection.execute(text("UPDATE partner SET name = 'changed'"))
        yield connection
        await connection.rollback()


async def test_a_read_does_not_wait_for_an_open_write(seeded):
    async with open_write(seeded):
        name = await within(2, seeded.read(lambda session: session.get_one(PartnerRow, "p").name))
    assert name == "P"


async def test_a_read_that_took_the_write_lock_would_not_come_back(impatient):
    """The control: the same read through the writing engine, while somebody else writes."""
    store, _ = impatient
    assert await count(store) == 0
    store._reading = store._writing
    with pytest.raises(OperationalError, match="locked"):
        await count(store)


async def test_reads_pass_writers_that_queue(seeded):
    async with open_write(seeded):
        writes = [
            asyncio.create_task(seeded.write(lambda session: session.get(PartnerRow, "p", with_for_update=True)))
            for _ in range(2)
        ]
        await within(2, asyncio.gather(*(count(seeded) for _ in range(20))))
        assert not any(write.done() for write in writes)
    await asyncio.gather(*writes)


async def test_two_hundred_reads_at_once_all_come_back(seeded):
    assert await within(10, asyncio.gather(*(count(seeded) for _ in range(200)))) == [0] * 200
    assert seeded.engine.pool.checkedout() == 0


async def test_fewer_readers_than_connections(seeded):
    assert seeded._readers._value < seeded.engine.pool.size()


async def test_a_read_sees_one_moment(seeded):
    """Both statements of the read see the same rows, although a write commits between them."""
    other = SqlStore(seeded.engine.url.render_as_string(hide_password=False))
    loop = asyncio.get_running_loop()

    def body(session):
        before = session.exec(select(PartnerRow.id)).all()
        written.set()
        # The greenlet hands the loop to the writer while this statement runs.
        while not committed.is_set():
            session.exec(text("SELECT 1")).all()
        return before, session.exec(select(PartnerRow.id)).all()

    async def write():
        await written.wait()
        await other.write(lambda session: session.add(partner(id="q", name="Q")))
        committed.set()

    written, committed = asyncio.Event(), asyncio.Event()
    writing = loop.create_task(write())
    before, after = await within(5, seeded.read(body))
    await writing
    assert before == after == ["p"]
    assert len(await seeded.read(lambda session: session.exec(select(PartnerRow.id)).all())) == 2
    await other.close()


async def test_what_a_read_changes_is_never_stored(seeded):
    def body(session):
        session.get_one(PartnerRow, "p").name = "changed"

    await seeded.read(body)
    assert await seeded.read(lambda session: session.get_one(PartnerRow, "p").name) == "P"


async def test_a_cancelled_read_gives_its_connection_back(seeded):
    reads = [asyncio.create_task(count(seeded)) for _ in range(30)]
    for number, read in enumerate(reads):
        await asyncio.wait({read}, timeout=0.0002 * (number % 6))
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    assert await within(5, asyncio.gather(*(count(seeded) for _ in range(20)))) == [0] * 20
    assert seeded.engine.pool.checkedout() == 0
