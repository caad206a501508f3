import pytest

from app.store.engine import MemoryStore
from tests.booking.house import House
from tests.delivery.office import Office


@pytest.fixture(scope="session")
def memory():
    """One store for all tests, and what it holds when it is empty."""
    store = MemoryStore()
    return store, store.snapshot()


@pytest.fixture
async def office(memory):
    """The post office over a fresh house."""
    store, empty = memory
    store.restore(empty)
    return Office(await House(store=store).open())


@pytest.fixture
async def booked(office):
    """The id of a held booking, whose events nobody has been told of yet."""
    return (await office.house.reserve()).booking_id
