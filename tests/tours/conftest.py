import pytest

from app.domain.clock import ManualClock
from tests.booking.conftest import memory
from tests.tours.depositing import DepositHouse
from tests.tours.fakes import NOW, FakeOperator

__all__ = ["memory"]


@pytest.fixture
async def house(memory):
    """The gateway below GraphQL over a carrier that confirms on a deposit, with its partners let in."""
    store, empty = memory
    store.restore(empty)
    return await DepositHouse(store=store).open()


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def kings(clock):
    return FakeOperator(clock)


@pytest.fixture
def gold(clock):
    return FakeOperator(clock, "luxurygold", "Luxury Gold")
