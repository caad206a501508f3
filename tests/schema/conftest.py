import pytest
from sqlalchemy import event

from app.domain.clock import ManualClock
from app.domain.partner import Scope, Viewer
from resolvers.context import Context
from tests.schema.gateway import open_gateway
from tests.search.fakes import NOW, PARTNER, services_over


@pytest.fixture
def viewer():
    return Viewer(partner=PARTNER, scopes=frozenset({Scope.SEARCH, Scope.BOOK}), actor="token:7")


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def services(clock):
    return lambda *carriers: services_over(carriers, clock)


@pytest.fixture
def context(viewer, services):
    return Context(viewer, services())


@pytest.fixture
def context_with(viewer, services):
    return lambda *carriers: Context(viewer, services(*carriers))


@pytest.fixture
async def gateway():
    return await open_gateway()


@pytest.fixture
def statements(gateway):
    """Every statement that is executed from here on."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        if statement != "BEGIN":
            seen.append(statement)

    heard = (gateway.house.store.engine, "before_cursor_execute", note)
    event.listen(*heard)
    yield seen
    event.remove(*heard)
