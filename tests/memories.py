"""Stores in memory that one test after the other uses: tables are made once, SQL is compiled once."""

from app.store.engine import MemoryStore

_idle: list[MemoryStore] = []
_lent: list[MemoryStore] = []
_EMPTY = MemoryStore().snapshot()


def empty_store() -> MemoryStore:
    """A store without rows, until the test ends."""
    store = _idle.pop() if _idle else MemoryStore()
    store.restore(_EMPTY)
    _lent.append(store)
    return store


def take_back() -> None:
    """Nobody uses what was lent any more."""
    _idle.extend(_lent)
    _lent.clear()
