import pytest

from app.domain.clock import ManualClock
from carriers.sandbox.payments.world import PaymentsWorld
from tests.carriers.worlds import START
from tests.payments.worlds import Payer, listen


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
def world(clock):
    """A provider that calls the gateway back."""
    found = PaymentsWorld(clock)
    listen(found)
    return found


@pytest.fixture
def payer(world):
    return Payer(world)
