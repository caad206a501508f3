"""What every endpoint of an operator works with besides: what is on sale today, and who asks how."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.domain.clock import Clock
from app.domain.tours import REGION_CURRENCY, DepartureKey, SellingRegion
from carriers.sandbox import core
from carriers.sandbox.chance import base62, draw
from carriers.sandbox.octo.capabilities import CONTENT, DEPARTURES, PRICING
from carriers.sandbox.octo.catalogue.model import Catalogue, Operator
from carriers.sandbox.octo.facts import Facts

Load = Callable[[date], Catalogue]


class Core(core.Core[Facts]):
    """The facts and the time, at one `origin`."""

    def __init__(self, clock: Clock, seed: str, origin: str, load: Load) -> None:
        super().__init__(clock, Facts())
        self.seed = seed
        self.origin = origin
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

    def new_uuid(self, kind: str) -> str:
        """A new identifier, the same in every run."""
        number = self.next_number()
        high, low = (draw(self.seed, kind, part, number) for part in "hl")
        return str(UUID(int=high << 64 | low, version=4))

    def new_reference(self, kind: str, length: int) -> str:
        """A new short reference, the same in every run."""
        return base62(length, self.seed, kind, self.next_number()).upper()


@dataclass(slots=True, kw_only=True)
class Call(core.Call):
    """One call of an endpoint of one operator: in which region, and what was granted to it.

    `endpoint` is the supplier's own address; `tickets_after` is what a fault asks of the call.
    """

    operator: Operator
    endpoint: str = ""
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

    def key(self, tour: str, option: str, day: date) -> DepartureKey:
        """Which departure of the operator's."""
        return DepartureKey(operator=self.operator.code, tour=tour, option=option, starts_on=day)
