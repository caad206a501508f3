"""Bring a database to the tables this version needs: on start for SQLite, by `faregate migrate` for PostgreSQL.

Two processes may start at once: on SQLite the migration holds the write lock, on PostgreSQL an advisory lock, so the
second one waits and finds nothing left to do. A migration that fails leaves everything as it was.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store.engine import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number, as long as nothing else in the database locks it.
_ADVISORY_LOCK = 4_907_263_118


class SchemaBehindError(RuntimeError):
    """The database is not at the revision this version works with; the message says what to do."""


async def migrate(url: str) -> None:
    """Apply every revision the database does not have yet."""
    await _locked(url, lambda connection: command.upgrade(config(connection), "head"))


async def downgrade(url: str, revision: str = "base") -> None:
    """Undo every revision after the named one; all of them, with all data, by default."""
    await _locked(url, lambda connection: command.downgrade(config(connection), revision))


async def check(url: str) -> None:
    """SchemaBehindError unless the database is at the newest revision."""
    engine = open_engine(url, connections=1)
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(_revision)
    finally:
        await engine.dispose()
    needed = ScriptDirectory.from_config(config()).get_current_head()
    if found != needed:
        raise SchemaBehindError(
            f"The database is at revision {found or 'none'}, this version works with {needed}. Run `faregate migrate`."
        )


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings: where the revisions are, and the connection whose transaction they run in."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def _locked(url: str, work: Callable[[Connection], None]) -> None:
    """Do the work in one transaction that no other process can do it in at the same time."""
    engine = open_engine(url, connections=1, command_seconds=None)
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        _leave_references_unchecked(engine)
    try:
        async with engine.execution_options(faregate_write=True).begin() as connection:
            await connection.run_sync(_check_references if sqlite else _lock, work)
    finally:
        await engine.dispose()


def _lock(connection: Connection, work: Callable[[Connection], None]) -> None:
    """The work on PostgreSQL, under an advisory lock that the transaction's end releases."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    work(connection)


def _leave_references_unchecked(engine: AsyncEngine) -> None:
    """SQLite alters a table by copying and dropping it, which foreign keys that are checked meanwhile would forbid."""

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        connection.cursor().execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection, work: Callable[[Connection], None]) -> None:
    """The work on SQLite, then the check that it could not make on the way; the transaction began with the lock."""
    work(connection)
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        raise RuntimeError(f"the migration would leave {len(orphans)} rows whose parents are gone: {orphans[0]}")
