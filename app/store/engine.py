"""One way in and out of the database: plain functions of a session, run in one transaction each.

SQLite takes its write lock at the start of a write (BEGIN IMMEDIATE), because deferred transactions lose updates
without an error; reads never take it. On PostgreSQL writers lock the rows they change with FOR UPDATE.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.metadata import METADATA

# What is stored is personal: engines hide it in their logs and errors, this driver would log it at DEBUG.
logging.getLogger("aiosqlite").setLevel(logging.INFO)

T = TypeVar("T")
Body = Callable[[Session], T]

_TRIES = 8
_FIRST_PAUSE_SECONDS = 0.005
# Serialisation failure, deadlock and unique violation (PostgreSQL, appendix A).
_TRANSIENT_SQLSTATES = {"40001", "40P01", "23505"}
_TRANSIENT_SQLITE = ("SQLITE_BUSY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
# PostgreSQL would otherwise show every statement of a read another moment.
_ONE_SNAPSHOT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Store(Protocol):
    """Transactions over the tables. Bodies are repeatable and change nothing outside their session."""

    async def write(self, body: Body[T]) -> T:
        """Run the body in one transaction and commit it."""
        ...

    async def read(self, body: Body[T]) -> T:
        """Run the body on a consistent snapshot; it must not change anything."""
        ...

    async def close(self) -> None:
        """Give every connection back."""
        ...


def _transient(error: DBAPIError) -> bool:
    """Whether running the body again may succeed: busy, deadlock, or a unique value somebody inserted in between."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorname.startswith(_TRANSIENT_SQLITE)
    return getattr(cause, "sqlstate", None) in _TRANSIENT_SQLSTATES


class SqlStore:
    """The store on SQLite (aiosqlite) or PostgreSQL (asyncpg)."""

    def __init__(self, url: str, *, connections: int = 8) -> None:
        self.engine = open_engine(url, connections)
        sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(faregate_write=True)
        self._reading = self.engine if sqlite else self.engine.execution_options(**_ONE_SNAPSHOT)
        # Fewer than the pool holds, so that a loader never waits for a connection another loader waits with.
        self._readers = asyncio.Semaphore(max(1, connections - 2))
        # SQLite has one write lock: whoever waits for it waits here, not on a connection that a reader could use.
        self._writers = asyncio.Semaphore(1 if sqlite else connections)

    async def write(self, body: Body[T]) -> T:
        """Run the body in one transaction and commit it; again when a concurrent one got in its way."""
        for attempt in range(1, _TRIES + 1):
            try:
                async with self._writers:
                    return await self._commit(body)
            except DBAPIError as error:
                if attempt == _TRIES or not _transient(error):
                    raise
                await asyncio.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
        raise AssertionError("the last try returns or raises")

    async def read(self, body: Body[T]) -> T:
        """Run the body on a consistent snapshot; what it changes is never committed."""
        async with self._readers, AsyncSession(self._reading, expire_on_commit=False) as session:
            return await session.run_sync(lambda sync: body(_plain(sync)))

    async def _commit(self, body: Body[T]) -> T:
        async with AsyncSession(self._writing, expire_on_commit=False) as session, session.begin():
            return await session.run_sync(lambda sync: body(_plain(sync)))

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()


class MemoryStore:
    """The same tables and bodies on SQLite in memory, with snapshots; for exploration and small tests."""

    def __init__(self) -> None:
        self.engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
        _begin_explicitly(self.engine)
        METADATA.create_all(self.engine)

    async def write(self, body: Body[T]) -> T:
        """Run the body in one transaction and commit it."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return body(session)

    async def read(self, body: Body[T]) -> T:
        """Run the body on the current rows."""
        with Session(self.engine, expire_on_commit=False) as session:
            return body(session)

    async def close(self) -> None:
        """Forget everything."""
        self.engine.dispose()

    def snapshot(self) -> bytes:
        """Everything stored, as bytes."""
        return self._connection().serialize()

    def restore(self, snapshot: bytes) -> None:
        """Exactly what was stored when the snapshot was taken."""
        self._connection().deserialize(snapshot)

    def _connection(self) -> sqlite3.Connection:
        with self.engine.connect() as connection:
            driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - tells the type checker what the URL says
        return driver


def _plain(session: Any) -> Session:  # noqa: ANN401 - run_sync's own session type
    assert isinstance(session, Session)  # noqa: S101 - SQLModel's AsyncSession wraps SQLModel's Session
    return session


def open_engine(url: str, connections: int, *, command_seconds: float | None = 10) -> AsyncEngine:
    """An engine with so many pooled connections; on SQLite it begins as its `faregate_write` option says.

    `command_seconds` bounds one statement on PostgreSQL, so that a server that vanished is noticed.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, connections)
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"command_timeout": command_seconds, "timeout": 5},
    )


def _sqlite(url: str, connections: int) -> AsyncEngine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, pool_size=connections, max_overflow=0, hide_parameters=True)
    _begin_explicitly(engine.sync_engine)
    return engine


def _begin_explicitly(engine: Engine) -> None:
    """Take transactions out of the driver's hands: BEGIN IMMEDIATE for writes, BEGIN for reads."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        connection.isolation_level = None
        cursor = connection.cursor()
        _write_ahead(cursor)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("faregate_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _write_ahead(cursor: Any) -> None:  # noqa: ANN401 - the driver's cursor
    """Log writes ahead. Whoever opens a new file at the same moment is waited for, as the busy timeout does not do."""
    for attempt in range(1, _TRIES + 1):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if attempt == _TRIES or not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
        else:
            return
