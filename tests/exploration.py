"""Crash exploration: every state a crash can leave behind, found once and brought to rest.

A killed process runs no handler, so a crash is not raised here: after each commit and each outside call, which is also
just before the next, what would survive is photographed, and every photograph not seen before becomes the start of
another life. One life is one process at one instant: it starts on what survived, does all that is due and says when
something will be due next; then time moves there. States that differ only in what hardly matters are one state:
instants count by their order, the past being one, and attempts do not count.

    async def live(life): ...            # build journal and runner on life.store, open, drain, answer the next due time
    explored = await explore(house, live, judge, faults={"lost": lost, "unreachable": unreachable})
    runs = await explore_takeovers(house, live, judge)
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from app.domain.errors import Trouble, Unknown
from app.store.engine import Store
from app.store.tables import OperationRow, OperationState
from tests.surviving import House, Photo

_LONGEST_WAIT = 100

Act = Callable[[], Awaitable[Any]]
Fault = Callable[[Act], Awaitable[Any]]
Body = Callable[[Session], Any]


class Watch:
    """Told of every moment of a life; this one does nothing."""

    async def moment(self, name: str) -> None: ...

    async def perform(self, act: Act) -> Any:
        return await act()


class WatchedStore:
    """The house's store, with a moment after each commit."""

    def __init__(self, house: House, watch: Watch) -> None:
        self._house = house
        self._watch = watch

    async def write(self, body: Body) -> Any:
        result = await self._house.store.write(body)
        self._house.ids.kept = self._house.ids.count
        await self._watch.moment("a commit")
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
        """The outside call's answer, with a moment after it, and with the fault that is being tried."""
        try:
            return await self.watch.perform(act)
        finally:
            await self.watch.moment(name)


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
        self.states: dict[str, _State] = {}
        # Where an undisturbed life leads; None is quiet.
        self.next: dict[str, str | None] = {}
        self.lives = 0

    async def run(self) -> Explored:
        await self.found(())
        await self.live_from_all()
        while (circle := self.circle()) is not None:
            await self.leave(circle)
            await self.live_from_all()
        return Explored(len(self.states), self.lives, sum(after is None for after in self.next.values()))

    async def live_from_all(self) -> None:
        while self.queue:
            state = self.queue.popleft()
            if len(self.states) > self.limit:
                raise ExplorationError(state.trail, f"over {self.limit} states: something that grows tells them apart")
            self.next[state.photo.digest], calls = await self.life(state.photo, state.trail)
            for call in range(calls):
                for name in self.faults:
                    trail = (*state.trail, f"{name} at outside call {call + 1}")
                    await self.life(state.photo, trail, call, self.faults[name])

    async def life(
        self, photo: Photo | None, trail: tuple[str, ...], failing: int = -1, fault: Fault | None = None
    ) -> tuple[str | None, int]:
        """One life, from the photograph or from here, and the wait after it; its end and how many calls it made."""
        if photo is not None:
            await self.house.restore(photo)
        self.lives += 1
        camera = _Camera(self, trail, failing, fault)
        try:
            due = await self.live(Life(self.house, camera))
            if due is None:
                await self.judge(self.house)
                return None, camera.calls
        except Exception as error:
            raise ExplorationError(trail, repr(error)) from error
        self.house.clock.set(max(due, self.house.clock.now()))
        return await self.found((*trail, "a rest")), camera.calls

    async def found(self, trail: tuple[str, ...]) -> str:
        photo = await self.house.photograph()
        if photo.digest not in self.states:
            self.states[photo.digest] = _State(photo, trail)
            self.queue.append(self.states[photo.digest])
        return photo.digest

    def circle(self) -> set[str] | None:
        """States that, undisturbed, only lead to each other: waiting that looks alike, or going round for ever."""
        for start in self.next:
            passed: list[str] = []
            here: str | None = start
            while here is not None and here not in passed:
                passed.append(here)
                here = self.next[here]
            if here is not None:
                return set(passed[passed.index(here) :])
        return None

    async def leave(self, circle: set[str]) -> None:
        """Wait on, from one of the circle's states, until something changes."""
        state = self.states[min(circle)]
        end, _ = await self.life(state.photo, state.trail)
        for _ in range(_LONGEST_WAIT):
            if end is None or end not in circle:
                self.next[state.photo.digest] = end
                return
            end, _ = await self.life(None, (*state.trail, "long waiting"))
        raise ExplorationError(state.trail, "never comes to rest")


class _Camera(Watch):
    """Photographs every moment, and lets one outside call fail."""

    def __init__(self, explorer: _Explorer, trail: tuple[str, ...], failing: int, fault: Fault | None) -> None:
        self.explorer, self.trail, self.failing, self.fault = explorer, trail, failing, fault
        self.calls = 0
        self.moments = 0

    async def moment(self, name: str) -> None:
        self.moments += 1
        await self.explorer.found((*self.trail, f"a crash after {name} (moment {self.moments})"))

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
