"""A world's messages on their way to a receiver that may not take them at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Retried ever more rarely for up to three days (duffel.com/docs/guides/receiving-webhooks).
_FIRST_RETRY = timedelta(seconds=5)
_GIVE_UP_AFTER = timedelta(hours=72)
_LONGEST_PAUSE = timedelta(hours=4)
_SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class OutgoingWebhook:
    """A signed event, ready to be posted."""

    delivery_id: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True, kw_only=True)
class Attempts:
    """How often something was posted, how that went, and when it is posted next."""

    created_at: datetime
    next_at: datetime
    attempts: int = 0
    status: int | None = None
    done: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it."""
        return self.status in _SUCCESS

    def due(self, now: datetime) -> bool:
        """Whether it is to be posted now."""
        return not self.done and self.next_at <= now

    def note(self, status: int | None, now: datetime) -> None:
        """Note how the receiver answered (None: it did not); anything but a 2xx is tried again later."""
        self.attempts += 1
        self.status = status
        self.next_at = now + min(_FIRST_RETRY * 2 ** min(self.attempts - 1, 20), _LONGEST_PAUSE)
        self.done = self.succeeded or self.next_at > self.created_at + _GIVE_UP_AFTER
