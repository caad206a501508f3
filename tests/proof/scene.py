"""A verb that crash exploration goes through, whatever is booked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.booking.house import House

Act = Callable[[House], Awaitable[object]]
Fault = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Scene:
    """A verb to explore: `stage` builds what goes before and answers what the client does; `endings` may come of it.

    `always` are the faults without which its calls would not be made.
    """

    name: str
    stage: Callable[[House, bool], Awaitable[Act]]
    endpoints: tuple[str, ...]
    endings: frozenset[str]
    always: tuple[Fault, ...] = ()
