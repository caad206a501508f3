import pytest

from app.store.engine import MemoryStore
from tests.reconcile.scenes import Office


@pytest.fixture(scope="session")
def memory():
    """One store for all tests, and what it holds when it is empty."""
    store = MemoryStore()
    return store, store.snapshot()


@pytest.fixture
async def house(memory):
    """The gateway below GraphQL, with its partners let in and the job at hand."""
    store, empty = memory
    store.restore(empty)
    return await Office(store=store).open()
