"""Words of tours: what operators sell, where, when it departs, for how much by room, and what cancelling it costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from app.domain.money import Money


class SellingRegion(StrEnum):
    """Where tours are sold: content, departures and prices may all differ by region."""

    US = "US"
    UK = "UK"
    NZ = "NZ"
    ZA = "ZA"
    ZZ = "ZZ"


REGION_CURRENCY: Mapping[SellingRegion, str] = {
    SellingRegion.US: "USD",
    SellingRegion.UK: "GBP",
    SellingRegion.NZ: "NZD",
    SellingRegion.ZA: "ZAR",
    SellingRegion.ZZ: "USD",
}


class DepartureStatus(StrEnum):
    """Whether a departure can be booked. The last two are told to nobody but operators' own people."""

    AVAILABLE = "AVAILABLE"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"
    ON_REQUEST = "ON_REQUEST"
    NO_YIELD = "NO_YIELD"
    TOO_LATE = "TOO_LATE"
    CLOSED_NOT_AMENDABLE = "CLOSED_NOT_AMENDABLE"

    @property
    def outward(self) -> "DepartureStatus":
        """What everybody else sees in its place."""
        return DepartureStatus.CLOSED if self in _INTERNAL else self


_INTERNAL = frozenset({DepartureStatus.TOO_LATE, DepartureStatus.CLOSED_NOT_AMENDABLE})


class RoomType(StrEnum):
    """How travellers sleep. PERSON is of operators that tell no rooms: so many people, at a price for each."""

    TWIN_SHARE = "TWIN_SHARE"
    SINGLE = "SINGLE"
    PERSON = "PERSON"


class RateType(StrEnum):
    """What a price per person is for; a CHILD shares the room of an adult."""

    TWIN_SHARE = "TWIN_SHARE"
    SINGLE = "SINGLE"
    PERSON = "PERSON"
    CHILD = "CHILD"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """How to reach a company; None for what it does not tell."""

    email: str | None = None
    phone: str | None = None
    website: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """Who runs tours: `code` is the carrier's. One that is `coming_soon` is listed, and sells nothing yet."""

    code: str
    name: str
    coming_soon: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SellingCompany:
    """Who sells an operator's tours in a region, and answers for what cannot be booked online."""

    operator: str
    region: SellingRegion
    code: str
    name: str
    contact: Contact


