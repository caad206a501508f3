"""The tables of what partners are told: their endpoints, and each event's delivery to each of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.store.tables import Row, partial_index
from app.store.types import Constant, Instant, Json, one_of


class EndpointFormat(StrEnum):
    """How an endpoint is spoken to."""

    PAYMENT_CALLBACK = "PAYMENT_CALLBACK"
    STANDARD_WEBHOOKS = "STANDARD_WEBHOOKS"


class DeliveryState(StrEnum):
    """How far a delivery has come; FAILED was tried for days, and can be replayed."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class EndpointRow(Row, table=True):
    """Where a partner is told of its bookings' `events`, all where there are none; `secret` is sealed.

    It signs Standard Webhooks. A removed endpoint is no longer `active`, and stays for the deliveries it had.
    """

    __tablename__ = "endpoint"
    __table_args__ = (one_of("format", EndpointFormat), UniqueConstraint("partner_id", "url", "format"))

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    url: str
    format: str
    events: list[str] = Field(sa_type=Json)
    secret: str | None = None
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)


class DeliveryRow(Row, table=True):
    """One event's way to one endpoint. `next_at` is when it is tried next; `answer` how the last try ended.

    `attempts` counts since it was made or last replayed. Its partner and booking are its event's: without foreign keys
    of their own, so that writing a delivery never waits for an operation that has them locked, nor holds one up.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("state", DeliveryState),
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_delivery_newest", "partner_id", "created_at", "id"),
        Index("ix_delivery_booking", "booking_id"),
        partial_index("ix_delivery_due", "endpoint_id", "next_at", where="state = 'PENDING'"),
    )

    id: str = Field(primary_key=True)
    partner_id: str
    endpoint_id: str = Field(foreign_key="endpoint.id")
    booking_id: str
    event_id: int = Field(foreign_key="event.id")
    kind: str
    state: str = Field(default=DeliveryState.PENDING, sa_type=Constant)
    attempts: int = 0
    next_at: datetime = Field(sa_type=Instant)
    answer: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    delivered_at: datetime | None = Field(default=None, sa_type=Instant)
