"""A verb that crash exploration goes through, whatever is booked."""

from dataclasses import dataclass
from typing import Any

from tests.booking.crashing import Stage

Fault = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Scene:
    """A verb to explore: `stage` builds what goes before and answers what the client does; `endings` may come of it.

    `always` are the faults without which its calls would not be made; `small` is the same with fewer items.
    """

    name: str
    stage: Stage
    endpoints: tuple[str, ...]
    endings: frozenset[str]
    always: tuple[Fault, ...] = ()
    small: Stage | None = None
