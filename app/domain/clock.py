"""Time as a dependency: production reads the wall, tests and the development profile move it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where every floor asks for the time."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The wall clock, plus an offset that only the development profile moves."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.now(UTC) + self._offset

    def seconds(self) -> float:
        """Seconds since some fixed moment: no correction of the wall clock turns them back, and moving time counts."""
        return time.monotonic() + self._offset.total_seconds()

    def advance(self, by: timedelta) -> None:
        """Move the clock forward; time never runs back."""
        if by < timedelta():
            raise ValueError("time never runs back")
        self._offset += by


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it was last moved to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock forward; time never runs back."""
        if by < timedelta():
            raise ValueError("time never runs back")
        self._now += by
