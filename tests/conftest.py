import gc
import os
import shutil
from functools import partial

import pytest

from app.cli.main import main
from app.store.engine import SqlStore
from app.store.migrate import migrate
from tests.databases import apart, running_postgres
from tests.memories import take_back

# A server takes longer than a file: what `make test` sees on SQLite, `make proof` sees on PostgreSQL too.
DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.proof))
COVERED = "covered"


def pytest_collection_finish():
    """Modules and collected tests stay until the end: garbage collection need not walk them again and again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """Tell what the campaigns covered, whichever process they ran in."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    for told in (text for report in reports for name, text in report.user_properties if name == COVERED):
        terminalreporter.write_line(f"\n{told}")


@pytest.fixture
def covered(record_property):
    """Say what a campaign covered; it is printed at the end."""
    return partial(record_property, COVERED)


@pytest.fixture(autouse=True)
def memories():
    """Whatever store in memory a test was lent is the next one's."""
    yield
    take_back()


@pytest.fixture(scope="session")
def postgres():
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "faregate.sqlite3"
    apart(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


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
        template = request.getfixturevalue("sqlite_template")
        yield f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path)}"
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


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """A machine of its own: an empty folder, the development profile, nothing else set."""
    for name in [name for name in os.environ if name.upper().startswith("FAREGATE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FAREGATE_PROFILE", "development")
    return monkeypatch


@pytest.fixture
def faregate(environment, capsys):
    """Run one command; its exit status, what it printed, and what it complained of."""

    def run(*arguments):
        status = main(arguments)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run
