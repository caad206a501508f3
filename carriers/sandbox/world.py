"""What the HTTP shell knows of a world, whatever protocol the world speaks."""

import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from carriers.sandbox.core import Core, Facts
from carriers.sandbox.exchange import Json, Reply, Request
from carriers.sandbox.faults import FaultBook
from carriers.sandbox.outgoing import OutgoingWebhook


class World(ABC):
    """One carrier's world: deterministic, synchronous, without any I/O of its own.

    Worlds of the same seed that are asked the same at the same times answer the same, down to every id. `name` is the
    protocol it speaks, `happenings` are what happens by itself.
    """

    name: ClassVar[str]
    happenings: ClassVar[Mapping[str, Callable[[Any, Json], None]]]

    def __init__(self, core: Core[Facts]) -> None:
        self._core = core

    @property
    @abstractmethod
    def endpoints(self) -> Sequence[str]:
        """The endpoints a fault can be set at."""

    @property
    def faults(self) -> FaultBook:
        """The faults that are set."""
        return self._core.facts.faults

    def handle(self, request: Request) -> Reply:
        """Answer one request, after everything that is due has happened."""
        self._catch_up()
        return self._answer(request)

    def now(self) -> datetime:
        """The world's time, in UTC."""
        return self._core.now()

    def advance(self, by: timedelta) -> None:
        """Move the world's time ahead of its clock, and let happen what falls into it."""
        if by < timedelta():
            raise ValueError("time never runs back")
        self._core.facts.offset += by
        self._catch_up()

    def ledger(self) -> Json:
        """What is true in this world."""
        self._catch_up()
        return self._truth()

    @abstractmethod
    def fingerprint(self) -> str:
        """A hash of the facts without ids, counters and times."""

    def pending_webhooks(self) -> list[OutgoingWebhook]:
        """The signed messages that are due."""
        self._catch_up()
        return self._due()

    @abstractmethod
    def webhook_delivered(self, delivery_id: str, status: int | None) -> None:
        """Note a receiver's answer; None when there was none."""

    def snapshot(self) -> bytes:
        """The complete mutable state."""
        return pickle.dumps(self._core.facts, protocol=pickle.HIGHEST_PROTOCOL)

    def restore(self, state: bytes) -> None:
        """Become what the snapshot was taken of. Only for this program's own snapshots."""
        self._core.facts = pickle.loads(state)  # noqa: S301 - nobody else writes these bytes

    @abstractmethod
    def _answer(self, request: Request) -> Reply: ...

    @abstractmethod
    def _truth(self) -> Json: ...

    @abstractmethod
    def _due(self) -> list[OutgoingWebhook]: ...

    def _catch_up(self) -> None:
        self._core.catch_up(self.happenings)
