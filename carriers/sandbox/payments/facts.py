"""The provider's facts.

No card number is among them: of a card only brand and last four digits are kept.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.money import Money
from app.domain.payment import DeclineReason
from carriers.sandbox import core
from carriers.sandbox.exchange import Json
from carriers.sandbox.outgoing import Attempts


class State(StrEnum):
    """How far a charge has come."""

    OPEN = "open"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    CLOSED = "closed"


class Ending(StrEnum):
    """Why a charge took nothing."""

    CLOSED = "closed"
    EXPIRED = "expired"
    VOIDED = "voided"
    LAPSED = "lapsed"


@dataclass(slots=True)
class Challenge:
    """The issuer's question to the payer, at an address of its own. `card` is the token of the card it is about."""

    secret: str
    card: str
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back; `key` is that of the call that asked for it."""

    id: str
    amount: Money
    key: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Charge:
    """One card payment. `secret` opens its form, `key` is that of the call that opened it."""

    id: str
    secret: str
    key: str
    amount: Money
    payment: str
    reference: str
    origins: list[str]
    outcome_url: str
    locale: str
    expires_at: datetime
    created_at: datetime
    state: State = State.OPEN
    ending: Ending | None = None
    authorised_until: datetime | None = None
    captured: Money
    capturable: bool = True
    card: str | None = None
    declined: DeclineReason | None = None
    attempts: int = 0
    refunds: list[Refund] = field(default_factory=list)
    billing: dict[str, str] | None = None
    challenge: Challenge | None = None

    @property
    def refunded(self) -> Money:
        """All that was given back."""
        return sum((refund.amount for refund in self.refunds), Money.zero(self.amount.currency))


@dataclass(frozen=True, slots=True)
class Answered:
    """What a key was asked with, and what it answers from then on."""

    asked: str
    status: int
    data: Json


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where callbacks go."""

    id: str
    url: str


@dataclass(slots=True, kw_only=True)
class CallbackDelivery(Attempts):
    """One copy of one event on its way to one receiver."""

    id: str
    url: str
    event: Json


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ES256 key: its name, and the private number it is made of."""

    kid: str
    number: int


@dataclass(slots=True)
class Facts(core.Facts):
    """The first of `keys` signs; all of them are published."""

    seed: str
    keys: list[SigningKey] = field(default_factory=list)
    charges: dict[str, Charge] = field(default_factory=dict)
    answered: dict[str, Answered] = field(default_factory=dict)
    receivers: dict[str, Receiver] = field(default_factory=dict)
    deliveries: dict[str, CallbackDelivery] = field(default_factory=dict)
