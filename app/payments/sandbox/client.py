"""The sandbox provider behind the payment contract: each verb in its calls, and what becomes of a no."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from app.domain.clock import Clock
from app.domain.errors import Access, AccessCode, Trouble, Unknown
from app.domain.money import Money
from app.domain.payment import BillingAddress
from app.domain.recovery import Call
from app.payments.contract import (
    Charge,
    HeardPayment,
    ListedCharge,
    PaymentVerb,
    ProviderProfile,
    ProviderRefund,
    SessionWish,
)
from app.payments.sandbox import errors, hear
from app.payments.sandbox.calls import Calls, path
from app.payments.sandbox.errors import Declined, Incomplete, Json
from app.signing.callbacks import CallbackVerifier

_SIGNATURE = "payment-signature"
# Our clock and the provider's differ by less.
_CLOCK_SKEW = timedelta(minutes=5)


class SandboxPayments:
    """One account with the sandbox provider. Without a verifier it hears no callbacks."""

    def __init__(
        self, profile: ProviderProfile, calls: Calls, clock: Clock, verifier: CallbackVerifier | None = None
    ) -> None:
        self._profile = profile
        self._calls = calls
        self._clock = clock
        self._verifier = verifier

    @property
    def profile(self) -> ProviderProfile:
        """Who it is, and how its lost answers are resolved."""
        return self._profile

    async def open(self, wish: SessionWish, call: Call) -> Charge:
        """A new charge, OPEN, with the address of its form."""
        return await self._changed(PaymentVerb.OPEN, path("charges"), _session(wish), call)

    async def close(self, ref: str, call: Call) -> Charge:
        """Take no card any more; what came first stays."""
        return await self._changed(PaymentVerb.CLOSE, path("charges", ref, "close"), {}, call)

    async def authorise(self, ref: str, card: str, call: Call) -> Charge:
        """Reserve the amount on a kept card; PaymentDeclined, or WrongState once the charge is OPEN no more."""
        return await self._changed(PaymentVerb.AUTHORISE, path("charges", ref, "authorise"), {"card": card}, call)

    async def capture(self, ref: str, amount: Money, call: Call) -> Charge:
        """Take this much, once, and release the rest; CaptureRefused."""
        return await self._changed(PaymentVerb.CAPTURE, path("charges", ref, "capture"), _amount(amount), call)

    async def void(self, ref: str, call: Call) -> Charge:
        """Release an authorisation; WrongState where it was captured."""
        return await self._changed(PaymentVerb.VOID, path("charges", ref, "void"), {}, call)

    async def refund(self, ref: str, amount: Money, call: Call) -> ProviderRefund:
        """Give this much back; RefundRefused."""
        with _no_to(PaymentVerb.REFUND), _done():
            answer = await self._calls.change(path("charges", ref, "refunds"), _amount(amount), call)
            return hear.refund(answer, amount.currency)

    async def charge(self, ref: str) -> Charge:
        """The charge as it is now; NotFound."""
        with _reading():
            return hear.charge(await self._calls.get(path("charges", ref)))

    async def charges(self, *, since: datetime) -> Sequence[ListedCharge]:
        """Every charge of the account made at or after `since`, newest first, page by page."""
        found: list[ListedCharge] = []
        query = {"since": since.isoformat()}
        with _reading():
            while True:
                listed, after = hear.page(await self._calls.get(path("charges"), query))
                found += listed
                if after is None:
                    return found
                query["after"] = after

    async def find(self, key: str, *, since: datetime) -> Charge | None:
        """The charge our `open` with this key made at or after `since`."""
        with _reading():
            listed = await self._calls.get(path("charges"), {"key": key})
            return hear.first_since(listed, since - _CLOCK_SKEW)

    async def billing(self, ref: str) -> BillingAddress | None:
        """Where the payer is billed; None where nobody said."""
        try:
            return hear.billing(await self._calls.get(path("charges", ref, "billing")))
        except Declined as no:
            if no.code == errors.NO_BILLING:
                return None
            raise errors.unknown_charge() from None

    async def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[HeardPayment]:
        """The event in a callback, verified on the raw body first; Access when it is not theirs."""
        if self._verifier is None:
            raise Access(AccessCode.UNAUTHENTICATED, f"{self._profile.name} is not set up to be heard.")
        token = next((value for name, value in headers.items() if name.lower() == _SIGNATURE), "")
        claims = await self._verifier.verify(token, body, self._clock.now())
        return hear.events(claims["event"], claims["jti"], body)

    async def _changed(self, verb: PaymentVerb, where: str, body: Json, call: Call) -> Charge:
        with _no_to(verb), _done():
            return hear.charge(await self._calls.change(where, body, call))


def _session(wish: SessionWish) -> Json:
    return {
        **_amount(wish.amount),
        "currency": wish.amount.currency,
        "payment": wish.payment,
        "reference": wish.reference,
        "expires_at": wish.expires_at.isoformat(),
        "origins": list(wish.origins),
        "outcome_url": wish.outcome_url,
        "locale": wish.locale,
    }


def _amount(amount: Money) -> Json:
    return {"amount_minor": amount.minor}


@contextmanager
def _no_to(verb: PaymentVerb) -> Iterator[None]:
    """The provider's no as our Refusal."""
    try:
        yield
    except Declined as no:
        raise errors.refusal(no, verb) from None


@contextmanager
def _done() -> Iterator[None]:
    """An answer to a write that lacks what we need is Unknown: it was done."""
    try:
        yield
    except Incomplete as error:
        raise Unknown(str(error)) from None


@contextmanager
def _reading() -> Iterator[None]:
    """An answer to a read that lacks what we need is Trouble, a no means that there is no such charge."""
    try:
        yield
    except Incomplete as error:
        raise Trouble(str(error)) from None
    except Declined:
        raise errors.unknown_charge() from None
