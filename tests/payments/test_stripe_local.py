"""Stripe keeps the contract of every payment provider before localstripe too, as far as localstripe is like Stripe."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import aiohttp.web
import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Refusal
from app.domain.money import Money
from app.domain.payment import DeclineReason
from app.domain.recovery import Call
from app.domain.refusals import PaymentDeclined
from app.payments.contract import ChargeState
from app.payments.registry import providers
from app.wire.transport import AiohttpTransport
from app.wire.wire import Wire
from tests.payments.contract import PART, PRICE, Card, ProviderContract
from tests.payments.fake_stripe import WEBHOOK_SECRET
from tests.payments.local_stripe import Adapter, ask, local_stripe
from tests.payments.stripe_scenes import LINKS, PATHS, PUBLIC_KEY, settings, stripes_address
from tests.ports import site

# Slower than the rest, and the contract is held to our own double in every run.
pytestmark = pytest.mark.proof

NUMBERS = {
    Card.APPROVED: "4242424242424242",
    Card.DECLINED: "4000000000000341",
    Card.CHALLENGED: "4000002500003155",
}


class LocalScene:
    """Our client over real HTTP, localstripe behind it, and somebody who takes its webhooks."""

    def __init__(self, url, transport):
        # localstripe stamps what it makes with the time of the machine.
        self.clock = ManualClock(datetime.now(UTC))
        self._url = url
        self._adapter = Adapter(transport)
        self._heard = asyncio.Queue()
        wire = Wire(self._adapter, self.clock)
        self.provider = providers(
            [settings(url)], wire, self.clock, read_deadline=timedelta(seconds=15), links=LINKS
        ).first()

    def call(self, key):
        return Call(key=key, send_by=self.clock.now() + timedelta(seconds=30))

    def token(self, card):
        """A payment method that localstripe keeps, as Stripe's form would have made it."""
        return self._method(card, None)["id"]

    async def submit(self, charge, card, billing=None):
        method = self._method(card, billing)["id"]
        with suppress(Refusal):
            await self.provider.authorise(charge.ref, method, self.call(method))

    async def answer_challenge(self, charge, *, passed):
        secret = await self.provider.challenge(charge.ref)
        if secret:
            fields = {"client_secret": secret, "success": str(passed).lower(), "key": PUBLIC_KEY}
            ask(self._url, "POST", f"/v1/payment_intents/{charge.ref}/_authenticate", fields.items())

    def lose_reply(self, verb):
        self._adapter.lost.append(PATHS[verb])

    def opened(self):
        return ask(self._url, "GET", "/v1/payment_intents")["total_count"]

    def net(self):
        charges = ask(self._url, "GET", "/v1/charges")["data"]
        taken = sum(each["amount"] - each["amount_refunded"] for each in charges if each["captured"])
        return Money(taken, "GBP")

    async def callback(self, charge):
        """localstripe tells of captures only."""
        await self.provider.capture(charge.ref, charge.amount, self.call("capture"))
        while True:
            headers, body = await asyncio.wait_for(self._heard.get(), 30)
            if json.loads(body)["data"]["object"]["id"] == charge.ref:
                return headers, body

    async def take(self, request):
        """A webhook, delivered."""
        self._heard.put_nowait((dict(request.headers), await request.read()))
        return aiohttp.web.Response()

    def listen(self, url):
        fields = {"url": url, "secret": WEBHOOK_SECRET}
        ask(self._url, "POST", "/_config/webhooks/gateway", fields.items())

    def _method(self, card, billing):
        fields = {
            "type": "card",
            "card[number]": NUMBERS[card],
            "card[exp_month]": "12",
            "card[exp_year]": "2040",
            "card[cvc]": "123",
        }
        address = stripes_address(billing) if billing else {}
        fields |= {f"billing_details[address][{name}]": value for name, value in address.items()}
        return ask(self._url, "POST", "/v1/payment_methods", fields.items())


@asynccontextmanager
async def taking(take):
    """The address of somebody who takes webhooks."""
    app = aiohttp.web.Application()
    app.router.add_post("/webhooks", take)
    async with site(app) as origin:
        yield f"{origin}/webhooks"


@pytest.fixture(scope="module")
def localstripe(tmp_path_factory):
    with local_stripe(tmp_path_factory.mktemp("localstripe")) as url:
        yield url


class TestStripeBeforeLocalstripe(ProviderContract):
    """The contract before localstripe, but for what it does unlike Stripe; our own Stripe covers that."""

    # It takes every idempotency key as new.
    test_a_lost_open_is_unknown_and_opens_one_charge = None
    test_a_lost_authorisation_is_unknown_and_made_once = None
    test_a_lost_decline_is_unknown_and_then_a_decline = None
    test_a_declined_key_stays_declined_and_another_attempt_has_another_key = None
    # It knows one reason for a decline, and takes no other card after it.
    test_after_a_decline_another_card_may_follow = None
    # It captures what was cancelled, and fails where there is nothing to capture.
    test_what_is_voided_is_closed_and_never_captured = None
    test_what_nobody_authorised_is_not_captured = None
    # Its lists cannot be asked by time, and have no order within a second.
    test_the_account_lists_its_charges_newest_first_whoever_made_them = None
    test_a_long_list_of_charges_comes_in_pages = None
    # It refunds what was not captured, and more than was.
    test_what_was_not_captured_is_not_given_back = None
    test_refunds_give_back_part_after_part_and_no_more_than_was_captured = None

    @pytest.fixture
    async def scene(self, localstripe):
        ask(localstripe, "DELETE", "/_config/data")
        async with AiohttpTransport() as transport:
            scene = LocalScene(localstripe, transport)
            async with taking(scene.take) as url:
                scene.listen(url)
                yield scene

    async def test_a_declined_card_says_so(self, scene, till):
        charge = await till.open()
        with pytest.raises(PaymentDeclined) as no:
            await till.authorise(charge, Card.DECLINED)
        declined = await scene.provider.charge(charge.ref)
        assert (declined.state, declined.attempts) == (ChargeState.OPEN, 1)
        assert no.value.reason is declined.declined is DeclineReason.DECLINED

    async def test_parts_are_refunded(self, scene, till):
        charge = await till.captured()
        first, second = await till.refund(charge, PART, "refund 1"), await till.refund(charge, PART, "refund 2")
        assert set((await scene.provider.charge(charge.ref)).refunds) == {first, second}
        assert await till.refund(charge, PART, "refund 1") == first
        assert scene.net() == PRICE - PART - PART
