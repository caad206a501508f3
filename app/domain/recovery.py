"""How a changing call to the outside is made and, when its answer is lost, resolved; carriers and payments alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Lost(StrEnum):
    """How a lost answer is resolved."""

    IDEMPOTENT = "IDEMPOTENT"
    LOOK_FIRST = "LOOK_FIRST"
    NEVER = "NEVER"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovery:
    """How a verb's lost answer is resolved; `settle_delay` is counted from the last possible send."""

    lost: Lost
    settle_delay: timedelta = timedelta()

    @property
    def waits(self) -> bool:
        """Whether asking again must wait until the first ask can no longer take effect unseen."""
        return self.lost == Lost.LOOK_FIRST or self.settle_delay > timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One attempt at a changing verb: its key, the same on every attempt, and the last instant it may be sent."""

    key: str
    send_by: datetime
