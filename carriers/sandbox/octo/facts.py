"""What the world remembers: bookings with their unit items and tickets, and what faults did to departures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.tours import DepartureKey, SellingRegion
from carriers.sandbox import core
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo.catalogue.model import Terms


class Status(StrEnum):
    """Where a booking stands, in OCTO's words."""

    PENDING = "PENDING"
    REJECTED = "REJECTED"
    ON_HOLD = "ON_HOLD"
    EXPIRED = "EXPIRED"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


# The states in which a booking has its places.
PLACED = frozenset({Status.ON_HOLD, Status.CONFIRMED})


class Refund(StrEnum):
    """How much of what was paid comes back."""

    FULL = "FULL"
    PARTIAL = "PARTIAL"
    NONE = "NONE"


@dataclass(slots=True)
class Item:
    """One unit: a person in a room. `price` is in minor units of the booking's currency."""

    uuid: str
    unit: str
    price: int
    supplier_reference: str
    reseller_reference: str | None
    contact: Json


@dataclass(slots=True)
class Ticket:
    """What one person travels with; void once another took its place or the booking was cancelled."""

    number: str
    item: str
    void: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """That a confirmed booking was moved to another departure: what its price moved by, and the fee, in minor units."""

    difference: int
    fee: int


@dataclass(frozen=True, slots=True)
class Cancellation:
    """That a booking was cancelled, and what the operator keeps of its price."""

    refund: Refund
    percent_kept: int
    reason: str | None
    at: datetime


class Answered(StrEnum):
    """What was done about an operator's change."""

    ACCEPTED = "accepted"
    EXCHANGED = "exchanged"


@dataclass(slots=True)
class Change:
    """That the operator moved or cancelled the departure that a booking was for until then, `before`."""

    id: str
    before: DepartureKey
    at: datetime
    answered: Answered | None = None

    @property
    def accepted(self) -> bool:
        """Whether the customer agrees to it."""
        return self.answered is Answered.ACCEPTED


@dataclass(slots=True)
class Booking:
    """Places on a departure. `wish` is what it was asked for with, to know it again.

    `plain` was made without our capability: its terms are OCTO's.
    """

    id: str
    uuid: str
    key: DepartureKey
    region: SellingRegion
    plain: bool
    wish: Json
    terms: Terms
    currency: str
    status: Status
    items: list[Item]
    supplier_reference: str
    reseller_reference: str | None
    contact: Json
    notes: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None
    answer_by: datetime | None = None
    confirmed_at: datetime | None = None
    cancellation: Cancellation | None = None
    tickets: list[Ticket] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def change(self) -> Change | None:
        """The latest change of its departure, as long as it is not for another one that somebody chose."""
        latest = self.changes[-1] if self.changes else None
        return None if latest is None or latest.answered is Answered.EXCHANGED else latest

    @property
    def fees(self) -> int:
        """What changing it has cost, in minor units."""
        return sum(move.fee for move in self.moves)

    @property
    def total(self) -> int:
        """The price of all, in minor units."""
        return sum(item.price for item in self.items)

    @property
    def valid_tickets(self) -> Iterator[Ticket]:
        """What its people travel with."""
        return (ticket for ticket in self.tickets if not ticket.void)


@dataclass(slots=True)
class Facts(core.Facts):
    """`sold_out` and `price_factor` are what faults did, `cancelled` the operators."""

    bookings: dict[tuple[str, str], Booking] = field(default_factory=dict)
    sold_out: set[DepartureKey] = field(default_factory=set)
    cancelled: set[DepartureKey] = field(default_factory=set)
    price_factor: dict[DepartureKey, Decimal] = field(default_factory=dict)
