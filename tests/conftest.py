import pytest

from app.store.engine import SqlStore
from app.store.migrate import migrate
from tests.databases import running_postgres

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres():
    with running_postgres() as server:
        yield server


@pytest.fixture(params=DATABASES)
async def empty_url(request, tmp_path):
    """The URL of an empty database, on each kind."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/faregate.sqlite3"
        return
    server = request.getfixturevalue("postgres")
    url = await server.create(migrated=False)
    yield url
    await server.drop(url)


@pytest.fixture(params=DATABASES)
async def database_url(request, tmp_path):
    """The URL of a migrated database without rows, on each kind."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path}/faregate.sqlite3"
        await migrate(url)
        yield url
        return
    server = request.getfixturevalue("postgres")
    url = await server.create()
    yield url
    await server.drop(url)


@pytest.fixture
async def store(database_url):
    """A SqlStore over a migrated database without rows, on each kind."""
    store = SqlStore(database_url)
    yield store
    await store.close()
