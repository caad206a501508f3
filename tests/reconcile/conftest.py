import pytest

from tests.reconcile.scenes import Office


@pytest.fixture
async def house():
    """The gateway below GraphQL, with its partners let in and the job at hand."""
    return await Office().open()
