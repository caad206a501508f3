"""The tables. States are strings with a CHECK, money is integer minor units, every owned row carries its partner."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, MetaData, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.domain.booking import BookingState, ItemState, TicketingStatus, TicketStatus
from app.store.types import Constant, Instant, Json, one_of

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over just the rows that meet the condition, on both databases."""
    condition = text(where)
    return Index(name, *columns, unique=unique, postgresql_where=condition, sqlite_where=condition)


class Row(SQLModel):
    """What all tables share: names for constraints that migrations can rely on."""

    metadata = MetaData(naming_convention=_NAMES)


class PaymentMethod(StrEnum):
    """How a payment is made."""

    ON_ACCOUNT = "ON_ACCOUNT"
    CARD = "CARD"


class PaymentStatus(StrEnum):
    """How far one payment has come: PENDING waits for the payer, AUTHORISED reserves credit or the card's amount.

    EXPIRED was not paid in time, FAILED was authorised and could not be taken.
    """

    PENDING = "PENDING"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    VOIDED = "VOIDED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


class OperationState(StrEnum):
    """OPEN is under way or waiting to be taken up; STUCK waits for a person."""

    OPEN = "OPEN"
    DONE = "DONE"
    REFUSED = "REFUSED"
    STUCK = "STUCK"


class StepState(StrEnum):
    """ASKING may have reached the other side; FREE certainly has not."""

    ASKING = "ASKING"
    FREE = "FREE"
    SETTLED = "SETTLED"
    REFUSED = "REFUSED"
    STUCK = "STUCK"


class PartnerRow(Row, table=True):
    """A partner; `terms` is the domain Partner without id and name. Its row lock guards its credit."""

    __tablename__ = "partner"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    terms: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)


class BookingRow(Row, table=True):
    """A booking's headline facts; `version` grows with every change, quotes are bound to it.

    `deposit_minor` is what has to be paid before anything is confirmed, None where that is everything. `kept_minor` is
    what of ended items stays to be paid: the fees of refunds. After a deposit, the rest is due at `balance_due_at`.
    """

    __tablename__ = "booking"
    __table_args__ = (
        one_of("state", BookingState),
        Index("ix_booking_newest", "partner_id", "created_at", "id"),
        partial_index("ix_booking_unpaid", "pay_by", where="state IN ('HELD', 'REQUESTED')"),
        partial_index("ix_booking_balance", "balance_due_at", where="balance_due_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    reference: str = Field(unique=True)
    partner_reference: str | None = None
    state: str = Field(sa_type=Constant)
    currency: str
    total_minor: int = Field(sa_type=BigInteger)
    kept_minor: int = Field(default=0, sa_type=BigInteger)
    deposit_minor: int | None = Field(default=None, sa_type=BigInteger)
    warned_at: datetime | None = Field(default=None, sa_type=Instant)
    balance_due_at: datetime | None = Field(default=None, sa_type=Instant)
    balance_warned_at: datetime | None = Field(default=None, sa_type=Instant)
    pay_by: datetime | None = Field(default=None, sa_type=Instant)
    departs_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)


class ItemRow(Row, table=True):
    """One carrier's part. `offer` and `price` are domain values; `flights` are the keys duplicates are told by.

    `passengers` maps traveller ids to the carrier's passenger references, `services` are the domain's BookedServices.
    It `replaces` the item that was exchanged for it; `kept_minor` is what a refund left to be paid for it, by the
    carrier's `refund_terms`. Its order is looked at next at `check_order_at`. What was asked for is answered by
    `answer_by`, and looked at at `check_request_at`. `stuck` says what a person must mend.
    """

    __tablename__ = "item"
    __table_args__ = (
        one_of("state", ItemState),
        one_of("ticketing", TicketingStatus),
        Index("ix_item_booking", "booking_id", "position"),
        Index("ix_item_order", "carrier", "order_ref"),
        partial_index("ix_item_tickets_due", "check_tickets_at", where="ticketing = 'PENDING'"),
        partial_index("ix_item_order_due", "check_order_at", where="check_order_at IS NOT NULL"),
        partial_index("ix_item_request_due", "check_request_at", where="state = 'REQUESTED'"),
        partial_index("ix_item_stuck", "booking_id", where="stuck IS NOT NULL"),
    )

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    booking_id: str = Field(foreign_key="booking.id")
    position: int
    carrier: str
    state: str = Field(default=ItemState.NEW, sa_type=Constant)
    ticketing: str = Field(default=TicketingStatus.NOT_STARTED, sa_type=Constant)
    inventory_held: bool = False
    offer: dict[str, Any] | None = Field(default=None, sa_type=Json)
    price: dict[str, Any] = Field(sa_type=Json)
    passengers: dict[str, str] = Field(sa_type=Json)
    flights: str = ""
    order_ref: str | None = None
    order_reference: str | None = None
    pay_by: datetime | None = Field(default=None, sa_type=Instant)
    price_guaranteed_until: datetime | None = Field(default=None, sa_type=Instant)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    check_tickets_at: datetime | None = Field(default=None, sa_type=Instant)
    ticket_checks: int = 0
    services: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    replaces: str | None = None
    kept_minor: int = Field(default=0, sa_type=BigInteger)
    refund_terms: str | None = None
    check_order_at: datetime | None = Field(default=None, sa_type=Instant)
    order_checks: int = 0
    answer_by: datetime | None = Field(default=None, sa_type=Instant)
    check_request_at: datetime | None = Field(default=None, sa_type=Instant)
    request_checks: int = 0
    stuck: str | None = None


class TravellerRow(Row, table=True):
    """One version of one traveller: the only home of personal facts. `document` is sealed; erasing blanks the row."""

    __tablename__ = "traveller"
    __table_args__ = (
        Index("ix_traveller_booking", "booking_id", "position"),
        Index("ix_traveller_name", "partner_id", "name_key"),
    )

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True, default=1)
    current: bool = True
    partner_id: str = Field(foreign_key="partner.id")
    booking_id: str = Field(foreign_key="booking.id")
    position: int
    type: str
    infant_id: str | None = None
    title: str | None
    gender: str | None
    given_name: str | None
    family_name: str | None
    name_key: str | None
    born_on: date | None
    email: str | None
    phone: str | None
    loyalty: list[dict[str, Any]] = Field(sa_type=Json)
    assistance: list[str] = Field(sa_type=Json)
    document: str | None = None
    erased_at: datetime | None = Field(default=None, sa_type=Instant)


