"""What everything above knows of a payment provider: its profile, its verbs, and what each verb promises.

A charge is the provider's one record of one card payment, from the form the payer sees to the last refund. Money moves
at the provider only; no card data ever reaches the gateway.

Every verb raises `Refusal` (it said no, nothing happened), `Trouble` (no answer possible, nothing happened) or, where
it changes something, `Unknown` (asked, did not hear). Reads never raise Unknown: a lost read is Trouble.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from app.domain.money import Money, total
from app.domain.payment import BillingAddress, DeclineReason
from app.domain.recovery import Call, Recovery


class PaymentVerb(StrEnum):
    """The verbs that change something at the provider, whose answer may be lost."""

    OPEN = "OPEN"
    CLOSE = "CLOSE"
    AUTHORISE = "AUTHORISE"
    CAPTURE = "CAPTURE"
    VOID = "VOID"
    REFUND = "REFUND"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderProfile:
    """One payment provider as the gateway knows it; `write_deadline` bounds one changing call.

    A refund reaches the card's holder within `refund_arrival`, by the provider's own documentation.
    """

    code: str
    name: str
    family: str
    recovery: Mapping[PaymentVerb, Recovery]
    write_deadline: timedelta
    refund_arrival: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionWish:
    """What a payer is to be shown a card form for.

    `payment` is our payment's id, `reference` the booking reference the payer reads. The form refuses cards after
    `expires_at`. It may be framed by exactly the `origins`, and tells them, and nobody else, how it went; to know that
    it asks `outcome_url`. `locale` is a BCP 47 tag for its words and amounts.
    """

    payment: str
    reference: str
    amount: Money
    expires_at: datetime
    origins: tuple[str, ...]
    outcome_url: str
    locale: str


class ChargeState(StrEnum):
    """How far a charge has come.

    OPEN waits for the payer, a decline included: another card may follow. AUTHORISED reserves the amount. CAPTURED took
    it, in whole or in part, and released the rest. CLOSED took nothing and never will: expired, closed or voided.
    """

    OPEN = "OPEN"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderRefund:
    """Money given back from a captured charge; `key` is that of the call that asked for it."""

    ref: str
    amount: Money
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """The provider's record of one card payment; nothing personal is in it.

    `captured` and `refunds` are what moved so far. `card` is as it may be shown, such as `Visa 4242`. `declined` is
    why the latest card was, while the charge is still OPEN. An authorisation lapses at `authorised_until`.
    """

    ref: str
    state: ChargeState
    amount: Money
    captured: Money
    form_url: str | None = None
    expires_at: datetime | None = None
    authorised_until: datetime | None = None
    card: str | None = None
    declined: DeclineReason | None = None
    attempts: int = 0
    refunds: tuple[ProviderRefund, ...] = ()

    @property
    def refunded(self) -> Money:
        """All that was given back."""
        return total((refund.amount for refund in self.refunds), self.amount.currency)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedCharge:
    """A charge as the provider lists it; `payment` is the one it says it was opened for, None where it names none.

    Whoever shares the account may name payments too: only our own records tell whether it is one of ours.
    """

    charge: Charge
    payment: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HeardPayment:
    """One callback: a hint to look at the charge. `event` identifies it across repeated deliveries.

    `jti` is the id of the token that vouched for this event, where the provider signs each one with its own.
    """

    event: str
    kind: str
    charge: str
    jti: str | None = None


class PaymentProvider(Protocol):
    """One company that takes cards."""

    @property
    def profile(self) -> ProviderProfile:
        """Who it is, and how its lost answers are resolved."""
        ...

    async def open(self, wish: SessionWish, call: Call) -> Charge:
        """A new charge, OPEN, with the address of its form."""
        ...

    async def close(self, ref: str, call: Call) -> Charge:
        """Take no card any more. The answer is final: CLOSED, or AUTHORISED or CAPTURED where a card came first."""
        ...

    async def authorise(self, ref: str, card: str, call: Call) -> Charge:
        """Reserve the amount on the card this token stands for; PaymentDeclined says why not. A key is one attempt.

        A card that asks for a challenge leaves the charge OPEN: the payer answers it in the provider's form.
        """
        ...

    async def capture(self, ref: str, amount: Money, call: Call) -> Charge:
        """Take this much of what is authorised, once, and release the rest; CaptureRefused when it is not there."""
        ...

    async def void(self, ref: str, call: Call) -> Charge:
        """Release an authorisation; a charge that is CLOSED already is success, one that is CAPTURED is not."""
        ...

    async def refund(self, ref: str, amount: Money, call: Call) -> ProviderRefund:
        """Give back this much of what was captured, to the card it came from; RefundRefused when it is not there."""
        ...

    async def charge(self, ref: str) -> Charge:
        """The charge as it is now; NotFound when the provider has none."""
        ...

    async def charges(self, *, since: datetime) -> Sequence[ListedCharge]:
        """Every charge of the account made at or after `since` by the provider's clock, newest first, whoever made it.

        A list may tell no attempts; a charge that cannot be read is left out.
        """
        ...

    async def find(self, key: str, *, since: datetime) -> Charge | None:
        """The charge our `open` with this key made at or after `since`; None when there is none."""
        ...

    async def billing(self, ref: str) -> BillingAddress | None:
        """Where the payer of the charge is billed; None where nobody said."""
        ...

    async def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[HeardPayment]:
        """The events in a callback, its signature verified before it is parsed; Access when it is not theirs."""
        ...
