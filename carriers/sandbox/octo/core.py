"""What every endpoint works with: the facts, the time, what is on sale today, and who asks how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.clock import Clock
from app.domain.tours import REGION_CURRENCY, DepartureKey, SellingRegion
from carriers.sandbox.chance import base62, draw
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo.capabilities import CONTENT, DEPARTURES, PRICING
from carriers.sandbox.octo.catalogue.model import Catalogue, Operator
from carriers.sandbox.octo.facts import Facts
from carriers.sandbox.schedule import Later

Load = Callable[[date], Catalogue]


class Core:
    """The facts and the time, at one `origin`. `at` is set while something scheduled happens: then that is the time."""

    def __init__(self, clock: Clock, seed: str, origin: str, load: Load) -> None:
        self.clock = clock
        self.seed = seed
        self.origin = origin
        self.facts = Facts()
        self.at: datetime | None = None
        self._load = load
        self._catalogue: Catalogue | None = None

    @property
    def catalogue(self) -> Catalogue:
        """What is on sale today."""
        today = self.now().date()
        if self._catalogue is None or self._catalogue.today != today:
            self._catalogue = self._load(today)
        return self._catalogue

    def catalogue_of(self, day: date) -> Catalogue:
        """What was on sale on that day, where it is over; else what is on sale today."""
        return self._load(day) if day < self.now().date() else self.catalogue

    def now(self) -> datetime:
        """The world's time, in UTC."""
        return self.at or self.clock.now() + self.facts.offset

    def new_uuid(self, kind: str) -> str:
        """A new identifier, the same in every run."""
        self.facts.counter += 1
        high, low = (draw(self.seed, kind, part, self.facts.counter) for part in "hl")
        return str(UUID(int=high << 64 | low, version=4))

    def new_reference(self, kind: str, length: int) -> str:
        """A new short reference, the same in every run."""
        self.facts.counter += 1
        return base62(length, self.seed, kind, self.facts.counter).upper()

    def later(self, at: datetime, what: str, about: Json) -> None:
        """Let something happen at that time."""
        self.facts.counter += 1
        self.facts.schedule.append(Later(at, self.facts.counter, what, about))


@dataclass(slots=True)
class Call:
    """One call of an endpoint of one operator: what it says, in which region, and what was granted to it.

    `endpoint` is the supplier's own address; `tickets_after` is what a fault asks of the call.
    """

    operator: Operator
    endpoint: str = ""
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    data: Json = field(default_factory=dict)
    granted: tuple[str, ...] = ()
    region: SellingRegion = SellingRegion.ZZ
    tickets_after: timedelta = timedelta()

    @property
    def content(self) -> bool:
        """Whether texts and pictures are told."""
        return CONTENT in self.granted

    @property
    def pricing(self) -> bool:
        """Whether prices are told."""
        return PRICING in self.granted

    @property
    def departures(self) -> bool:
        """Whether our own capability was granted."""
        return DEPARTURES in self.granted

    @property
    def currency(self) -> str:
        """What the region pays with."""
        return REGION_CURRENCY[self.region]

    def one(self, name: str) -> str | None:
        """A query value; the last one where it is repeated."""
        values = self.query.get(name)
        return values[-1] if values else None

    def key(self, tour: str, option: str, day: date) -> DepartureKey:
        """Which departure of the operator's."""
        return DepartureKey(operator=self.operator.code, tour=tour, option=option, starts_on=day)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers, and how many seconds it takes to."""

    data: Any
    status: int = 200
    delay_seconds: float = 0.0


def stamp(moment: datetime) -> str:
    """An instant as OCTO writes it: UTC, Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def maybe_stamp(moment: datetime | None) -> str | None:
    """An instant, or null."""
    return None if moment is None else stamp(moment)
