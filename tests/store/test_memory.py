"""The store in memory runs the same bodies, and goes back to a snapshot."""

import pytest

from app.store.engine import MemoryStore
from app.store.tables import BookingRow, PartnerRow
from tests.store.conftest import booking, count, partner


@pytest.fixture
async def memory():
    store = MemoryStore()
    await store.write(lambda session: session.add(partner()))
    yield store
    await store.close()


def increment(session):
    row = session.get_one(PartnerRow, "p", with_for_update=True)
    row.terms = {"n": row.terms["n"] + 1}


async def test_a_snapshot_is_restored_again_and_again(memory):
    await memory.write(increment)
    snapshot = memory.snapshot()
    for _ in range(3):
        await memory.write(increment)
        await memory.write(lambda session: session.add(booking()))
        assert await count(memory) == 2
        memory.restore(snapshot)
        assert await count(memory) == 1
        assert await memory.read(lambda session: session.get(BookingRow, "b")) is None


async def test_a_body_that_raises_leaves_nothing(memory):
    def body(session):
        increment(session)
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await memory.write(body)
    assert await count(memory) == 0


async def test_what_a_read_changes_is_never_stored(memory):
    await memory.read(increment)
    assert await count(memory) == 0


@pytest.mark.parametrize("changes", [{"state": "LOST"}, {"partner_id": "nobody"}])
async def test_restored_rows_are_checked_like_all_others(memory, changes):
    memory.restore(memory.snapshot())
    with pytest.raises(Exception, match="constraint failed"):
        await memory.write(lambda session: session.add(booking(**changes)))
