"""A short memory of answers, so that asking for more, or again, asks no carrier again."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.search.answer import SearchAnswer
from app.search.fan_out import Monotonic

# An answer that misses a carrier is asked again sooner, but not at once: the others must not pay for the one.
_INCOMPLETE_SHARE: Final = 0.1


@dataclass
class _Kept:
    answer: asyncio.Task[SearchAnswer]
    until: float


class AnswerCache:
    """At most `size` answers, each for at most `keep`; searches under way are shared. `monotonic` counts seconds."""

    def __init__(self, *, keep: timedelta, size: int, monotonic: Monotonic) -> None:
        self._keep = keep.total_seconds()
        self._size = size
        self._monotonic = monotonic
        self._entries: OrderedDict[Hashable, _Kept] = OrderedDict()

    async def get(self, key: Hashable, search: Callable[[], Awaitable[SearchAnswer]]) -> SearchAnswer:
        """The answer kept for the key or under way, else a new one; a search that raised is not kept."""
        entry = self._entries.get(key)
        if entry is None or self._is_over(entry):
            entry = self._entries[key] = _Kept(asyncio.create_task(self._run(key, search)), float("inf"))
            self._entries.move_to_end(key)
            self._trim()
        # Whoever asked first may leave; the others still wait for the same answer.
        return await asyncio.shield(entry.answer)

    def _is_over(self, entry: _Kept) -> bool:
        return entry.until <= self._monotonic() or entry.answer.cancelled()

    async def _run(self, key: Hashable, search: Callable[[], Awaitable[SearchAnswer]]) -> SearchAnswer:
        try:
            answer = await search()
        except BaseException:
            self._entries.pop(key, None)
            raise
        if entry := self._entries.get(key):
            entry.until = self._monotonic() + self._keep * (1 if answer.complete else _INCOMPLETE_SHARE)
        return answer

    def _trim(self) -> None:
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)
