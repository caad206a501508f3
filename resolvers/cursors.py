"""Cursors: the place of something in its list, written so that clients hand it back and do not take it apart.

A cursor says no more than what it came with, so it is not sealed; one that was not ours begins a page all the same, of
the viewer's own.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from app.domain.errors import InvalidInput
from app.signing.encoding import from_text, to_text
from app.store.reads.pages import Position

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_WRITTEN: Final = re.compile(r"(\d{1,17}):(\w{1,64})", re.ASCII)
_WRONG: Final = "This is no cursor of ours; pass a page's `endCursor` on unchanged, or leave `after` out."


class Listed(Protocol):
    """A row of a list that has the newest first."""

    id: str
    created_at: datetime


def cursor(row: Listed) -> str:
    """The row's own cursor, the same whenever it is asked for."""
    microseconds = (row.created_at - _EPOCH) // _MICROSECOND
    return to_text(f"{microseconds}:{row.id}".encode())


def position(text: str) -> Position:
    """The place a cursor stands for; InvalidInput for anything that is no cursor."""
    try:
        found = _WRITTEN.fullmatch(from_text(text).decode())
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(message=_WRONG, path=("after",))
    return Position(_EPOCH + int(found[1]) * _MICROSECOND, found[2])
