"""What an e-ticket itinerary receipt says: one passenger, one ticket, every fact a traveller is owed.

The set of facts follows IATA Resolution 722f (electronic ticket itinerary receipt). Names and the signed link
are kept out of every repr, so that a receipt can be logged without telling who travels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.domain.booking import TicketStatus
from app.domain.money import Money, total


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One end of a flight: the airport and the aware local time there."""

    iata: str
    city: str
    airport: str
    at: datetime
    terminal: str | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError("a departure or arrival needs its offset from UTC")


@dataclass(frozen=True, kw_only=True)
class Baggage:
    """What one passenger may bring on one flight; None where the carrier has not said."""

    checked: int | None = None
    carry_on: int | None = None
    checked_kg: int | None = None


@dataclass(frozen=True, kw_only=True)
class MoreBags:
    """Pieces that were bought besides, for the hold or the cabin; `kg` is the most that each may weigh, where known."""

    pieces: int
    checked: bool = True
    kg: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class FlightSegment:
    """One flight of a journey; `flight_number` carries the marketing carrier's code ("BA 12").

    `seat` and `more_bags` are what the passenger has beside the fare.
    """

    flight_number: str
    marketing_carrier: str
    operating_carrier: str
    origin: Stop
    destination: Stop
    cabin: str
    baggage: Baggage
    fare_basis: str | None = None
    aircraft: str | None = None
    seat: str | None = None
    more_bags: tuple[MoreBags, ...] = ()

    def __post_init__(self) -> None:
        if self.destination.at <= self.origin.at:
            raise ValueError("a flight arrives after it departs")

    @property
    def duration(self) -> timedelta:
        """Time between departure and arrival."""
        return self.destination.at - self.origin.at


@dataclass(frozen=True, kw_only=True)
class Journey:
    """One direction of travel, in the order flown."""

    segments: tuple[FlightSegment, ...]
    fare_brand: str | None = None

    def __post_init__(self) -> None:
        if not self.segments:
            raise ValueError("a journey has at least one flight")

    @property
    def origin(self) -> Stop:
        """Where it begins."""
        return self.segments[0].origin

    @property
    def destination(self) -> Stop:
        """Where it ends."""
        return self.segments[-1].destination

    @property
    def duration(self) -> timedelta:
        """Time from the first departure to the last arrival, connections included."""
        return self.destination.at - self.origin.at


@dataclass(frozen=True)
class Condition:
    """Whether a ticket may be refunded or changed before departure, and for what fee.

    `allowed` is None where the carrier has not said; `fee` is None where it is allowed but the fee is not
    known yet, and zero where it is free.
    """

    allowed: bool | None
    fee: Money | None = None


@dataclass(frozen=True)
class PriceLine:
    """One named part of the price."""

    label: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Price:
    """What was paid for `passengers` together; the parts add up to the total, else ValueError.

    Carriers price an order, not a person: for several passengers the receipt says so instead of dividing.
    """

    base: Money
    taxes: Money
    fees: tuple[PriceLine, ...]
    total: Money
    passengers: int = 1

    def __post_init__(self) -> None:
        if total((line.amount for line in self.lines), self.total.currency) != self.total:
            raise ValueError("the parts of the price do not add up to its total")

    @property
    def lines(self) -> tuple[PriceLine, ...]:
        """Fare, taxes and each fee, in the order they are printed."""
        return (PriceLine("Fare", self.base), PriceLine("Taxes and charges", self.taxes), *self.fees)


@dataclass(frozen=True)
class CarrierReference:
    """The booking as the carrier knows it (its record locator)."""

    carrier: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """An electronic ticket and its itinerary receipt for one passenger."""

    issuer: str
    ticket_number: str
    passenger_name: str = field(repr=False)
    status: TicketStatus
    booking_reference: str
    carrier_references: tuple[CarrierReference, ...]
    issued_on: date
    journeys: tuple[Journey, ...]
    refund: Condition
    change: Condition
    price: Price
    form_of_payment: str
    verification_url: str = field(repr=False)
    issuer_contact: str | None = None

    def __post_init__(self) -> None:
        if not self.journeys:
            raise ValueError("a ticket has at least one journey")

    @property
    def segments(self) -> Iterator[FlightSegment]:
        """Every flight, in the order flown."""
        return (segment for journey in self.journeys for segment in journey.segments)
