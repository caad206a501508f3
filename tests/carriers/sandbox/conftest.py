import pytest

from app.domain.clock import ManualClock
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.sandbox.talk import START, Client


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
def world(clock):
    return DuffelWorld(clock)


@pytest.fixture
def client(world):
    return Client(world)
