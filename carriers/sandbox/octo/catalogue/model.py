"""What the sandbox's tour operators sell. Nothing in it knows of OCTO, nor of anybody's bookings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from app.domain.tours import DepartureStatus, SellingRegion
from carriers.sandbox.octo.catalogue.spelling import american


@dataclass(frozen=True, slots=True)
class Told:
    """A text in British spelling, and what some regions are told in its place."""

    text: str
    instead: Mapping[SellingRegion, str] = field(default_factory=dict)

    def told(self, region: SellingRegion) -> str:
        """The text as the region reads it: US in American spelling."""
        text = self.instead.get(region, self.text)
        return american(text) if region == SellingRegion.US else text


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """How to reach a company."""

    website: str
    email: str
    telephone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SellingCompany:
    """Who sells an operator's tours in a region."""

    region: SellingRegion
    code: str
    name: str
    contact: Contact


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleStep:
    """Cancelling `days_before` or more days before departure costs `percent` of the total."""

    days_before: int
    percent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """Another departure can be had until so many days before, for a fee per booking in the region's minor units."""

    days_before: int
    fee_per_booking: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """On what terms an operator sells in a region. `deposit_per_person` is in the region's minor units.

    `exchange` is None where a booking cannot be moved to another departure.
    """

    deposit_per_person: int
    balance_due_days: int
    cancellation_scale: tuple[ScaleStep, ...]
    exchange: Exchange | None
    takes_requests: bool
    hold_minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """Who runs tours, in groups of up to `capacity`. `terms` and `companies` have every region.

    Nothing is sold within `shut_days` of the departure, nor beyond `yield_days` before it; with `request_places` or
    fewer left the operator wants to be asked. A child is of an age in `child_ages`, both included.
    """

    code: str
    name: str
    contact: Contact
    companies: Mapping[SellingRegion, SellingCompany]
    terms: Mapping[SellingRegion, Terms]
    capacity: int
    child_ages: tuple[int, int]
    shut_days: int
    request_places: int
    yield_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A place that a tour visits: ISO 3166-1 country, position in decimal degrees."""

    name: str
    country: str
    latitude: float
    longitude: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One day of an itinerary; `accommodation` says where the night is spent, None on the last day."""

    day: int
    title: Told
    text: Told
    accommodation: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Prices:
    """Prices per person in the region's minor units."""

    twin: int
    single: int
    child: int
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """How a departure stands in one region."""

    status: DepartureStatus
    prices: Prices
    terms: Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Departure:
    """A local day on which an option departs: `capacity` places, of which `sold` are sold elsewhere.

    `sales` has the regions where it is sold.
    """

    operator: str
    tour: str
    option: str
    season: str
    local_date: date
    local_date_end: date
    guide_language: str
    capacity: int
    sold: int
    sales: Mapping[SellingRegion, Sale]

    @property
    def left(self) -> int:
        """Places that are not sold elsewhere."""
        return self.capacity - self.sold


@dataclass(frozen=True, kw_only=True)
class Season:
    """A part of a year, such as `summer-2027`, with its departures to come by day. A region may have none of them."""

    id: str
    name: str
    first_day: date
    last_day: date
    accommodation: Told
    itinerary: tuple[Day, ...]
    departures: tuple[Departure, ...]

    def sold_in(self, region: SellingRegion) -> tuple[Departure, ...]:
        """Its departures in a region."""
        return self._by_region[region]

    def prices_from(self, region: SellingRegion) -> Prices | None:
        """The lowest of the region; None where nothing is sold there."""
        return self._lowest[region]

    @cached_property
    def _by_region(self) -> Mapping[SellingRegion, tuple[Departure, ...]]:
        return {region: tuple(one for one in self.departures if region in one.sales) for region in SellingRegion}

    @cached_property
    def _lowest(self) -> Mapping[SellingRegion, Prices | None]:
        prices = {region: [one.sales[region].prices for one in sold] for region, sold in self._by_region.items()}
        return {region: min(told, key=lambda each: each.twin, default=None) for region, told in prices.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A variant of a tour, so many days long, with the seasons that are on sale, earliest first."""

    id: str
    name: Told
    description: Told
    days: int
    seasons: tuple[Season, ...]

    @property
    def length(self) -> timedelta:
        """From its first local day to its last."""
        return timedelta(days=self.days - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tour:
    """A tour; its first option is the default one.

    `regions` are where it is sold at all, `categories` OCTO's labels; `zone` (IANA) is where its days are counted.
    Its one picture is its route map.
    """

    id: str
    operator: str
    reference: str
    name: Told
    short_description: Told
    description: Told
    zone: str
    places: tuple[Place, ...]
    categories: tuple[str, ...]
    highlights: tuple[Told, ...]
    inclusions: tuple[Told, ...]
    exclusions: tuple[Told, ...]
    regions: frozenset[SellingRegion]
    options: tuple[Option, ...]

    def option(self, option: str) -> Option | None:
        """One of its options."""
        return next((each for each in self.options if each.id == option), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """Everything on sale on a day, by operator code."""

    today: date
    operators: Mapping[str, Operator]
    by_operator: Mapping[str, Mapping[str, Tour]]
    by_day: Mapping[tuple[str, str, str, date], Departure]

    def tours(self, operator: str, region: SellingRegion) -> tuple[Tour, ...]:
        """What the operator sells in the region, in the order of its brochure."""
        return tuple(tour for tour in self.by_operator[operator].values() if region in tour.regions)

    def tour(self, operator: str, tour: str) -> Tour | None:
        """A tour, wherever it is sold."""
        return self.by_operator[operator].get(tour)

    def departure(self, operator: str, tour: str, option: str, local_date: date) -> Departure | None:
        """A departure, wherever it is sold; None once its day is over (the catalogue of an earlier day has it)."""
        return self.by_day.get((operator, tour, option, local_date))

    def departures(self) -> Iterator[Departure]:
        """All of them."""
        return iter(self.by_day.values())
