"""What happens in a world by itself, once its time comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from carriers.sandbox.exchange import Json


@dataclass(slots=True)
class Later:
    """Something that happens when the world's time reaches it: plain data, so that it can be kept."""

    at: datetime
    turn: int
    what: str
    about: Json


def next_due(schedule: Iterable[Later], now: datetime) -> Later | None:
    """The first that is due; of those due at one instant the one that was scheduled first."""
    due = [later for later in schedule if later.at <= now]
    return min(due, key=lambda later: (later.at, later.turn), default=None)
