"""The tables of what partners are told: their endpoints, and each event's delivery to each of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.store.tables import Row, partial_index
from app.store.types import Instant, Json, one_of


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
    """Where a partner is told of its bookings' `events`; `secret` is sealed, and signs Standard Webhooks."""

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
    """One event's way to one endpoint. `next_at` is when it is tried next; `answer` what the endpoint last said."""

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("state", DeliveryState),
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_delivery_newest", "partner_id", "created_at", "id"),
        partial_index("ix_delivery_due", "next_at", where="state = 'PENDING'"),
    )

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    endpoint_id: str = Field(foreign_key="endpoint.id")
    booking_id: str = Field(foreign_key="booking.id")
    event_id: int = Field(foreign_key="event.id")
    kind: str
    state: str = DeliveryState.PENDING
    attempts: int = 0
    next_at: datetime = Field(sa_type=Instant)
    answer: str | None = None
    facts: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    delivered_at: datetime | None = Field(default=None, sa_type=Instant)
