import asyncio
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, make_url

from app.store.engine import SqlStore
from app.store.tables import BookingRow, PartnerRow

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def partner(**changes):
    return PartnerRow(**{"id": "p", "name": "P", "terms": {"n": 0}, "created_at": NOW} | changes)


def booking(**changes):
    facts = {"id": "b", "partner_id": "p", "reference": "R", "state": "NEW", "currency": "EUR", "total_minor": 1}
    return BookingRow(**facts | {"created_at": NOW} | changes)


@pytest.fixture
async def seeded(store):
    """The store with one partner, whose terms are a counter."""
    await store.write(lambda session: session.add(partner()))
    return store


@pytest.fixture
async def impatient(tmp_path):
    """A SQLite store that does not wait for a lock, and a stranger's connection that holds it."""
    store = SqlStore(f"sqlite+aiosqlite:///{tmp_path}/faregate.sqlite3")
    event.listen(store.engine.sync_engine, "connect", lambda raw, _: raw.cursor().execute("PRAGMA busy_timeout=0"))
    async with store.engine.begin() as connection:
        await connection.run_sync(PartnerRow.metadata.create_all)
    await store.write(lambda session: session.add(partner()))
    stranger = sqlite3.connect(make_url(store.engine.url).database, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    yield store, stranger
    stranger.close()
    await store.close()


async def count(store):
    return await store.read(lambda session: session.get_one(PartnerRow, "p").terms["n"])


async def within(seconds, work):
    async with asyncio.timeout(seconds):
        return await work
