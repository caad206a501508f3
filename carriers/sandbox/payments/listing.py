"""Charges in pages, newest first; a cursor is the id of the last charge shown, so that new ones shift no page."""

from collections.abc import Mapping, Sequence

from carriers.sandbox.payments import read
from carriers.sandbox.payments.errors import invalid
from carriers.sandbox.payments.facts import Charge

_PAGE = 100

Query = Mapping[str, Sequence[str]]


def page(charges: Sequence[Charge], query: Query) -> tuple[list[Charge], str | None]:
    """The page asked for, and the cursor of the next; None on the last. `charges` are in the order they were made."""
    since = read.instant({"since": one(query, "since")}, "since")
    found = [charge for charge in reversed(charges) if charge.created_at >= since]
    start = _start(found, query)
    shown = found[start : start + _PAGE]
    return shown, shown[-1].id if start + _PAGE < len(found) else None


def one(query: Query, name: str) -> str:
    """The one value of this name."""
    given = query.get(name, ())
    if len(given) != 1:
        raise invalid(f"Give one {name}.")
    return given[0]


def _start(found: Sequence[Charge], query: Query) -> int:
    if "after" not in query:
        return 0
    cursor = one(query, "after")
    place = next((index for index, charge in enumerate(found) if charge.id == cursor), None)
    if place is None:
        raise invalid("after is not one of this list's.")
    return place + 1
