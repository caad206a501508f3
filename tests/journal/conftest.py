import pytest

from app.domain.clock import ManualClock
from tests.journal.toys import NOW, Bench, Shop, seed
from tests.memories import empty_store
from tests.surviving import CountedIds


@pytest.fixture
async def bench():
    """A bench over the store in memory."""
    store = empty_store()
    clock = ManualClock(NOW)
    await store.write(seed)
    return Bench(store, clock, CountedIds(), Shop(clock))


@pytest.fixture
async def stored(store):
    """A bench over each kind of database."""
    clock = ManualClock(NOW)
    await store.write(seed)
    return Bench(store, clock, CountedIds(), Shop(clock))
