"""Where operations run: supervised tasks of their own, so that no request's end can cancel them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from app.domain.clock import Clock
from app.journal.journal import Journal
from app.journal.run import Claim

log = logging.getLogger(__name__)

Chore = Callable[[], Awaitable[Sequence[Claim]]]


def paced(clock: Clock, pause: timedelta, chore: Chore) -> Chore:
    """The chore, done at most once in each pause; for what is cheap to be late with and dear to look for."""
    done_at: datetime | None = None

    async def at_times() -> Sequence[Claim]:
        nonlocal done_at
        now = clock.now()
        if done_at is not None and now < done_at + pause:
            return ()
        done_at = now
        return await chore()

    return at_times


class Runner:
    """Runs claimed operations in tasks of its own, and takes up what is due.

    A chore does what has come due (holds to expire, tickets to ask for) and answers the claims of what it opened.
    """

    def __init__(self, journal: Journal, *, chores: Sequence[Chore] = (), concurrency: int = 32) -> None:
        self._journal = journal
        self._chores = chores
        self._concurrency = concurrency
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()

    def start(self, claim: Claim) -> None:
        """Run a claimed operation now, in the background."""
        task = asyncio.create_task(self._journal.execute(claim), name=f"operation {claim.operation_id}")
        self._tasks[claim.operation_id] = task
        task.add_done_callback(lambda done: self._ended(claim.operation_id, done))

    def beside(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do what takes long beside all that is due, unless the work of this name is still being done."""
        if name not in self._tasks:
            task = asyncio.create_task(work(), name=name)
            self._tasks[name] = task
            task.add_done_callback(lambda done: self._ended(name, done))

    async def wait(self, operation_id: str, seconds: float) -> None:
        """Wait until this process's run of the operation rests, or the seconds are over; never cancels it."""
        task = self._tasks.get(operation_id)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def tick(self) -> int:
        """Take up everything due, as far as there is room; answers how many operations were started."""
        claims = [claim for chore in self._chores for claim in await self._opened(chore)]
        room = self._concurrency - len(self._tasks) - len(claims)
        if room > 0:
            claims += await self._journal.claim_due(room)
        for claim in claims:
            self.start(claim)
        return len(claims)

    @staticmethod
    async def _opened(chore: Chore) -> Sequence[Claim]:
        """What the chore opened; one that fails is logged, and must not keep the others from their work."""
        try:
            return await chore()
        except Exception:
            log.exception("looking for due operations failed")
            return ()

    async def drain(self) -> None:
        """Run everything due until nothing is; for tests and orderly ends."""
        while await self.tick() or self._tasks:
            await asyncio.gather(*self._tasks.values())

    def wake(self) -> None:
        """Something has come due just now: let `serve` look at once, not at its next turn."""
        self._woken.set()

    async def serve(self, poll_seconds: float) -> None:
        """Take up what is due, for ever: every so many seconds, and when woken. A failing tick is tried again."""
        while True:
            # Before looking: what comes due meanwhile asks for one more look.
            self._woken.clear()
            try:
                await self.tick()
            except Exception:
                log.exception("looking for due operations failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(poll_seconds):
                    await self._woken.wait()

    async def stop(self, seconds: float = 10) -> None:
        """Let running operations come to rest, then leave the rest to their next claim; nothing runs afterwards."""
        running = list(self._tasks.values())
        if running:
            await asyncio.wait(running, timeout=seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]
        if not task.cancelled() and task.exception() is not None:
            log.error("%s could not be written down", task.get_name(), exc_info=task.exception())
