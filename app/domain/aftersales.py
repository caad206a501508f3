"""Words of after sales: why and where something is given back, what is exchanged for what, seats, bags and changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.itinerary import BaggageKind, CabinClass, Journey
from app.domain.money import Money
from app.domain.tours import TourStay


class RuleGround(StrEnum):
    """What decides whether something can be refunded or exchanged, and what that costs."""

    NOT_SOLD = "NOT_SOLD"
    ENDED = "ENDED"
    VOID_WINDOW = "VOID_WINDOW"
    FARE_CONDITIONS = "FARE_CONDITIONS"
    CARRIER_CHANGED = "CARRIER_CHANGED"
    DEPARTED = "DEPARTED"
    CANCELLATION_SCALE = "CANCELLATION_SCALE"
    CARRIER_DECIDES = "CARRIER_DECIDES"
    NO_ALTERNATIVE = "NO_ALTERNATIVE"
    UNSUPPORTED = "UNSUPPORTED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Why something can be refunded or exchanged, or cannot: `fee` is the carrier's penalty, None where it is not said.

    After `deadline` another rule holds; None where none is known.
    """

    ground: RuleGround
    allowed: bool
    fee: Money | None = None
    deadline: datetime | None = None


class RefundForm(StrEnum):
    """What the carrier gives back: only money triggers a refund of payments."""

    MONEY = "MONEY"
    VOUCHER = "VOUCHER"
    AIRLINE_CREDIT = "AIRLINE_CREDIT"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplacedJourney:
    """One journey of an order, by its reference there, and what is wanted in its place on a local date."""

    journey: str
    origin: str
    destination: str
    date: date


class ServiceKind(StrEnum):
    """What can be had beside the fare."""

    SEAT = "SEAT"
    BAGGAGE = "BAGGAGE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """Something that one passenger can have beside the fare on some segments, for `price` each.

    `ref` is the carrier's id of it; `passenger` and `segments` are the carrier's references too. `seat` is the seat's
    designator, `baggage` where a piece travels, with its greatest weight in kilograms where the carrier says.
    """

    ref: str
    kind: ServiceKind
    passenger: str
    segments: tuple[str, ...]
    price: Money
    most: int = 1
    seat: str | None = None
    baggage: BaggageKind | None = None
    weight_kg: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceChoice:
    """So many of one service."""

    ref: str
    quantity: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class BookedService:
    """A service that an order has; `price` is what all of its `quantity` cost together."""

    ref: str
    kind: ServiceKind
    passenger: str
    segments: tuple[str, ...]
    quantity: int
    price: Money
    seat: str | None = None
    baggage: BaggageKind | None = None
    weight_kg: Decimal | None = None


def newly_booked(before: Iterable[BookedService], after: Iterable[BookedService]) -> tuple[BookedService, ...]:
    """What an order has now and had not before: all that an addition whose answer was lost has added, or nothing."""
    known = {service.ref for service in before}
    return tuple(service for service in after if service.ref not in known)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """One seat of a map. `services` are how each passenger can have it; none where it is taken or not for sale."""

    designator: str
    name: str | None = None
    exit_row: bool = False
    bulkhead: bool = False
    restrictions: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatRow:
    """A row of seats in groups between the aisles; None is a place without a seat. `over_wing` as passengers see it."""

    groups: tuple[tuple[Seat | None, ...], ...]
    over_wing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatMap:
    """The seats of one segment's cabin on one deck (0 is the main or lower one), from the front."""

    segment: str
    cabin: CabinClass
    deck: int
    rows: tuple[SeatRow, ...]

    @property
    def services(self) -> Iterator[Service]:
        """Every way in which a passenger can have one of its seats."""
        seats = (seat for row in self.rows for group in row.groups for seat in group if seat is not None)
        return (service for seat in seats for service in seat.services)


class ChangeAction(StrEnum):
    """What can be done about a change that the carrier made."""

    ACCEPT = "ACCEPT"
    EXCHANGE = "EXCHANGE"
    REFUND = "REFUND"


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierChange:
    """A change that the carrier made to an order: `removed` is what it no longer flies, `added` what is there instead.

    Of a tour, a `replaced` stay gives way to another `stay`. There is nothing instead where it was cancelled. `taken`
    is what was done about it at the carrier, None while that is open.
    """

    ref: str
    order: str
    found_at: datetime
    removed: tuple[Journey, ...] = ()
    added: tuple[Journey, ...] = ()
    replaced: TourStay | None = None
    stay: TourStay | None = None
    actions: tuple[ChangeAction, ...]
    deadline: datetime | None = None
    taken: ChangeAction | None = None

    @property
    def cancelled(self) -> bool:
        """Whether there is nothing instead."""
        return not self.added and self.stay is None