@dataclass(frozen=True, kw_only=True, slots=True)
class TourPlace:
    """A place that a tour visits; `country` is its ISO 3166-1 code, the position in decimal degrees."""

    name: str
    country: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TourImage:
    """A picture at a stable address."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItineraryDay:
    """One day of a tour, counted from 1; `accommodation` is where its night is spent."""

    day: int
    title: str
    text: str
    accommodation: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """A price per person. `unit` is the carrier's id of what is sold."""

    type: RateType
    price: Money
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartureKey:
    """Which departure: an operator's tour and option, by its own ids, on a local day."""

    operator: str
    tour: str
    option: str
    starts_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Departure:
    """A day on which an option departs. `language` (BCP 47) is the guide's; `season` None where there are none."""

    key: DepartureKey
    ends_on: date
    zone: str
    season: str | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Season:
    """A part of the year with an itinerary, accommodation, prices and departures of its own.

    `rates` are the lowest of its departures, in the region's currency.
    """

    ref: str
    name: str
    first_day: date
    last_day: date
    itinerary: tuple[ItineraryDay, ...] = ()
    accommodation: str | None = None
    rates: tuple[Rate, ...] = ()
    departures: tuple[Departure, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TourOption:
    """A variant of a tour, such as one with an extension. `seasons` are none where the operator tells none."""

    ref: str
    name: str
    days: int
    description: str | None = None
    seasons: tuple[Season, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Tour:
    """A tour as it is sold in a region. `zone` (IANA) is where its departures' days begin."""

    operator: str
    ref: str
    region: SellingRegion
    name: str
    days: int
    zone: str
    description: str | None = None
    places: tuple[TourPlace, ...] = ()
    images: tuple[TourImage, ...] = ()
    options: tuple[TourOption, ...] = ()


_WHOLE = Decimal(100)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleStep:
    """Cancelling `days` or more before departure costs `percent` of the total."""

    days: int
    percent: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class CancellationScale:
    """What cancelling costs by the days that are left, counted on the calendar of the departure's zone."""

    steps: tuple[ScaleStep, ...]

    def at(self, starts_on: date, zone: str, now: datetime) -> ScaleStep:
        """The step that holds now; the whole total once no step does."""
        return self._holding(starts_on, zone, now) or ScaleStep(days=0, percent=_WHOLE)

    def until(self, starts_on: date, zone: str, now: datetime) -> datetime | None:
        """When another step begins; None once the whole total is kept for good."""
        step = self._holding(starts_on, zone, now)
        if step is None or (step.percent >= _WHOLE and step.days == min(other.days for other in self.steps)):
            return None
        return day_begins(starts_on, zone, before=step.days - 1)

    def _holding(self, starts_on: date, zone: str, now: datetime) -> ScaleStep | None:
        left = (starts_on - now.astimezone(ZoneInfo(zone)).date()).days
        holding = (step for step in self.steps if step.days <= left)
        return max(holding, key=lambda step: step.days, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartureTerms:
    """On what terms a departure is sold; None for what the operator does not tell.

    `deposit` is per person, and confirms a booking until `balance_due_at`, when the rest has to be paid. Another
    departure can be had instead until `exchange_until`, for `exchange_fee` per booking.
    """

    deposit: Money | None = None
    balance_due_at: datetime | None = None
    scale: CancellationScale | None = None
    exchange_until: datetime | None = None
    exchange_fee: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartureAvailability:
    """Whether a departure can be booked in a region, as the operator told it at `as_of`.

    `takes_requests` says that an ON_REQUEST departure can be asked for here. `hold_until` is how long the operator
    would keep places without payment if they were held now, None where none would be. `ref` is the carrier's own id
    of the availability.
    """

    departure: Departure
    region: SellingRegion
    status: DepartureStatus
    as_of: datetime
    ref: str | None = None
    places_left: int | None = None
    rates: tuple[Rate, ...] = ()
    terms: DepartureTerms = field(default_factory=DepartureTerms)
    takes_requests: bool = False
    hold_until: datetime | None = None

    @property
    def bookable_online(self) -> bool:
        """Whether it can be reserved at once."""
        return self.status == DepartureStatus.AVAILABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A room and who sleeps in it: `adults`, and children by their age in years on the first day."""

    type: RoomType
    adults: int
    child_ages: tuple[int, ...] = ()

    @property
    def people(self) -> int:
        """How many sleep in it."""
        return self.adults + len(self.child_ages)


@dataclass(frozen=True, kw_only=True, slots=True)
class TourStay:
    """The departure that an offer or an order is for, as it was agreed: what, when, where sold, in which rooms."""

    key: DepartureKey
    region: SellingRegion
    operator_name: str
    tour_name: str
    option_name: str
    ends_on: date
    zone: str
    season_name: str | None = None
    language: str | None = None
    rooms: tuple[Room, ...] = ()
    terms: DepartureTerms = field(default_factory=DepartureTerms)

    def by_room(self, people: Iterable[str]) -> list[list[str]]:
        """Those who sleep in each room; they are named room by room."""
        left = iter(people)
        return [list(islice(left, room.people)) for room in self.rooms]

    @property
    def departs_at(self) -> datetime:
        """When its first day begins there."""
        return day_begins(self.key.starts_on, self.zone)


def day_begins(day: date, zone: str, *, before: int = 0) -> datetime:
    """The first instant of the day `before` days before this one, in that zone."""
    first = date.fromordinal(day.toordinal() - before)
    midnight = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone))
    # Where clocks go forward at midnight, the day begins at one o'clock.
    return midnight.astimezone(UTC).astimezone(ZoneInfo(zone))
