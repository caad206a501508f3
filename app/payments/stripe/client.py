"""Stripe behind the provider contract: a charge is a PaymentIntent whose money is taken by hand.

Authorising and refunding lean on Stripe's idempotency keys, one for each attempt. An intent can be captured and
cancelled only once, whatever the key: there its own state says what an unclear answer meant.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from app.domain.clock import Clock
from app.domain.errors import Trouble, Unknown
from app.domain.money import Money
from app.domain.payment import BillingAddress
from app.domain.recovery import Call
from app.domain.refusals import NotFound, PaymentTooLate, WrongState
from app.payments.contract import (
    Charge,
    ChargeState,
    HeardPayment,
    ListedCharge,
    ProviderProfile,
    ProviderRefund,
    SessionWish,
)
from app.payments.stripe import hear, metadata, refusals, say, webhooks
from app.payments.stripe.errors import No, SpentKey
from app.payments.stripe.form import FormFacts, form_facts
from app.payments.stripe.hear import Incomplete, Json
from app.payments.stripe.intents import Intents
from app.signing.links import FormLinks

log = logging.getLogger(__name__)

# Our clock and Stripe's differ by less.
_CLOCK_SKEW: Final = timedelta(minutes=5)
_KEY_LIFE: Final = timedelta(days=1)


class Stripe:
    """One account with Stripe. `webhook_secret` verifies what it hears, `links` address the forms it shows.

    `public_key` and `script_url` are what those forms are opened with.
    """

    def __init__(
        self,
        profile: ProviderProfile,
        intents: Intents,
        clock: Clock,
        links: FormLinks,
        *,
        webhook_secret: str,
        public_key: str,
        script_url: str,
    ) -> None:
        self._profile = profile
        self._intents = intents
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
            return await self._written(await self._intents.create(parameters, call, call.key))
        except SpentKey:
            # An intent whose form nobody was shown can be paid by nobody, so a second one does no harm.
            found = await self.find(call.key, since=self._clock.now() - _KEY_LIFE)
            return found or await self._written(await self._intents.create(parameters, call, None))
        except No as no:
            raise refusals.not_opened(no) from None

    async def close(self, ref: str, call: Call) -> Charge:
        """Cancel the intent unless a card came first."""
        charge = await self.charge(ref)
        return charge if charge.state is not ChargeState.OPEN else await self._cancel(ref, call)

    async def authorise(self, ref: str, card: str, call: Call) -> Charge:
        """Confirm the intent with a payment method or confirmation token; PaymentTooLate after the session's end."""
        parameters = say.confirmation(card)
        self._need_time(await self.charge(ref))
        try:
            return await self._written(await self._intents.confirm(ref, parameters, call))
        except SpentKey:
            charge = await self.charge(ref)
            if charge.state is not ChargeState.AUTHORISED:
                raise
            return charge
        except No as no:
            raise refusals.not_authorised(no, await self.charge(ref)) from None

    async def capture(self, ref: str, amount: Money, call: Call) -> Charge:
        """Take this much and release the rest; taken already by the same call is success."""
        parameters = say.capture(amount, call.key)
        try:
            return await self._written(await self._intents.capture(ref, parameters, call))
        except No as no:
            intent = await self._intents.get(ref)
            charge = await self._heard(intent)
            if charge.state is ChargeState.CAPTURED and metadata.capture_key(intent) == call.key:
                return charge
            raise refusals.not_captured(no, charge, amount) from None

    async def void(self, ref: str, call: Call) -> Charge:
        """Cancel the intent, which releases what it reserved; WrongState when it was captured."""
        charge = await self._cancel(ref, call)
        if charge.state is ChargeState.CLOSED:
            return charge
        raise WrongState(message="The charge was captured: refund it.", state=charge.state)

    async def refund(self, ref: str, amount: Money, call: Call) -> ProviderRefund:
        """Give back; looked for first, because Stripe forgets keys after a day."""
        parameters = say.refund(ref, amount, call.key)
        for told in await self._intents.refunds(ref):
            if metadata.key(told) == call.key:
                return _given(told)
        try:
            return _given(await self._intents.refund(parameters, call))
        except No as no:
            raise refusals.not_refunded(no, await self.charge(ref), amount) from None

    async def charge(self, ref: str) -> Charge:
        """The intent as it is now, with its refunds."""
        return await self._heard(await self._intents.get(ref))

    async def charges(self, *, since: datetime) -> Sequence[ListedCharge]:
        """Every intent made at or after `since`, whoever made it; no refund is older than its intent."""
        intents = [intent async for intent in self._intents.since(since)]
        refunds = await self._intents.refunds_since(since)
        listed = (self._listed(intent, refunds) for intent in intents)
        return [each for each in listed if each is not None]

    async def find(self, key: str, *, since: datetime) -> Charge | None:
        """The intent whose metadata carries the key."""
        intent = await self._intents.find(key, since - _CLOCK_SKEW)
        return None if intent is None else await self._heard(intent)

    async def billing(self, ref: str) -> BillingAddress | None:
        """What the holder of the latest card gave as the billing address."""
        return hear.billing(await self._intents.get(ref))

    async def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[HeardPayment]:
        """The events in a webhook; Access when it is not Stripe's."""
        return webhooks.heard(headers, body, secret=self._webhook_secret, now=self._clock.now())

    async def form(self, ref: str) -> FormFacts:
        """What our page for Stripe's form needs to know; NotFound when it is no session of ours."""
        intent = await self._intents.get(ref)
        facts = form_facts(await self._heard(intent), intent)
        if facts is None:
            raise NotFound(message="Stripe knows no such session.")
        return facts

    async def challenge(self, ref: str) -> str | None:
        """The client secret that lets Stripe's script show the challenge this charge waits for; None without one."""
        return hear.challenge(await self._intents.get(ref))

    def _need_time(self, charge: Charge) -> None:
        """PaymentTooLate for an open session past its end; Stripe itself knows of none."""
        ends = charge.expires_at
        if charge.state is ChargeState.OPEN and ends is not None and self._clock.now() >= ends:
            raise PaymentTooLate(message="The time to pay has passed.", pay_by=ends)

    async def _cancel(self, ref: str, call: Call) -> Charge:
        """The intent after cancelling: closed, or captured before."""
        try:
            return await self._written(await self._intents.cancel(ref, call))
        except No as no:
            charge = await self.charge(ref)
            if charge.state in {ChargeState.CLOSED, ChargeState.CAPTURED}:
                return charge
            raise refusals.trouble(no) from None

    async def _heard(self, intent: Json) -> Charge:
        """An intent as we say it, with what it takes further reads to know; Trouble."""
        try:
            charge = hear.charge(intent)
            return hear.charge(
                intent,
                await self._intents.refunds(charge.ref) if charge.state is ChargeState.CAPTURED else (),
                attempts=await self._intents.attempts(charge.ref) if hear.tried(intent) else 0,
                form_url=self._form_url(intent),
            )
        except Incomplete as error:
            raise Trouble(str(error)) from None

    def _listed(self, intent: Json, refunds: Mapping[str, Sequence[Json]]) -> ListedCharge | None:
        """An intent of the list; None where it cannot be read, which must hide no other."""
        try:
            charge = hear.charge(intent, refunds.get(str(intent.get("id")), ()), form_url=self._form_url(intent))
            return ListedCharge(charge=charge, payment=metadata.payment(intent), created_at=hear.created_at(intent))
        except Incomplete as error:
            log.warning("a charge is left out of the list: %s", error)
            return None

    def _form_url(self, intent: Json) -> str | None:
        """Where the payer gives a card; None for an intent that is no session of ours."""
        return self._links.form(self._profile.code, str(intent.get("id"))) if metadata.session(intent) else None

    async def _written(self, intent: Json) -> Charge:
        """An intent as a changing call has left it: what cannot be read of it now may still have happened."""
        try:
            return await self._heard(intent)
        except (NotFound, Trouble) as error:
            raise Unknown(f"Stripe has answered, and the charge could not be read afterwards: {error}") from None


def _given(told: Json) -> ProviderRefund:
    """The refund; RefundRefused where it came to nothing, Unknown where the answer does not say."""
    try:
        refund = hear.refund(told)
    except Incomplete as error:
        raise Unknown(str(error)) from None
    if refund is None:
        raise refusals.came_to_nothing(told)
    return refund
