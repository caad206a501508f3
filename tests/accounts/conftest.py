import pytest

from tests.accounts.books import Books


@pytest.fixture
async def books():
    """Two partners' accounts, in memory."""
    return await Books().open()
