import pytest

from app.domain.clock import ManualClock
from app.store.engine import MemoryStore
from tests.journal.toys import NOW, Bench, Shop, seed
from tests.surviving import CountedIds


@pytest.fixture
async def bench():
    """A bench over the store in memory."""
    store = MemoryStore()
    clock = ManualClock(NOW)
    await store.write(seed)
    yield Bench(store, clock, CountedIds(), Shop(clock))
    await store.close()


@pytest.fixture
async def stored(store):
    """A bench over each kind of database."""
    clock = ManualClock(NOW)
    await store.write(seed)
    return Bench(store, clock, CountedIds(), Shop(clock))
