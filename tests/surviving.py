"""What survives a crash: the rows, the world, the time and the ids; photographed, told apart and put back."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Table, select
from sqlmodel import Session

from app.domain.clock import ManualClock
from app.store.engine import MemoryStore, Store
from app.store.tables import Row, StepRow, StepState

# No later life decides by these; ids the database counts itself are left out too.
_IGNORED = {"fence", "attempts", "send_by", "asked_first_at", "problem"}
# Nor by these, once a step has its answer.
_OVER = {"troubles", "quiet_at"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")


class World(Protocol):
    """What lies outside, as the explorer needs it."""

    def snapshot(self) -> bytes: ...

    def restore(self, snapshot: bytes) -> None: ...

    def fingerprint(self) -> Any:
        """What matters of its state, as JSON could hold it; instants may be datetimes or ISO 8601."""
        ...


class MovableClock(ManualClock):
    """A clock the explorer may also set back, to the time of an earlier photograph."""

    def set(self, now: datetime) -> None:
        self._now = now


class CountedIds:
    """Ids by counting; those that no commit kept are given again, so that crashes do not multiply states."""

    def __init__(self) -> None:
        self.count = 0
        self.kept = 0

    def new(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count:04}"

    def reference(self) -> str:
        self.count += 1
        return f"REF{self.count:03}"


@dataclass(frozen=True)
class Photo:
    kept: Any
    world: bytes
    now: datetime
    ids: int
    digest: str


@dataclass
class House:
    """All that survives a crash. The world shares the clock; troubles beyond the verbs' `patience` are alike."""

    store: Store
    clock: MovableClock
    ids: CountedIds
    world: World
    patience: int = 0

    async def photograph(self) -> Photo:
        rows: Any = await self.store.read(_all_rows)
        now = self.clock.now()
        facts = {name: [_facts(name, row, self.patience) for row in table] for name, table in rows.items()}
        text = alike(json.dumps([facts, self.world.fingerprint()], default=str, sort_keys=True), now)
        return Photo(
            await kept(self.store, rows),
            self.world.snapshot(),
            now,
            self.ids.kept,
            hashlib.sha256(text.encode()).hexdigest(),
        )

    async def restore(self, photo: Photo) -> None:
        await put_back(self.store, photo.kept)
        self.world.restore(photo.world)
        self.clock.set(photo.now)
        self.ids.count = self.ids.kept = photo.ids


async def kept(store: Store, rows: Any = None) -> Any:
    """All that the store holds, for `put_back`; `rows` where they have been read already."""
    if isinstance(store, MemoryStore):
        return store.snapshot()
    return rows or await store.read(_all_rows)


async def put_back(store: Store, then: Any) -> None:
    """Let the store hold exactly what was kept of it."""
    if isinstance(store, MemoryStore):
        store.restore(then)
    else:
        await store.write(lambda session: _replace_rows(session, then))


def alike(text: str, now: datetime) -> str:
    """The text with every instant as its place among those still to come; 0 is the past."""
    instants = {found: _instant(found) for found in set(_INSTANT.findall(text))}
    coming = sorted({instant for instant in instants.values() if instant > now})
    order = {instant: place for place, instant in enumerate(coming, 1)}
    return _INSTANT.sub(lambda match: f"instant {order.get(instants[match[0]], 0)}", text)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _facts(table: str, row: Mapping[str, Any], patience: int) -> dict[str, Any]:
    counted = Row.metadata.tables[table].autoincrement_column
    ignored = _IGNORED | ({counted.name} if counted is not None else set())
    if table != StepRow.__tablename__:
        return {key: value for key, value in row.items() if key not in ignored}
    ignored |= _OVER if row["state"] in {StepState.SETTLED, StepState.REFUSED} else set()
    step = {**row, "troubles": min(row["troubles"], patience + 1)}
    return {key: value for key, value in step.items() if key not in ignored}


def _all_rows(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table; as the driver gives them in memory, where thousands of photographs are taken."""
    driver = session.connection().connection.driver_connection
    tables = Row.metadata.sorted_tables
    if isinstance(driver, sqlite3.Connection):
        return {table.name: _driver_rows(driver, table) for table in tables}
    connection = session.connection()
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in tables
    }


def _driver_rows(driver: sqlite3.Connection, table: Table) -> list[dict[str, Any]]:
    order = ", ".join(column.name for column in table.primary_key)
    cursor = driver.execute(f"SELECT * FROM {table.name} ORDER BY {order}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _replace_rows(session: Session, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    connection = session.connection()
    tables = Row.metadata.sorted_tables
    for table in reversed(tables):
        connection.execute(table.delete())
    for table in tables:
        if rows[table.name]:
            connection.execute(table.insert(), rows[table.name])
