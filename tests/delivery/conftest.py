import pytest

from tests.booking.house import House
from tests.delivery.office import Office


@pytest.fixture
async def office():
    """The post office over a fresh house."""
    return Office(await House().open())


@pytest.fixture
async def booked(office):
    """The id of a held booking, whose events nobody has been told of yet."""
    return (await office.house.reserve()).booking_id
