"""What every endpoint works with: the facts, the time, who asks what, and what is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Self, TypeVar

from app.domain.clock import Clock
from carriers.sandbox.exchange import Json
from carriers.sandbox.faults import FaultBook
from carriers.sandbox.schedule import Later, next_due


@dataclass(slots=True, kw_only=True)
class Facts:
    """Everything that changes in a world, and nothing else: it pickles into a snapshot.

    Each world adds its own. `offset` is how far its time is ahead of its clock, `counter` the last number it gave.
    """

    offset: timedelta = timedelta()
    counter: int = 0
    faults: FaultBook = field(default_factory=FaultBook)
    schedule: list[Later] = field(default_factory=list)


FactsT_co = TypeVar("FactsT_co", bound=Facts, covariant=True)


class Core(Generic[FactsT_co]):
    """The facts and the time. `at` is set while something scheduled happens: then that is the time."""

    def __init__(self, clock: Clock, facts: FactsT_co) -> None:
        self.clock = clock
        self.facts = facts
        self.at: datetime | None = None

    def now(self) -> datetime:
        """The world's time, in UTC."""
        return self.at or self.clock.now() + self.facts.offset

    def ahead(self, seconds: float) -> datetime:
        """The instant so many seconds from now."""
        return self.now() + timedelta(seconds=seconds)

    def next_number(self) -> int:
        """A number never given before: the same in every run."""
        self.facts.counter += 1
        return self.facts.counter

    def later(self, at: datetime, what: str, about: Json) -> None:
        """Let something happen at that time."""
        self.facts.schedule.append(Later(at, self.next_number(), what, about))

    def catch_up(self, happenings: Mapping[str, Callable[[Self, Json], None]]) -> None:
        """Let everything happen that is due, in order, each at its own time."""
        while due := next_due(self.facts.schedule, self.now()):
            self.facts.schedule.remove(due)
            self.at = due.at
            try:
                happenings[due.what](self, due.about)
            finally:
                self.at = None


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of an endpoint: what is in its path, query and body."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    data: Json = field(default_factory=dict)

    def one(self, name: str) -> str | None:
        """A query value; the last one where it is repeated."""
        values = self.query.get(name)
        return values[-1] if values else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers, and how many seconds it takes to."""

    data: Any
    status: int = 200
    delay_seconds: float = field(default=0.0, kw_only=True)
