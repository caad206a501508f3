"""The tables of after sales: quotes, changes from the carrier's side, and what our records and others' disagree on."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from app.store.tables import Row, partial_index
from app.store.types import Constant, Instant, Json, one_of


class QuoteKind(StrEnum):
    """What a quote is for."""

    REFUND = "REFUND"
    EXCHANGE = "EXCHANGE"
    SERVICES = "SERVICES"


class QuoteState(StrEnum):
    """PENDING waits for the carrier's answer, REFUSED is its no, READY can be confirmed, USED was."""

    PENDING = "PENDING"
    READY = "READY"
    REFUSED = "REFUSED"
    USED = "USED"


class QuoteRow(Row, table=True):
    """What a carrier would do, and for how much; bound to the booking's `version`, confirmed by `used_by` or never.

    `facts` are the domain quote of its kind, `operation_id` asked for it. PENDING ones are asked again at `check_at`.
    """

    __tablename__ = "quote"
    __table_args__ = (
        one_of("kind", QuoteKind),
        one_of("state", QuoteState),
        Index("ix_quote_booking", "booking_id"),
        Index("ix_quote_operation", "operation_id"),
        partial_index("ix_quote_check", "check_at", where="check_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    booking_id: str = Field(foreign_key="booking.id")
    operation_id: str
    kind: str
    state: str = Field(default=QuoteState.READY, sa_type=Constant)
    version: int
    facts: dict[str, Any] = Field(sa_type=Json)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    check_at: datetime | None = Field(default=None, sa_type=Instant)
    checks: int = 0
    used_by: str | None = None
    created_at: datetime = Field(sa_type=Instant)


class ChangeState(StrEnum):
    """How a change from the carrier's side stands; LAPSED was not answered in time, SUPERSEDED followed by another."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    EXCHANGED = "EXCHANGED"
    REFUNDED = "REFUNDED"
    LAPSED = "LAPSED"
    SUPERSEDED = "SUPERSEDED"


class CarrierChangeRow(Row, table=True):
    """A change that the carrier made to an item's order; `facts` are the domain CarrierChange, `ref` its id there."""

    __tablename__ = "carrier_change"
    __table_args__ = (
        one_of("state", ChangeState),
        Index("ix_carrier_change_booking", "booking_id"),
        Index("ix_carrier_change_ref", "item_id", "ref", unique=True),
        partial_index("ix_carrier_change_open", "deadline", where="state = 'OPEN'"),
    )

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    booking_id: str = Field(foreign_key="booking.id")
    item_id: str = Field(foreign_key="item.id")
    ref: str
    state: str = Field(default=ChangeState.OPEN, sa_type=Constant)
    facts: dict[str, Any] = Field(sa_type=Json)
    deadline: datetime | None = Field(default=None, sa_type=Instant)
    found_at: datetime = Field(sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)


class DiscrepancyKind(StrEnum):
    """What our records and another's disagree on."""

    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    MISSING_ORDER = "MISSING_ORDER"
    ORDER_STATE = "ORDER_STATE"
    ORDER_AMOUNT = "ORDER_AMOUNT"
    REFUND_UNTOLD = "REFUND_UNTOLD"
    UNKNOWN_CHARGE = "UNKNOWN_CHARGE"
    MISSING_CHARGE = "MISSING_CHARGE"
    CHARGE_STATE = "CHARGE_STATE"
    CHARGE_AMOUNT = "CHARGE_AMOUNT"
    REFUND_REFUSED = "REFUND_REFUSED"
    UNPAID_BALANCE = "UNPAID_BALANCE"
    STUCK = "STUCK"


class DiscrepancyState(StrEnum):
    """OPEN waits for a person; SETTLED was explained by one, or is no longer so."""

    OPEN = "OPEN"
    SETTLED = "SETTLED"


class DiscrepancyRow(Row, table=True):
    """A difference that nothing may repair by itself. `source` is the carrier's or provider's code, `ref` its record.

    `facts` hold both sides' states and amounts. `reason` is why it was settled, by `settled_by`.
    """

    __tablename__ = "discrepancy"
    __table_args__ = (
        one_of("kind", DiscrepancyKind),
        one_of("state", DiscrepancyState),
        partial_index("ix_discrepancy_open", "kind", "source", "ref", where="state = 'OPEN'", unique=True),
        Index("ix_discrepancy_newest", "found_at", "id"),
        Index("ix_discrepancy_booking", "booking_id"),
    )

    id: str = Field(primary_key=True)
    kind: str
    state: str = Field(default=DiscrepancyState.OPEN, sa_type=Constant)
    source: str
    ref: str
    partner_id: str | None = Field(default=None, foreign_key="partner.id")
    booking_id: str | None = Field(default=None, foreign_key="booking.id")
    item_id: str | None = Field(default=None, foreign_key="item.id")
    payment_id: str | None = Field(default=None, foreign_key="payment.id")
    facts: dict[str, Any] = Field(sa_type=Json)
    found_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_by: str | None = None
    reason: str | None = None
