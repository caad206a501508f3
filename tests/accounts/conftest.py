import pytest

from app.store.engine import MemoryStore
from tests.accounts.books import Books


@pytest.fixture(scope="session")
def memory():
    """One store for all tests, and what it holds when it is empty."""
    store = MemoryStore()
    return store, store.snapshot()


@pytest.fixture
async def books(memory):
    """Two partners' accounts, in memory."""
    store, empty = memory
    store.restore(empty)
    return await Books(store=store).open()
