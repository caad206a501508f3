"""Lists in pages: `limit` from 1 to 200, opaque `after` and `before` cursors."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from carriers.sandbox.duffel.core import Answer, Call
from carriers.sandbox.duffel.errors import DuffelError, bad_request, invalid
from carriers.sandbox.exchange import Json

T = TypeVar("T")
_DEFAULT, _MOST = 50, 200


def page(items: Sequence[T], call: Call, key: Callable[[T], str], show: Callable[[T], Json]) -> Answer:
    """The page the call asks for; a cursor names an item, so that new items never shift a page."""
    limit = _limit(call.one("limit"))
    start = _start(items, call, key, limit)
    shown = items[start : start + limit]
    meta: Json = {
        "limit": limit,
        "after": _cursor(key(shown[-1])) if start + limit < len(items) else None,
        "before": _cursor(key(shown[0])) if start > 0 and shown else None,
    }
    return Answer([show(item) for item in shown], meta=meta)


def _start(items: Sequence[T], call: Call, key: Callable[[T], str], limit: int) -> int:
    after, before = call.one("after"), call.one("before")
    if after and before:
        raise bad_request("bad_request", "Bad request", "Use either 'after' or 'before', not both.")
    if after:
        return _position(items, key, after) + 1
    if before:
        return max(_position(items, key, before) - limit, 0)
    return 0


def _position(items: Sequence[T], key: Callable[[T], str], cursor: str) -> int:
    try:
        wanted = urlsafe_b64decode(cursor.encode()).decode()
    except ValueError as error:
        raise _bad_cursor() from error
    found = next((index for index, item in enumerate(items) if key(item) == wanted), None)
    if found is None:
        raise _bad_cursor()
    return found


def _bad_cursor() -> DuffelError:
    return bad_request("invalid_cursor", "Invalid cursor", "The cursor is not one of this list's.")


def _cursor(key: str) -> str:
    return urlsafe_b64encode(key.encode()).decode()


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        message = f"Field 'limit' must be a number from 1 to {_MOST}"
        raise invalid("/limit", "validation_inclusion", "Invalid limit", message)
    return int(text)
