"""Stripe behind the provider contract: a charge is a PaymentIntent whose money is taken by hand.

Of the verbs, opening and refunding lean on Stripe's idempotency keys. An intent can be confirmed, captured and
cancelled only once, whatever the key: there the intent's own state tells what an unclear answer meant.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from stripe import RequestOptions
from stripe.params import PaymentIntentConfirmParams, PaymentIntentCreateParams

from app.domain.clock import Clock
from app.domain.errors import (
    CaptureRefused,
    InvalidInput,
    NotFound,
    PaymentDeclined,
    PaymentTooLate,
    RefundRefused,
    Refusal,
    Trouble,
    Unknown,
    WrongState,
)
from app.domain.money import Money
from app.domain.payment import BillingAddress
from app.domain.recovery import Call
from app.payments.contract import (
    Charge,
    ChargeState,
    HeardPayment,
    ProviderProfile,
    ProviderRefund,
    SessionWish,
)
from app.payments.stripe import declines, hear, metadata, say, webhooks
from app.payments.stripe.calls import Calls
from app.payments.stripe.errors import No, SpentKey, reading, writing
from app.payments.stripe.form import FormFacts, form_facts
from app.payments.stripe.hear import Incomplete, Json
from app.signing.links import FormLinks

_PAGE: Final = 100
# Our clock and Stripe's differ by less.
_CLOCK_SKEW: Final = timedelta(minutes=5)
# How far back an intent is looked for whose key answers with nothing but a fault.
_KEY_LIFE: Final = timedelta(days=1)
# docs.stripe.com/error-codes: what a person has to look at, for nothing was given back.
_NOT_REFUNDABLE: Final = frozenset(
    {
        "charge_already_refunded",
        "charge_disputed",
        "charge_not_refundable",
        "insufficient_funds",
        "balance_insufficient",
    }
)
_NOT_CAPTURABLE: Final = frozenset({"charge_expired_for_capture"})
_NOT_PAYABLE: Final = frozenset({"amount_too_small", "amount_too_large"})


class Stripe:
    """One account with Stripe. `webhook_secret` verifies what it hears, `links` address the forms it shows.

    `public_key` and `script_url` are what those forms are opened with.
    """

    def __init__(
        self,
        profile: ProviderProfile,
        calls: Calls,
        clock: Clock,
        links: FormLinks,
        *,
        webhook_secret: str,
        public_key: str,
        script_url: str,
    ) -> None:
        self._profile = profile
        self._calls = calls
        self._clock = clock
        self._links = links
        self._webhook_secret = webhook_secret
        self.public_key = public_key
        self.script_url = script_url

    @property
    def profile(self) -> ProviderProfile:
        """Who it is, and how its lost answers are resolved."""
        return self._profile

    async def open(self, wish: SessionWish, call: Call) -> Charge:
        """A PaymentIntent without a card; asked again with the same key it is the same one."""
        parameters = say.intent(wish, call.key)
        try:
            return await self._open(parameters, call, call.key)
        except SpentKey:
            # An intent nobody was shown can be paid by nobody, so a second one does no harm.
            found = await self.find(call.key, since=self._clock.now() - _KEY_LIFE)
            return found or await self._open(parameters, call, None)

    async def close(self, ref: str, call: Call) -> Charge:
        """Cancel the intent unless a card came first."""
        charge = await self.charge(ref)
        return charge if charge.state is not ChargeState.OPEN else await self._cancel(ref, call)

    async def authorise(self, ref: str, card: str, call: Call) -> Charge:
        """Confirm the intent with a payment method or confirmation token; PaymentTooLate after the session's end."""
        parameters = say.confirmation(card)
        charge = await self.charge(ref)
        if charge.state is not ChargeState.OPEN:
            return _authorised(charge)
        if charge.expires_at is not None and self._clock.now() >= charge.expires_at:
            raise PaymentTooLate(message="The time to pay has passed.", pay_by=charge.expires_at)
        try:
            return await self._confirm(ref, parameters, call)
        except No as no:
            return await self._not_authorised(no, ref)

    async def capture(self, ref: str, amount: Money, call: Call) -> Charge:
        """Take this much and release the rest; taken already is success."""
        parameters = say.capture(amount)
        try:
            with writing():
                # No key of ours: Stripe would answer with an old fault for a day, and an intent is captured only once.
                told = await self._calls.writer(call).payment_intents.capture_async(ref, parameters)
            return self._written(told.to_dict())
        except No as no:
            return await self._not_captured(no, ref, amount)

    async def void(self, ref: str, call: Call) -> Charge:
        """Cancel the intent, which releases what it reserved; WrongState when it was captured."""
        charge = await self._cancel(ref, call)
        if charge.state is ChargeState.CLOSED:
            return charge
        raise WrongState(message="The charge was captured: refund it.", state=charge.state)

    async def refund(self, ref: str, amount: Money, call: Call) -> ProviderRefund:
        """Give back; looked for first, because Stripe forgets keys after a day."""
        for told in await self._refunds(ref):
            if metadata.key(told) == call.key:
                return _given(told)
        try:
            return _given(await self._refund(ref, amount, call))
        except No as no:
            raise await self._not_refunded(no, ref, amount) from None
        except Incomplete as error:
            raise Unknown(str(error)) from None

    async def charge(self, ref: str) -> Charge:
        """The intent as it is now, with its refunds."""
        return await self._heard(await self._intent(ref))

    async def find(self, key: str, *, since: datetime) -> Charge | None:
        """The intent whose metadata carries the key. Stripe's search lags behind, its lists do not."""
        earliest = int((since - _CLOCK_SKEW).timestamp())
        with reading():
            listed = await self._calls.reader().payment_intents.list_async(
                {"created": {"gte": earliest}, "limit": _PAGE, "expand": ["data.latest_charge"]}
            )
            async for each in listed.auto_paging_iter():
                intent = each.to_dict()
                if metadata.key(intent) == key:
                    return await self._heard(intent)
        return None

    async def billing(self, ref: str) -> BillingAddress | None:
        """What the holder of the latest card gave as the billing address."""
        return hear.billing(await self._intent(ref))

    async def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[HeardPayment]:
        """The events in a webhook; Access when it is not Stripe's."""
        return webhooks.heard(headers, body, secret=self._webhook_secret, now=self._clock.now())

    async def form(self, ref: str) -> FormFacts:
        """What our page for Stripe's form needs to know; NotFound when it is no session of ours."""
        intent = await self._intent(ref)
        charge = await self._heard(intent)
        facts = form_facts(charge, intent)
        if facts is None:
            raise NotFound(message="Stripe knows no such session.")
        return facts

    async def challenge(self, ref: str) -> str | None:
        """The client secret that lets Stripe's script show the challenge this charge waits for; None without one."""
        return hear.challenge(await self._intent(ref))

    async def _open(self, parameters: PaymentIntentCreateParams, call: Call, key: str | None) -> Charge:
        options: RequestOptions = {"idempotency_key": key}
        try:
            with writing():
                told = await self._calls.writer(call).payment_intents.create_async(parameters, options)
        except No as no:
            if no.code in _NOT_PAYABLE:
                raise InvalidInput(
                    message="Stripe takes no payment of this amount.", path=("input", "amount")
                ) from None
            raise Trouble(f"Stripe opens no payment: {no}.") from None
        return self._written(told.to_dict())

    async def _confirm(self, ref: str, parameters: PaymentIntentConfirmParams, call: Call) -> Charge:
        with writing():
            told = await self._calls.writer(call).payment_intents.confirm_async(
                ref, parameters, {"idempotency_key": call.key}
            )
        return self._written(told.to_dict())

    async def _cancel(self, ref: str, call: Call) -> Charge:
        """The intent after cancelling, whatever that changed; without a key of ours, as in `capture`."""
        try:
            with writing():
                told = await self._calls.writer(call).payment_intents.cancel_async(ref, {"expand": say.EXPAND})
            return self._written(told.to_dict())
        except No as no:
            charge = await self.charge(ref)
            if charge.state in {ChargeState.CLOSED, ChargeState.CAPTURED}:
                return charge
            raise Trouble(f"Stripe does not cancel the payment now: {no}.") from None

    async def _refund(self, ref: str, amount: Money, call: Call) -> Json:
        with writing():
            told = await self._calls.writer(call).refunds.create_async(
                say.refund(ref, amount, call.key), {"idempotency_key": call.key}
            )
        return told.to_dict()

    async def _not_authorised(self, no: No, ref: str) -> Charge:
        if no.declined:
            reason = declines.reason(no.code, no.decline_code)
            raise PaymentDeclined(message=declines.SENTENCES[reason], reason=reason)
        charge = await self.charge(ref)
        if charge.state is not ChargeState.OPEN:
            return _authorised(charge)
        if no.param in {"payment_method", "confirmation_token"}:
            raise InvalidInput(message="Stripe does not accept this card's token.", path=("card",))
        raise Trouble(f"Stripe does not confirm the payment now: {no}.")

    async def _not_captured(self, no: No, ref: str, amount: Money) -> Charge:
        charge = await self.charge(ref)
        if charge.state is ChargeState.CAPTURED and charge.captured == amount:
            return charge
        if charge.state is not ChargeState.AUTHORISED:
            message = f"There is nothing to take: the charge is {charge.state.lower()}."
            raise CaptureRefused(message=message, reason=charge.state.lower())
        if amount > charge.amount:
            raise CaptureRefused(message="More was asked for than is authorised.", reason="amount_too_large")
        if no.code in _NOT_CAPTURABLE:
            raise CaptureRefused(message="The authorisation has lapsed.", reason=no.code)
        raise Trouble(f"Stripe does not capture the payment now: {no}.")

    async def _not_refunded(self, no: No, ref: str, amount: Money) -> Refusal | Trouble:
        charge = await self.charge(ref)
        if charge.state is not ChargeState.CAPTURED:
            return RefundRefused(message="Nothing was captured.", reason=charge.state.lower())
        if charge.refunded + amount > charge.captured:
            return RefundRefused(message="Less than that is left to give back.", reason="amount_too_large")
        if no.code in _NOT_REFUNDABLE:
            return RefundRefused(message="Stripe does not refund this charge by itself.", reason=no.code)
        return Trouble(f"Stripe does not refund the payment now: {no}.")

    async def _intent(self, ref: str) -> Json:
        with reading():
            told = await self._calls.reader().payment_intents.retrieve_async(ref, {"expand": say.EXPAND})
        return told.to_dict()

    async def _refunds(self, ref: str) -> Sequence[Json]:
        with reading():
            listed = await self._calls.reader().refunds.list_async({"payment_intent": ref, "limit": _PAGE})
            return [told.to_dict() async for told in listed.auto_paging_iter()]

    async def _heard(self, intent: Json) -> Charge:
        """An intent that was read, with its refunds where there can be any."""
        try:
            captured = hear.charge(intent).state is ChargeState.CAPTURED
            refunds = await self._refunds(intent["id"]) if captured else ()
            return hear.charge(intent, refunds, form_url=self._form_url(intent))
        except Incomplete as error:
            raise Trouble(str(error)) from None

    def _written(self, intent: Json) -> Charge:
        """An intent as a changing call has left it: nothing was refunded from it yet."""
        try:
            return hear.charge(intent, form_url=self._form_url(intent))
        except Incomplete as error:
            raise Unknown(str(error)) from None

    def _form_url(self, intent: Json) -> str | None:
        """Where the form of one of our sessions is; the same for as long as the charge is known."""
        return self._links.form(self._profile.code, intent["id"]) if metadata.session(intent) else None


def _authorised(charge: Charge) -> Charge:
    """A charge whose money is reserved or taken; WrongState for one that is closed."""
    if charge.state is ChargeState.CLOSED:
        raise WrongState(message="The charge is closed.", state=charge.state)
    return charge


def _given(told: Json) -> ProviderRefund:
    """The refund; RefundRefused where it came to nothing."""
    refund = hear.refund(told)
    if refund is None:
        reason = str(told.get("failure_reason") or "failed")
        raise RefundRefused(message="Stripe could not give the money back.", reason=reason)
    return refund
