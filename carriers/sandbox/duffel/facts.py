"""The world's facts."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.money import Money
from carriers.sandbox import core
from carriers.sandbox.duffel.booked import BookedSlice
from carriers.sandbox.duffel.change_facts import ChangeRequest, OrderChange
from carriers.sandbox.duffel.fares import Price
from carriers.sandbox.duffel.itineraries import Journey
from carriers.sandbox.duffel.search import Offer, Search
from carriers.sandbox.exchange import Json
from carriers.sandbox.outgoing import Attempts


class OrderState(StrEnum):
    """What the airline knows of an order."""

    HELD = "held"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(slots=True)
class Document:
    """A ticket. It is `issued`, then `exchanged`, or `refunded` or `void` when its order is cancelled."""

    number: str
    passenger_id: str
    issued_at: datetime
    state: str = "issued"
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """A seat or a bag booked with an order: on these flights, so many of it, for so much in all.

    `mark` is what it takes from the flights, the same for every order.
    """

    id: str
    mark: str
    type: str
    passenger_id: str
    flights: tuple[str, ...]
    quantity: int
    price: Money
    metadata: Json


@dataclass(slots=True)
class Order:
    """A booking with the airline: the offer it was ordered from, and what it flies now."""

    id: str
    offer: Offer
    slices: tuple[BookedSlice, ...]
    booking_reference: str
    created_at: datetime
    passengers: list[Json]
    metadata: dict[str, str]
    agreed: Price
    pay_by: datetime | None = None
    guaranteed_until: datetime | None = None
    factor: Decimal = Decimal(1)
    state: OrderState = OrderState.HELD
    held: bool = False
    paid_at: datetime | None = None
    paid_type: str | None = None
    cancelled_at: datetime | None = None
    documents: list[Document] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)

    @property
    def flights(self) -> Journey:
        """Every flight of every journey."""
        return tuple(flight for piece in self.slices for flight in piece.journey)

    @property
    def departs(self) -> datetime:
        """The first departure, in local time."""
        return self.slices[0].journey[0].departs

    @property
    def live_documents(self) -> list[Document]:
        """The tickets that can be flown with."""
        return [document for document in self.documents if document.state == "issued"]


@dataclass(frozen=True, slots=True)
class Charge:
    """Money taken from the agency's balance, for an order or for its change."""

    id: str
    order_id: str
    amount: Money
    type: str
    at: datetime
    change_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money, or credit with the airline, given back by a cancellation or a change."""

    id: str
    order_id: str
    cancellation_id: str | None
    amount: Money
    to: str
    at: datetime
    change_id: str | None = None


@dataclass(slots=True)
class Cancellation:
    """A quote to cancel an order, confirmed or not. `told`: whether it says what comes back, which may be later."""

    id: str
    order_id: str
    created_at: datetime
    expires_at: datetime
    refund: Money
    told: bool
    to: str
    confirmed_at: datetime | None = None


@dataclass(slots=True)
class AirlineChange:
    """What the airline did to one journey of an order; `after` is None where it no longer flies it."""

    id: str
    order_id: str
    before: BookedSlice
    after: BookedSlice | None
    created_at: datetime
    action_taken: str | None = None
    action_taken_at: datetime | None = None

    @property
    def departs(self) -> datetime:
        """When the journey begins, or would have begun."""
        return (self.after or self.before).journey[0].departs


@dataclass(slots=True)
class Webhook:
    """A registered receiver."""

    id: str
    url: str
    events: list[str]
    secret: str
    created_at: datetime
    active: bool = True


@dataclass(slots=True, kw_only=True)
class WebhookDelivery(Attempts):
    """One event on its way to one receiver."""

    id: str
    webhook_id: str
    event: Json


@dataclass(slots=True)
class Facts(core.Facts):
    """The whole mutable state of the world."""

    searches: dict[str, Search] = field(default_factory=dict)
    sold: dict[str, int] = field(default_factory=dict)
    offer_factor: dict[str, Decimal] = field(default_factory=dict)
    offer_reads: dict[str, int] = field(default_factory=dict)
    # The marks of services that others took while somebody asked for them.
    services_gone: set[str] = field(default_factory=set)
    orders: dict[str, Order] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)
    cancellations: dict[str, Cancellation] = field(default_factory=dict)
    change_requests: dict[str, ChangeRequest] = field(default_factory=dict)
    # From when on the airline quotes what cancelling an order gives back.
    quoted_from: dict[str, datetime] = field(default_factory=dict)
    changes: dict[str, OrderChange] = field(default_factory=dict)
    airline_changes: dict[str, AirlineChange] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    deliveries: dict[str, WebhookDelivery] = field(default_factory=dict)
    magic_used: set[str] = field(default_factory=set)
