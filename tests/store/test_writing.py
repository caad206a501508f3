"""Concurrent writes lose nothing and corrupt nothing, on both databases; the controls take each protection away."""

import asyncio
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import select

from app.store import engine as engines
from app.store.engine import SqlStore
from app.store.tables import BookingRow, PartnerRow
from tests.store.conftest import booking, count, partner, within

MANY = 300


def increment(session, *, lock=True, by=1):
    row = session.get(PartnerRow, "p", with_for_update=lock)
    row.terms = {"n": row.terms["n"] + by}


async def test_of_many_concurrent_increments_none_is_lost(seeded):
    await asyncio.gather(*(seeded.write(increment) for _ in range(MANY)))
    assert await count(seeded) == MANY


@pytest.mark.proof
async def test_without_the_locks_increments_are_lost(seeded):
    """The control: the driver's own transactions on SQLite, no FOR UPDATE on PostgreSQL."""
    plain = create_async_engine(seeded.engine.url)
    seeded._writing, seeded._writers = plain, asyncio.Semaphore(5)
    await asyncio.gather(*(seeded.write(partial(increment, lock=False)) for _ in range(MANY)))
    assert await count(seeded) < MANY
    await plain.dispose()


async def test_two_stores_on_one_database_lose_nothing(seeded, database_url):
    other = SqlStore(database_url)
    await asyncio.gather(*(store.write(increment) for store in (seeded, other) for _ in range(30)))
    assert await count(seeded) == 60
    await other.close()


async def test_a_body_that_raises_leaves_nothing(seeded):
    def body(session):
        increment(session)
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await seeded.write(body)
    assert await count(seeded) == 0


async def test_a_savepoint_that_raises_leaves_the_rest(seeded):
    def body(session):
        increment(session)
        with suppress(LookupError), session.begin_nested():
            increment(session, by=10)
            session.flush()
            raise LookupError

    await seeded.write(body)
    assert await count(seeded) == 1


async def test_a_unique_value_taken_in_between_is_met_again_by_the_same_body(seeded):
    """Two bodies look, find nothing and insert: one of them runs again and finds the other's row."""

    def find_or_insert(session):
        known = session.exec(select(BookingRow.id).where(BookingRow.reference == "SAME")).first()
        if known is None:
            session.add(booking(id=f"b{len(tries)}", reference="SAME"))
            tries.append(session)
        return known

    tries = []
    found = await asyncio.gather(*(seeded.write(find_or_insert) for _ in range(8)))
    assert len([known for known in found if known is None]) == 1
    assert len({known for known in found if known is not None}) == 1


@pytest.mark.parametrize(
    "row",
    [
        partial(booking, state="LOST"),
        partial(booking, partner_id="nobody"),
        partial(booking, currency=None),
    ],
    ids=["unknown state", "missing parent", "missing value"],
)
async def test_what_the_tables_forbid_is_refused_at_once(seeded, row):
    tries = []

    def body(session):
        tries.append(session)
        session.add(row())

    with pytest.raises(IntegrityError):
        await seeded.write(body)
    assert len(tries) == 1


@pytest.mark.proof
async def test_a_deadlock_on_postgresql_is_run_again(postgres):
    url = await postgres.create()
    store = SqlStore(url)
    await store.write(lambda session: session.add_all([partner(), partner(id="q", name="Q")]))

    def both(order, session):
        session.exec(text("SET LOCAL deadlock_timeout = '20ms'"))
        for key in order:
            row = session.get_one(PartnerRow, key, with_for_update=True)
            row.terms = {"n": row.terms["n"] + 1}
            session.flush()
            session.exec(text("SELECT pg_sleep(0.05)"))

    await asyncio.gather(store.write(partial(both, "pq")), store.write(partial(both, "qp")))
    assert await count(store) == 2
    await store.close()
    await postgres.drop(url)


async def test_a_busy_sqlite_is_asked_again(impatient):
    store, stranger = impatient
    refused = asyncio.Event()
    event.listen(store.engine.sync_engine, "handle_error", lambda _: refused.set())
    writing = asyncio.create_task(store.write(increment))
    await within(5, refused.wait())
    stranger.execute("ROLLBACK")
    await writing
    assert await count(store) == 1


async def test_without_the_retry_a_busy_sqlite_fails(impatient, monkeypatch):
    store, _ = impatient
    monkeypatch.setattr(engines, "_TRIES", 1)
    with pytest.raises(DBAPIError, match="locked"):
        await store.write(increment)


def two_rows(number, session):
    session.add(partner(id=f"p{number}", name=f"P{number}"))
    session.flush()
    session.add(booking(id=f"b{number}", partner_id=f"p{number}", reference=f"R{number}"))


async def test_a_cancelled_write_is_whole_or_absent_and_leaks_no_connection(seeded):
    writes = [asyncio.create_task(seeded.write(partial(two_rows, number))) for number in range(40)]
    for number, write in enumerate(writes):
        # Ever later in its life: waiting for its turn, beginning, inserting, committing.
        await asyncio.wait({write}, timeout=0.0003 * (number % 10))
        write.cancel()
    results = await asyncio.gather(*writes, return_exceptions=True)

    def survivors(session):
        partners = set(session.exec(select(PartnerRow.id).where(PartnerRow.id != "p")))
        return partners, {f"p{key[1:]}" for key in session.exec(select(BookingRow.id))}

    partners, bookings = await within(5, seeded.read(survivors))
    assert partners == bookings
    assert {f"p{number}" for number, result in enumerate(results) if result is None} <= partners
    assert any(isinstance(result, asyncio.CancelledError) for result in results)
    assert seeded.engine.pool.checkedout() == 0
    await within(5, asyncio.gather(*(seeded.write(increment) for _ in range(16))))
    assert await count(seeded) == 16
