"""A short memory of what was asked: asked once however many ask at the same time, and again when it is stale."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar

V = TypeVar("V")
Monotonic = Callable[[], float]

# After a failure it is asked again sooner, but not at once: a carrier that is down would hold up everybody.
_FAILED_SHARE: Final = 0.1


@dataclass
class _Entry(Generic[V]):
    answer: asyncio.Task[V]
    until: float


class Kept(Generic[V]):
    """At most `size` answers, each for at most `keep`; what raised, for a part of it. `monotonic` counts seconds."""

    def __init__(self, *, keep: timedelta, size: int, monotonic: Monotonic) -> None:
        self._keep = keep.total_seconds()
        self._size = size
        self._monotonic = monotonic
        self._entries: OrderedDict[Hashable, _Entry[V]] = OrderedDict()

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[V]]) -> V:
        """The answer kept for the key or under way, else a new one; raises what `ask` raised."""
        entry = self._entries.get(key)
        if entry is None or entry.until <= self._monotonic() or entry.answer.cancelled():
            entry = self._asked(key, ask)
        # Whoever asked first may leave; the others still wait for the same answer.
        return await asyncio.shield(entry.answer)

    def _asked(self, key: Hashable, ask: Callable[[], Awaitable[V]]) -> _Entry[V]:
        task = asyncio.ensure_future(_awaited(ask))
        entry = self._entries[key] = _Entry(task, float("inf"))
        task.add_done_callback(lambda done: self._ended(entry, done))
        self._entries.move_to_end(key)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return entry

    def _ended(self, entry: _Entry[V], done: asyncio.Task[V]) -> None:
        failed = done.cancelled() or done.exception() is not None
        entry.until = self._monotonic() + self._keep * (_FAILED_SHARE if failed else 1)


async def _awaited(ask: Callable[[], Awaitable[V]]) -> V:
    return await ask()
