"""Crash exploration: from every state a process can die in, start anew, and go on only from states not seen before.

Only a commit or a request changes what outlives a process, so the state after each of them is every state to die in.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session, select

from app.domain.clock import ManualClock
from app.store.engine import MemoryStore, Store
from app.store.tables import BookingRow
from app.wire.messages import Request, Response
from tests.booking.fingerprint import fingerprint
from tests.booking.house import House
from tests.booking.judge import complaints
from tests.carriers.worlds import START, SandboxTransport
from tests.memories import empty_store
from tests.surviving import kept, put_back

T = TypeVar("T")
Act = Callable[[House], Awaitable[object]]
Told = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Moment:
    """All that outlives a process: what is stored, the carriers' worlds and the payment provider's, and the time."""

    store: Any
    world: bytes
    tours: bytes
    bank: bytes
    at: datetime
    ids: int


async def _nobody() -> None:
    """Nobody wants to know."""


class WatchedStore:
    """A store that tells of every commit, before anything else can happen."""

    def __init__(self, store: Store, clock: ManualClock, alone: asyncio.Lock) -> None:
        self.inner = store
        self.clock = clock
        self.alone = alone
        self.committed: Told = _nobody
        self._told: object = None

    async def write(self, body: Callable[[Session], T]) -> T:
        async with self.alone:
            answer = await self.inner.write(body)
            now = (_changes(self.inner), self.clock.now())
            # A commit that changed nothing is no new state, unless time has passed.
            if now[0] is None or now != self._told:
                self._told = now
                await self.committed()
            return answer

    async def read(self, body: Callable[[Session], T]) -> T:
        return await self.inner.read(body)

    async def close(self) -> None:
        await self.inner.close()


def _changes(store: Store) -> int | None:
    """How many rows were ever changed, where that is cheap to know."""
    return store._connection().total_changes if isinstance(store, MemoryStore) else None


@dataclass(kw_only=True)
class WatchedTransport(SandboxTransport):
    """Tells of every request, once the world has dealt with it and before anybody hears the answer."""

    alone: asyncio.Lock
    carried: Told = _nobody

    async def send(self, request: Request, timeout: timedelta) -> Response:
        async with self.alone:
            try:
                return await super().send(request, timeout)
            finally:
                await self.carried()


def watched_house(store: Store | None = None, kind: type[House] = House) -> House:
    """A house of this kind that can be explored, over a store in memory unless another is given."""
    alone, clock = asyncio.Lock(), ManualClock(START)
    house = kind(clock=clock, store=WatchedStore(store or empty_store(), clock, alone))
    house.transport = WatchedTransport(house.world, alone=alone)
    house.tours_transport = WatchedTransport(house.tours, alone=alone)
    house.bank_transport = WatchedTransport(house.bank, alone=alone)
    house.compose()
    return house


async def moment(house: House) -> Moment:
    """What would be left if the process died now."""
    stored = await kept(house.store.inner)
    worlds = (house.world.snapshot(), house.tours.snapshot(), house.bank.snapshot())
    return Moment(stored, *worlds, house.clock.now(), house.ids.count)


async def restore(house: House, then: Moment) -> None:
    """Start a new process at that moment."""
    await put_back(house.store.inner, then.store)
    house.world.restore(then.world)
    house.tours.restore(then.tours)
    house.bank.restore(then.bank)
    house.clock._now = then.at
    house.ids.count = then.ids
    house.compose()


@dataclass
class Exploration:
    """What was seen."""

    states: int = 0
    runs: int = 0
    broken: list[str] = field(default_factory=list)
    endings: set[str] = field(default_factory=set)


async def explore(house: House, act: Act, final: Act | None = None, *, most: int = 400) -> Exploration:
    """Let a client do `act` again and again over every crash; `final` judges each ending on top of the ledger."""
    seen: set[str] = set()
    queue: deque[Moment] = deque()
    found = Exploration()

    async def note() -> None:
        state = await fingerprint(house)
        if state not in seen:
            seen.add(state)
            queue.append(await moment(house))

    await note()
    _tell(house, note)
    while queue and found.runs < most:
        await restore(house, queue.popleft())
        found.broken += await complaints(house, quiet=False)
        await act(house)
        await house.quiet()
        found.runs += 1
        found.broken += await complaints(house)
        found.endings.add(await ending(house))
        if final is not None:
            await final(house)
    _tell(house, _nobody)
    assert not queue, f"more than {most} states"
    found.states = len(seen)
    return found


def _tell(house: House, told: Told) -> None:
    house.store.committed = told
    for transport in (house.transport, house.tours_transport, house.bank_transport):
        transport.carried = told


async def ending(house: House) -> str:
    """The bookings' headlines."""
    return " ".join(await house.rows(select(BookingRow.state).order_by(BookingRow.id)))