class TicketRow(Row, table=True):
    """A ticket as the carrier issued it to one traveller; `replaces` is the one it was exchanged for."""

    __tablename__ = "ticket"
    __table_args__ = (
        one_of("status", TicketStatus),
        UniqueConstraint("item_id", "number", "traveller_id"),
        Index("ix_ticket_booking", "booking_id"),
    )

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    booking_id: str = Field(foreign_key="booking.id")
    item_id: str = Field(foreign_key="item.id")
    traveller_id: str
    number: str
    status: str = Field(default=TicketStatus.VALID, sa_type=Constant)
    coupons: dict[str, str] = Field(sa_type=Json)
    replaces: str | None = None
    issued_at: datetime = Field(sa_type=Instant)


class PaymentRow(Row, table=True):
    """One payment for a booking, or for the change of it in `quote_id`. `reference` is the partner's own for it.

    A card payment is a charge at a provider: `charge` is its id there, `form_url` where the payer gives the card until
    `expires_at`, `check_at` when we look at it next. `card` is as it may be shown, `declined` why the latest was.
    """

    __tablename__ = "payment"
    __table_args__ = (
        one_of("method", PaymentMethod),
        one_of("status", PaymentStatus),
        Index("ix_payment_booking", "booking_id"),
        Index("ix_payment_charge", "provider", "charge", unique=True),
        partial_index("ix_payment_reserved", "partner_id", "currency", where="status = 'AUTHORISED'"),
        partial_index("ix_payment_check", "check_at", where="check_at IS NOT NULL"),
        partial_index("ix_payment_failed", "booking_id", where="status = 'FAILED'"),
    )

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    booking_id: str = Field(foreign_key="booking.id")
    operation_id: str
    method: str
    status: str = Field(default=PaymentStatus.AUTHORISED, sa_type=Constant)
    amount_minor: int = Field(sa_type=BigInteger)
    refunded_minor: int = Field(default=0, sa_type=BigInteger)
    currency: str
    reference: str | None = None
    quote_id: str | None = Field(default=None, foreign_key="quote.id")
    provider: str | None = None
    charge: str | None = None
    form_url: str | None = None
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    check_at: datetime | None = Field(default=None, sa_type=Instant)
    checks: int = 0
    card: str | None = None
    declined: str | None = None
    attempts: int = 0
    created_at: datetime = Field(sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)


