"""PDFs off the event loop, in worker processes: layout is pure Python, so threads do not help."""

import asyncio
import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from app.papers import worker
from app.papers.press import Paper, PrintError

WORKERS: Final = 2
MAX_WAITING: Final = 64
ANSWER_SECONDS: Final = 30.0


class Renderer:
    """Renders papers in worker processes that are started at the first use, and replaced when one dies."""

    def __init__(
        self, workers: int = WORKERS, max_waiting: int = MAX_WAITING, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._workers = workers
        self._max_waiting = max_waiting
        self._answer_seconds = answer_seconds
        self._waiting = 0
        self._free = asyncio.Semaphore(workers)
        self._pool: ProcessPoolExecutor | None = None
        self._closed = False

    async def warm_up(self) -> None:
        """Start the workers and load what they need, so that the first reader does not wait for it."""
        pool = self._running()
        await asyncio.gather(*(asyncio.wrap_future(pool.submit(worker.warm_up)) for _ in range(self._workers)))

    async def pdf(self, paper: Paper) -> bytes:
        """The paper as a PDF document.

        PrintError when it cannot be printed whole, too many others wait, or it takes too long.
        """
        if self._closed or self._waiting >= self._max_waiting:
            raise PrintError("the printer is closed" if self._closed else "too many papers at once")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._answer_seconds), self._free:
                return await self._printed(paper)
        except TimeoutError:
            raise PrintError(f"not printed within {self._answer_seconds:g} seconds") from None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Stop the workers; papers being printed are given up."""
        self._closed = True
        self._discard(self._pool)

    async def _printed(self, paper: Paper) -> bytes:
        try:
            return await self._attempt(paper)
        except BrokenProcessPool:  # a worker died, perhaps over a neighbour's paper: once more, with new ones
            pass
        try:
            return await self._attempt(paper)
        except BrokenProcessPool:
            raise PrintError("the worker died twice") from None

    async def _attempt(self, paper: Paper) -> bytes:
        pool = self._running()
        try:
            printing: Future[bytes] = pool.submit(worker.print_bounded, paper)
            return await asyncio.wrap_future(printing)
        except BrokenProcessPool:
            self._discard(pool)
            raise

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # spawn: a forked copy of a process with threads and an event loop may hang
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, initializer=worker.start)
        return self._pool

    def _discard(self, pool: ProcessPoolExecutor | None) -> None:
        if pool is not None and pool is self._pool:
            self._pool = None
            pool.shutdown(wait=False, cancel_futures=True)
