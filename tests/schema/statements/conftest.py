import pytest

from tests.schema.statements.accounts import Accounts


@pytest.fixture
def accounts(gateway):
    return Accounts(gateway)