class EntryRow(Row, table=True):
    """One line of the double-entry ledger: debits positive, credits negative, balanced per posting and currency.

    `party` names the partner or carrier that the account is kept with, `statement_id` what statement bills the line, or
    is settled by it. What settles an account belongs to no booking, and what settles a carrier's to no partner.
    """

    __tablename__ = "entry"
    __table_args__ = (
        Index("ix_entry_booking", "booking_id"),
        Index("ix_entry_balance", "account", "party", "currency"),
        Index("ix_entry_statement", "statement_id"),
        partial_index(
            "ix_entry_unbilled",
            "account",
            "party",
            "currency",
            "at",
            where="statement_id IS NULL AND account IN ('PARTNER', 'CARRIER')",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    posting: str
    partner_id: str | None = Field(default=None, foreign_key="partner.id")
    booking_id: str | None = Field(default=None, foreign_key="booking.id")
    item_id: str | None = None
    account: str
    party: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    kind: str
    statement_id: str | None = Field(default=None, foreign_key="statement.id")
    at: datetime = Field(sa_type=Instant)


class EventRow(Row, table=True):
    """One line of a booking's timeline, and the outbox: `announced` once every endpoint that wants it has a delivery.

    `facts` hold ids and amounts, never personal data.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_booking", "booking_id", "id"),
        partial_index("ix_event_outbox", "id", where="NOT announced"),
        partial_index("ix_event_refund", "booking_id", where="kind IN ('REFUND_FAILED', 'REFUND_PENDING')"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    booking_id: str = Field(foreign_key="booking.id")
    item_id: str | None = None
    operation_id: str | None = None
    kind: str
    actor: str
    facts: dict[str, Any] = Field(sa_type=Json)
    announced: bool = False
    at: datetime = Field(sa_type=Instant)


class OperationRow(Row, table=True):
    """One verb under way or ended; it is also the idempotency row. `due_at` is schedule and claim in one.

    `fence` grows with every claim; a step settles only while its run holds the newest.
    """

    __tablename__ = "operation"
    __table_args__ = (
        one_of("state", OperationState),
        UniqueConstraint("partner_id", "key"),
        partial_index("ix_operation_changing", "booking_id", where="state IN ('OPEN', 'STUCK')", unique=True),
        partial_index("ix_operation_due", "due_at", where="state = 'OPEN'"),
        Index("ix_operation_booking", "booking_id"),
    )

    id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.id")
    booking_id: str | None = Field(default=None, foreign_key="booking.id")
    key: str
    verb: str
    input_hash: str
    input: dict[str, Any] = Field(sa_type=Json)
    actor: str
    state: str = Field(default=OperationState.OPEN, sa_type=Constant)
    fence: int = 1
    due_at: datetime = Field(sa_type=Instant)
    failures: int = 0
    refusal: dict[str, Any] | None = Field(default=None, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class StepRow(Row, table=True):
    """One outside call of an operation. `quiet_at` is when a lost answer can no longer take effect unseen."""

    __tablename__ = "step"
    __table_args__ = (one_of("state", StepState),)

    operation_id: str = Field(primary_key=True, foreign_key="operation.id")
    name: str = Field(primary_key=True)
    item_id: str = Field(primary_key=True, default="")
    state: str = Field(default=StepState.ASKING, sa_type=Constant)
    key: str = Field(index=True)
    request: Any = Field(sa_type=Json)
    answer: Any = Field(default=None, sa_type=Json)
    attempts: int = 1
    troubles: int = 0
    asked_first_at: datetime = Field(sa_type=Instant)
    send_by: datetime = Field(sa_type=Instant)
    quiet_at: datetime = Field(sa_type=Instant)
    problem: str | None = None


class InboxRow(Row, table=True):
    """One event heard from a carrier or a payment provider, kept once however often it is delivered.

    `jti` is the id of the token it came with first, which vouches for no other event.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ix_inbox_key", "key"),
        Index("ix_inbox_order", "source", "order_ref"),
        Index("ix_inbox_jti", "source", "jti", unique=True),
    )

    source: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    kind: str
    order_ref: str | None = None
    key: str | None = None
    jti: str | None = None
    heard_at: datetime = Field(sa_type=Instant)
