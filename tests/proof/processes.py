"""Gateway processes that can be killed at any moment, over a store and worlds that outlive them."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from sqlmodel import Session

from app.domain.clock import ManualClock
from app.store.engine import Store
from app.wire.messages import Request, Response
from app.wire.transport import NoAnswer
from tests.booking.house import House
from tests.carriers.worlds import SandboxTransport

T = TypeVar("T")


@dataclass
class Process:
    """Whether a gateway process still lives; what it awaits takes as long as the schedule's chance wants."""

    random: Random
    alive: bool = True
    # What clients and the clock asked of it, and what it asked of the database.
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    sent: list[asyncio.Task[Any]] = field(default_factory=list)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside everything else."""
        self.tasks.append(asyncio.create_task(work))

    async def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """The database's answer; it finishes what was sent to it also when this process dies."""
        task = asyncio.create_task(work)
        self.sent.append(task)
        return await asyncio.shield(task)

    async def dawdle(self) -> None:
        """Let others go first; a dead process never comes back."""
        for _ in range(self.random.randrange(4)):
            await asyncio.sleep(0)
        if not self.alive:
            raise asyncio.CancelledError


@dataclass
class ProcessStore:
    """The store as one process sees it. What was sent to the database when it died may still be committed."""

    inner: Store
    process: Process

    async def write(self, body: Callable[[Session], T]) -> T:
        await self.process.dawdle()
        answer = await self.process.ask(self.inner.write(body))
        await self.process.dawdle()
        return answer

    async def read(self, body: Callable[[Session], T]) -> T:
        await self.process.dawdle()
        return await self.process.ask(self.inner.read(body))

    async def close(self) -> None: ...


def process_of(house: House) -> Process:
    """The process that a house runs in."""
    process: Process = house.store.process  # type: ignore[attr-defined]
    return process


@dataclass(kw_only=True)
class ProcessTransport(SandboxTransport):
    """The way from one process to the world. What is under way for longer than its caller waits gets lost."""

    process: Process
    clock: ManualClock

    async def send(self, request: Request, timeout: timedelta) -> Response:
        sent_at = self.clock.now()
        await self.process.dawdle()
        if self.clock.now() - sent_at >= timeout:
            raise NoAnswer("lost on the way")
        answer = await super().send(request, timeout)
        await self.process.dawdle()
        return answer
