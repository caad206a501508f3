import pytest

from app.domain.clock import ManualClock
from tests.tours.depositing import DepositHouse
from tests.tours.fakes import NOW, FakeOperator


@pytest.fixture
async def house():
    """The gateway below GraphQL over a carrier that confirms on a deposit, with its partners let in."""
    return await DepositHouse().open()


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def kings(clock):
    return FakeOperator(clock)


@pytest.fixture
def gold(clock):
    return FakeOperator(clock, "luxurygold", "Luxury Gold")
