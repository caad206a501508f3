"""What the HTTP shell knows of a world, whatever protocol the world speaks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from carriers.sandbox.exchange import Json, Reply, Request
from carriers.sandbox.faults import FaultBook


class Outgoing(Protocol):
    """A signed message, ready to be posted."""

    @property
    def delivery_id(self) -> str:
        """Which delivery it is."""
        ...

    @property
    def url(self) -> str:
        """Where it goes."""
        ...

    @property
    def headers(self) -> dict[str, str]:
        """With the signature."""
        ...

    @property
    def body(self) -> bytes:
        """What was signed."""
        ...


class World(Protocol):
    """One carrier's world: deterministic, synchronous, without any I/O of its own."""

    @property
    def name(self) -> str:
        """The protocol it speaks."""
        ...

    @property
    def endpoints(self) -> Sequence[str]:
        """The endpoints a fault can be set at."""
        ...

    @property
    def faults(self) -> FaultBook:
        """The faults that are set."""
        ...

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        ...

    def now(self) -> datetime:
        """The world's time."""
        ...

    def advance(self, by: timedelta) -> None:
        """Move the world's time, and let happen what falls into it."""
        ...

    def ledger(self) -> Json:
        """What is true in this world."""
        ...

    def pending_webhooks(self) -> Sequence[Outgoing]:
        """The messages that are due."""
        ...

    def webhook_delivered(self, delivery_id: str, status: int | None) -> None:
        """How the receiver answered; None when it did not."""
        ...

    def snapshot(self) -> bytes:
        """The complete mutable state."""
        ...

    def restore(self, state: bytes) -> None:
        """Become what the snapshot was taken of."""
        ...
