import pytest

from app.store.engine import MemoryStore
from tests.booking.house import House


@pytest.fixture(scope="session")
def memory():
    """One store for all tests, and what it holds when it is empty: SQL is compiled once, tables are made once."""
    store = MemoryStore()
    return store, store.snapshot()


@pytest.fixture
async def house(memory):
    """The gateway below GraphQL, in one process, with its partners let in."""
    store, empty = memory
    store.restore(empty)
    return await House(store=store).open()
