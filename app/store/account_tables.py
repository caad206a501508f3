"""The tables of settlement: statements of partners' and carriers' accounts, and what settles or disputes them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from app.store.tables import Row, partial_index
from app.store.types import Constant, Instant, one_of


class AccountHolder(StrEnum):
    """Whose account a statement is of: a partner owes us, a carrier is owed by us."""

    PARTNER = "PARTNER"
    CARRIER = "CARRIER"


class StatementState(StrEnum):
    """OPEN is still to be paid, in whole or in part; SETTLED is paid or credited in full."""

    OPEN = "OPEN"
    SETTLED = "SETTLED"


class SettlementKind(StrEnum):
    """What lessens a statement: money that moved, or a credit note."""

    PAYMENT = "PAYMENT"
    CREDIT_NOTE = "CREDIT_NOTE"


class DisputeState(StrEnum):
    """How a dispute stands."""

    OPEN = "OPEN"
    UPHELD = "UPHELD"
    REJECTED = "REJECTED"


class LineKind(StrEnum):
    """What a statement bills: a booking, fees on it, what was given back of it, or what a partner earned on it."""

    BOOKING = "BOOKING"
    FEE = "FEE"
    REFUND = "REFUND"
    EXCHANGE = "EXCHANGE"
    COMMISSION = "COMMISSION"


class StatementRow(Row, table=True):
    """One closed cycle of one account in one currency; it bills the ledger's entries that name it.

    `total_minor` is what the holder owes us, or we owe it where it is a carrier; below zero, the other way round.
    `settled_minor` is how much of that was paid or credited, with the same sign.
    """

    __tablename__ = "statement"
    __table_args__ = (
        one_of("holder", AccountHolder),
        one_of("state", StatementState),
        UniqueConstraint("holder", "party", "currency", "ends_at"),
        Index("ix_statement_newest", "holder", "party", "ends_at", "id"),
        partial_index("ix_statement_open", "party", "due_on", where="state = 'OPEN'"),
    )

    id: str = Field(primary_key=True)
    holder: str
    party: str
    number: str = Field(unique=True)
    currency: str
    begins_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    zone: str
    due_on: date
    total_minor: int = Field(sa_type=BigInteger)
    settled_minor: int = Field(default=0, sa_type=BigInteger)
    state: str = Field(default=StatementState.OPEN, sa_type=Constant)
    created_at: datetime = Field(sa_type=Instant)


class StatementLineRow(Row, table=True):
    """One line of a statement as it was issued, counted from 1; together they are its total.

    `own_reference` is the holder's own for it: the partner's for the booking, the carrier's for its order.
    """

    __tablename__ = "statement_line"
    __table_args__ = (one_of("kind", LineKind),)

    statement_id: str = Field(primary_key=True, foreign_key="statement.id")
    position: int = Field(primary_key=True)
    kind: str
    booking_id: str = Field(foreign_key="booking.id")
    reference: str
    own_reference: str | None = None
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    at: datetime = Field(sa_type=Instant)


class SettlementRow(Row, table=True):
    """A payment that was recorded, or a credit note that was issued, for a statement; its amount is above zero.

    A payment goes the way the statement's total does: out of our bank where that is below zero.
    """

    __tablename__ = "settlement"
    __table_args__ = (one_of("kind", SettlementKind), Index("ix_settlement_statement", "statement_id"))

    id: str = Field(primary_key=True)
    statement_id: str = Field(foreign_key="statement.id")
    operation_id: str
    kind: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    reference: str
    day: date
    reason: str | None = None
    actor: str
    created_at: datetime = Field(sa_type=Instant)


class DisputeRow(Row, table=True):
    """What the holder of an account does not accept of a statement, and what became of it."""

    __tablename__ = "dispute"
    __table_args__ = (one_of("state", DisputeState), Index("ix_dispute_statement", "statement_id"))

    id: str = Field(primary_key=True)
    statement_id: str = Field(foreign_key="statement.id")
    operation_id: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    reason: str
    state: str = Field(default=DisputeState.OPEN, sa_type=Constant)
    resolution: str | None = None
    actor: str
    created_at: datetime = Field(sa_type=Instant)
    resolved_at: datetime | None = Field(default=None, sa_type=Instant)
