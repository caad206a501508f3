import pytest

from app.domain.clock import ManualClock
from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.sandbox.octo.shop import START, Client, load


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
def world(clock):
    return OctoWorld(clock, load=load)


@pytest.fixture
def client(world):
    return Client(world)
