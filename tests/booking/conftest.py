import pytest

from tests.booking.house import House


@pytest.fixture
async def house():
    """The gateway below GraphQL, in one process, with its partners let in."""
    return await House().open()
