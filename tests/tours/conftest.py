import pytest

from tests.booking.conftest import memory
from tests.tours.depositing import DepositHouse

__all__ = ["memory"]


@pytest.fixture
async def house(memory):
    """The gateway below GraphQL over a carrier that confirms on a deposit, with its partners let in."""
    store, empty = memory
    store.restore(empty)
    return await DepositHouse(store=store).open()
