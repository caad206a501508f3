"""Crash exploration: every state a crash can leave behind, found once and brought to rest.

A killed process runs no handler, so a crash is not raised here: at every moment (before and after each commit and each
outside call) what would survive is photographed, and every photograph not seen before becomes the start of another
life. One life is one process at one instant: it starts on what survived, does all that is due and says when something
will be due next; then time moves there. States that differ only in what cannot matter are one state: instants count
relative to now, and everything in the past or farther than `FAR` is alike.

    async def live(life): ...            # build journal and runner on life.store, open, drain, answer the next due time
    explored = await explore(house, live, judge, faults={"lost": lost, "unreachable": unreachable})
    runs = await explore_takeovers(house, live, judge)
"""

import asyncio
import hashlib
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.domain.clock import ManualClock
from app.domain.errors import Trouble, Unknown
from app.store.engine import Store
from app.store.tables import OperationRow, OperationState, Row

FAR = timedelta(hours=1)
# They count how often, which no verb decides by; ids the database counts itself are left out too.
_COUNTERS = {"fence", "attempts"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")

Act = Callable[[], Awaitable[Any]]
Fault = Callable[[Act], Awaitable[Any]]
Body = Callable[[Session], Any]


class World(Protocol):
    """What lies outside, as the explorer needs it."""

    def snapshot(self) -> bytes: ...

    def restore(self, snapshot: bytes) -> None: ...

    def fingerprint(self) -> Any:
        """What matters of its state, as dicts, lists, strings, numbers and instants."""
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
    rows: Mapping[str, list[dict[str, Any]]]
    world: bytes
    now: datetime
    ids: int
    digest: str


@dataclass
class House:
    """All that survives a crash. The world shares the clock."""

    store: Store
    clock: MovableClock
    ids: CountedIds
    world: World

    async def photograph(self) -> Photo:
        rows = await self.store.read(_all_rows)
        now = self.clock.now()
        facts = {name: [_facts(name, row) for row in table] for name, table in rows.items()}
        digest = hashlib.sha256(repr(alike((facts, self.world.fingerprint()), now)).encode()).hexdigest()
        return Photo(rows, self.world.snapshot(), now, self.ids.kept, digest)

    async def restore(self, photo: Photo) -> None:
        await self.store.write(lambda session: _replace_rows(session, photo.rows))
        self.world.restore(photo.world)
        self.clock.set(photo.now)
        self.ids.count = self.ids.kept = photo.ids


class Watch:
    """Told of every moment of a life; this one does nothing."""

    async def moment(self, name: str) -> None: ...

    async def perform(self, act: Act) -> Any:
        return await act()


class WatchedStore:
    """The house's store, with a moment before and after each commit."""

    def __init__(self, house: House, watch: Watch) -> None:
        self._house = house
        self._watch = watch

    async def write(self, body: Body) -> Any:
        await self._watch.moment("before a commit")
        result = await self._house.store.write(body)
        self._house.ids.kept = self._house.ids.count
        await self._watch.moment("after a commit")
        return result

    async def read(self, body: Body) -> Any:
        return await self._house.store.read(body)

    async def close(self) -> None: ...


@dataclass
class Life:
    """One process at one instant: its store, and the way its outside calls must take."""

    house: House
    watch: Watch
    store: WatchedStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = WatchedStore(self.house, self.watch)

    async def outside(self, name: str, act: Act) -> Any:
        """The outside call's answer, with a moment before and after it, and with the fault that is being tried."""
        await self.watch.moment(f"before {name}")
        try:
            return await self.watch.perform(act)
        finally:
            await self.watch.moment(f"after {name}")


# Do all that is due now; answer when something is due next, None when all is quiet.
Live = Callable[[Life], Awaitable[datetime | None]]
# AssertionError unless a house at rest is as it should be.
Judge = Callable[[House], Awaitable[None]]


@dataclass(frozen=True)
class Explored:
    """How many states were found and lived from, how many lives that took, and how many ended quiet."""

    states: int
    lives: int
    quiet: int


class ExplorationError(AssertionError):
    """What was found, and how the state that shows it came about."""

    def __init__(self, trail: tuple[str, ...], problem: object) -> None:
        super().__init__(f"{problem}\n  after " + "\n  then ".join(trail or ("the start",)))


async def lost(act: Act) -> Any:
    """The answer is lost after the effect."""
    await act()
    raise Unknown("the answer was lost")


async def unreachable(_act: Act) -> Any:
    """The other side cannot be reached; there is no effect."""
    raise Trouble("connection refused")


async def next_operation(store: Store) -> datetime | None:
    """When the next open operation is due."""
    query = select(func.min(OperationRow.due_at)).where(col(OperationRow.state) == OperationState.OPEN)
    found: datetime | None = await store.read(lambda session: session.connection().execute(query).scalar_one())
    return found


async def explore(
    house: House, live: Live, judge: Judge, *, faults: Mapping[str, Fault] | None = None, limit: int = 3000
) -> Explored:
    """Live from every state that crashes and faults lead to; ExplorationError for the first that is not as judged."""
    return await _Explorer(house, live, judge, faults or {}, limit).run()


@dataclass(frozen=True)
class _State:
    photo: Photo
    trail: tuple[str, ...]


class _Explorer:
    def __init__(self, house: House, live: Live, judge: Judge, faults: Mapping[str, Fault], limit: int) -> None:
        self.house, self.live, self.judge, self.faults, self.limit = house, live, judge, faults, limit
        self.queue: deque[_State] = deque()
        self.trails: dict[str, tuple[str, ...]] = {}
        # Where an undisturbed life leads; None is quiet.
        self.next: dict[str, str | None] = {}
        self.lives = 0

    async def run(self) -> Explored:
        await self.found(())
        while self.queue:
            state = self.queue.popleft()
            calls = await self.life(state)
            for call in range(calls):
                for name in self.faults:
                    await self.life(state, call, name)
        self.refuse_circles()
        return Explored(len(self.trails), self.lives, sum(after is None for after in self.next.values()))

    async def life(self, state: _State, call: int = -1, fault: str = "") -> int:
        """One life from the state, with one of its outside calls failing; answers how many calls it made."""
        await self.house.restore(state.photo)
        self.lives += 1
        trail = (*state.trail, f"{fault} at outside call {call + 1}") if fault else state.trail
        camera = _Camera(self, trail, call, self.faults.get(fault))
        try:
            due = await self.live(Life(self.house, camera))
            if due is None:
                await self.judge(self.house)
        except Exception as error:
            raise ExplorationError(trail, repr(error)) from error
        after = None
        if due is not None:
            self.house.clock.set(max(due, self.house.clock.now()))
            after = await self.found((*trail, "a rest"))
        if not fault:
            self.next[state.photo.digest] = after
        return camera.calls

    async def found(self, trail: tuple[str, ...]) -> str:
        photo = await self.house.photograph()
        if photo.digest not in self.trails:
            self.trails[photo.digest] = trail
            self.queue.append(_State(photo, trail))
            if len(self.trails) > self.limit:
                raise ExplorationError(trail, f"more than {self.limit} states: something that grows tells them apart")
        return photo.digest

    def refuse_circles(self) -> None:
        """Every state must come to rest when nothing disturbs it any more."""
        for start in self.next:
            passed, here = set(), start
            while here is not None and here not in passed:
                passed.add(here)
                here = self.next[here]
            if here is not None:
                raise ExplorationError(self.trails[here], "never comes to rest")


class _Camera(Watch):
    """Photographs every moment, and lets one outside call fail."""

    def __init__(self, explorer: _Explorer, trail: tuple[str, ...], failing: int, fault: Fault | None) -> None:
        self.explorer, self.trail, self.failing, self.fault = explorer, trail, failing, fault
        self.calls = 0
        self.moments = 0

    async def moment(self, name: str) -> None:
        self.moments += 1
        await self.explorer.found((*self.trail, f"a crash {name} (moment {self.moments})"))

    async def perform(self, act: Act) -> Any:
        self.calls += 1
        if self.fault is not None and self.calls == self.failing + 1:
            return await self.fault(act)
        return await act()


async def explore_takeovers(house: House, live: Live, judge: Judge, *, stride: int = 1) -> int:
    """Freeze a life at every moment, let others take over, and wake it at each of their moments; answers the runs.

    `stride` tries every so many-th pair only.
    """
    start = await house.photograph()
    runs = frozen_at = 0
    while True:
        frozen_at += 1
        woken_at = 0
        while True:
            woken_at += 1
            if (frozen_at + woken_at) % stride:
                continue
            await house.restore(start)
            sleeper = _Sleeper(frozen_at)
            if not await sleeper.falls_asleep(live(Life(house, sleeper))):
                return runs
            waker = _Waker(woken_at, sleeper)
            runs += 1
            trail = (f"freezing at moment {frozen_at}", f"waking at moment {woken_at} of the others")
            try:
                await _until_quiet(house, live, waker)
                await sleeper.wake()
                await _until_quiet(house, live, Watch())
                await judge(house)
            except Exception as error:
                raise ExplorationError(trail, repr(error)) from error
            if woken_at > waker.moments:
                break


async def _until_quiet(house: House, live: Live, watch: Watch) -> None:
    while (due := await live(Life(house, watch))) is not None:
        house.clock.set(max(due, house.clock.now()))


class _Sleeper(Watch):
    """Freezes its life at one moment until it is woken."""

    def __init__(self, frozen_at: int) -> None:
        self.left = frozen_at
        self.asleep = asyncio.Event()
        self.woken = asyncio.Event()
        self.task: asyncio.Task[Any] | None = None

    async def falls_asleep(self, life: Any) -> bool:
        """Whether the life reaches the moment; else it has ended."""
        self.task = asyncio.create_task(life)
        asleep = asyncio.create_task(self.asleep.wait())
        await asyncio.wait({self.task, asleep}, return_when=asyncio.FIRST_COMPLETED)
        asleep.cancel()
        return not self.task.done()

    async def moment(self, name: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.asleep.set()
            await self.woken.wait()

    async def wake(self) -> None:
        """Let it go on, to its end."""
        self.woken.set()
        if self.task is not None:
            await self.task


class _Waker(Watch):
    def __init__(self, woken_at: int, sleeper: _Sleeper) -> None:
        self.woken_at, self.sleeper, self.moments = woken_at, sleeper, 0

    async def moment(self, name: str) -> None:
        self.moments += 1
        if self.moments == self.woken_at:
            await self.sleeper.wake()


def alike(value: Any, now: datetime) -> Any:
    """The value with every instant as its distance from now: `past`, seconds, or `far`."""
    if isinstance(value, str) and _INSTANT.match(value):
        return alike(datetime.fromisoformat(value), now)
    if isinstance(value, datetime):
        distance = (value if value.tzinfo else value.replace(tzinfo=UTC)) - now
        return "past" if distance <= timedelta() else min(distance, FAR).total_seconds()
    if isinstance(value, Mapping):
        return {alike(key, now): alike(inner, now) for key, inner in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [alike(inner, now) for inner in value]
    assert value is None or isinstance(value, (str, int, float, bytes, date)), f"a fingerprint cannot hold {value!r}"
    return value


def _facts(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    counted = Row.metadata.tables[table].autoincrement_column
    return {
        name: value
        for name, value in row.items()
        if name not in _COUNTERS and (counted is None or name != counted.name)
    }


def _all_rows(session: Session) -> dict[str, list[dict[str, Any]]]:
    connection = session.connection()
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in Row.metadata.sorted_tables
    }


def _replace_rows(session: Session, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    connection = session.connection()
    tables = Row.metadata.sorted_tables
    for table in reversed(tables):
        connection.execute(table.delete())
    for table in tables:
        if rows[table.name]:
            connection.execute(table.insert(), rows[table.name])
