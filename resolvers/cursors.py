"""Cursors: the place of something in its list, written so that clients hand it back and do not take it apart.

A cursor says no more than what it came with, so it is not sealed; one that was not ours begins a page all the same, of
the viewer's own.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from app.domain.refusals import InvalidInput
from app.signing.encoding import from_text, to_text
from app.store.reads.pages import Position

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_WRITTEN: Final = re.compile(r"(\d{1,17}):(\w{1,64})", re.ASCII)
_COUNTED: Final = re.compile(r"line:(\d{1,9})", re.ASCII)
_WRONG: Final = "This is no cursor of ours; pass a page's `endCursor` on unchanged, or leave `after` out."


class Listed(Protocol):
    """A row of a list that has the newest first."""

    id: str
    created_at: datetime


def cursor(row: Listed) -> str:
    """The row's own cursor, the same whenever it is asked for."""
    return cursor_at(row.created_at, row.id)


def cursor_at(instant: datetime, name: str) -> str:
    """The cursor of what stands there in a list that has the latest first."""
    return to_text(f"{(instant - _EPOCH) // _MICROSECOND}:{name}".encode())


def position(text: str) -> Position:
    """The place a cursor stands for; InvalidInput for anything that is no cursor."""
    found = _read(_WRITTEN, text)
    return Position(_EPOCH + int(found[1]) * _MICROSECOND, found[2])


def cursor_of_line(number: int) -> str:
    """The cursor of a line in a list that is counted."""
    return to_text(f"line:{number}".encode())


def line_after(text: str | None) -> int:
    """The line that a cursor stands for, 0 without one; InvalidInput for anything that is no such cursor."""
    return int(_read(_COUNTED, text)[1]) if text is not None else 0


def cursor_of_key(place: str, key: Sequence[str]) -> str:
    """The cursor of what is listed by this key; `place` says in which list."""
    return to_text(json.dumps([place, *key], separators=(",", ":"), ensure_ascii=False).encode())


def key_after(place: str, text: str | None) -> tuple[str, ...]:
    """The key that a cursor of this list stands for, before all others without one; InvalidInput for any other text."""
    if text is None:
        return ()
    try:
        found = json.loads(from_text(text))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or found[:1] != [place] or not all(isinstance(part, str) for part in found):
        raise InvalidInput(message=_WRONG, path=("after",))
    return tuple(found[1:])


def _read(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    try:
        found = pattern.fullmatch(from_text(text).decode())
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(message=_WRONG, path=("after",))
    return found
