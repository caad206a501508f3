"""Departures as they stand now: what the catalogue says of them, less the places booked here."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.domain.tours import DepartureKey, DepartureStatus, day_begins
from carriers.sandbox.octo import units
from carriers.sandbox.octo.catalogue.model import Departure, Operator, Option, Sale, Tour
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.errors import invalid_option, invalid_product
from carriers.sandbox.octo.facts import PLACED

_OPEN = frozenset({DepartureStatus.AVAILABLE, DepartureStatus.ON_REQUEST})


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A departure in a region, now. `left` are the places nobody has; `factor` is what a fault made of its prices.

    `intended` is its status by the catalogue and the clock, whatever is left.
    """

    operator: Operator
    tour: Tour
    departure: Departure
    sale: Sale
    intended: DepartureStatus
    left: int
    factor: Decimal

    @property
    def key(self) -> DepartureKey:
        """Which it is."""
        return _key(self.departure)

    @property
    def status(self) -> DepartureStatus:
        """As intended; closed once its places are gone."""
        full = self.left == 0 and self.intended in _OPEN
        return DepartureStatus.CLOSED if full else self.intended

    @property
    def sells(self) -> bool:
        """Whether its places are sold, as long as there are any."""
        return self.intended == DepartureStatus.AVAILABLE

    @property
    def availability_id(self) -> str:
        """Its local start: no two of an option are on one day."""
        return day_begins(self.departure.local_date, self.tour.zone).isoformat()

    @property
    def ends_at(self) -> datetime:
        """The end of its last day."""
        return datetime.combine(self.departure.local_date_end, time(23, 59, 59), ZoneInfo(self.tour.zone))

    @property
    def cutoff(self) -> datetime:
        """From when on nothing is sold any more."""
        return _cutoff(self.operator, self.tour, self.departure)

    @property
    def asked_for(self) -> bool:
        """Whether the operator wants to be asked for its places."""
        return self.intended == DepartureStatus.ON_REQUEST

    def takes(self, people: int) -> bool:
        """Whether so many could book now."""
        return self.sells and self.has(people)

    def has(self, people: int) -> bool:
        """Whether there are so many places, to be booked or to be asked for."""
        return self.left >= max(people, 1)

    def price(self, unit_id: str) -> int:
        """What a unit costs, in minor units."""
        return units.price(self.sale.prices, unit_id, self.factor)


def product(core: Core, call: Call, tour_id: object) -> Tour:
    """A tour that is sold in the call's region; INVALID_PRODUCT_ID otherwise."""
    found = core.catalogue.tour(call.operator.code, tour_id) if isinstance(tour_id, str) else None
    if found is None or call.region not in found.regions:
        raise invalid_product(tour_id)
    return found


def option_of(tour: Tour, option_id: object) -> Option:
    """An option of the tour; INVALID_OPTION_ID otherwise."""
    found = tour.option(option_id) if isinstance(option_id, str) else None
    if found is None:
        raise invalid_option(option_id)
    return found


def standing(core: Core, call: Call, key: DepartureKey) -> Standing | None:
    """A departure in the call's region; None where it is not sold."""
    found = core.catalogue.departure(key.operator, key.tour, key.option, key.starts_on)
    return next(_standing(core, call, [found]), None) if found else None


def booked(core: Core, call: Call, key: DepartureKey) -> Standing | None:
    """A departure that somebody has booked in the call's region, also once it has left."""
    found = core.catalogue_of(key.starts_on).departure(key.operator, key.tour, key.option, key.starts_on)
    return next(_standing(core, call, [found]), None) if found else None


def between(core: Core, call: Call, option: Option, first: date, last: date) -> Iterator[Standing]:
    """An option's departures in the call's region from one day to another, both included, earliest first."""
    wanted = (
        departure
        for season in option.seasons
        for departure in season.sold_in(call.region)
        if first <= departure.local_date <= last
    )
    return _standing(core, call, sorted(wanted, key=lambda departure: departure.local_date))


def taken(core: Core) -> Counter[DepartureKey]:
    """How many places of each departure are booked here."""
    found: Counter[DepartureKey] = Counter()
    for booking in core.facts.bookings.values():
        if booking.status in PLACED:
            found[booking.key] += len(booking.items)
    return found


def places_left(core: Core, key: DepartureKey) -> int:
    """The places nobody has; none once the departure has left."""
    found = core.catalogue.departure(key.operator, key.tour, key.option, key.starts_on)
    return 0 if found is None or key in core.facts.sold_out else found.left - taken(core)[key]


def _standing(core: Core, call: Call, found: Iterable[Departure]) -> Iterator[Standing]:
    ours, facts = taken(core), core.facts
    for departure in found:
        sale, key = departure.sales.get(call.region), _key(departure)
        tour = core.catalogue.tour(departure.operator, departure.tour)
        if sale is None or tour is None:
            continue
        late = sale.status in _OPEN and core.now() >= _cutoff(call.operator, tour, departure)
        yield Standing(
            operator=call.operator,
            tour=tour,
            departure=departure,
            sale=sale,
            intended=_intended(sale, late=late, cancelled=key in facts.cancelled),
            left=0 if key in facts.sold_out else max(0, departure.left - ours[key]),
            factor=facts.price_factor.get(key, Decimal(1)),
        )


def _intended(sale: Sale, *, late: bool, cancelled: bool) -> DepartureStatus:
    if cancelled:
        return DepartureStatus.CANCELLED
    return DepartureStatus.TOO_LATE if late else sale.status


def _cutoff(operator: Operator, tour: Tour, departure: Departure) -> datetime:
    return day_begins(departure.local_date, tour.zone, before=operator.shut_days)


def _key(departure: Departure) -> DepartureKey:
    return DepartureKey(
        operator=departure.operator, tour=departure.tour, option=departure.option, starts_on=departure.local_date
    )
