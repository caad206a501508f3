"""Stripe's client over a Stripe of the tests."""

import asyncio
from datetime import UTC, datetime, timedelta

from app.domain.clock import ManualClock
from app.domain.money import Money
from app.domain.recovery import Call
from app.payments.contract import PaymentVerb, SessionWish
from app.payments.registry import providers
from app.settings import ProviderSettings
from app.signing.digest import Digester
from app.signing.links import FormLinks
from app.wire.wire import Wire
from tests.payments.fake_stripe import SECRET_KEY, WEBHOOK_SECRET, FakeStripe

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
GATEWAY = "https://gateway.example"
ORIGIN = "https://shop.example"
PUBLIC_KEY = "pk_test_of_the_tests"
LINKS = FormLinks(Digester([b"k" * 32]), GATEWAY)
EUROS = Money(12_345, "EUR")
# The end of the path where each verb changes something.
PATHS = {
    PaymentVerb.OPEN: "/payment_intents",
    PaymentVerb.CLOSE: "/cancel",
    PaymentVerb.AUTHORISE: "/confirm",
    PaymentVerb.CAPTURE: "/capture",
    PaymentVerb.VOID: "/cancel",
    PaymentVerb.REFUND: "/refunds",
}


def settings(url="http://stripe.test", **changed):
    given = {
        "code": "stripe",
        "family": "stripe",
        "url": url,
        "key": SECRET_KEY,
        "public_key": PUBLIC_KEY,
        "webhook_secret": WEBHOOK_SECRET,
    }
    return ProviderSettings(**given | changed)


def over(transport, clock, account=None, links=LINKS):
    """The client over this transport; waits move the clock instead of passing."""

    async def sleep(seconds):
        clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    wire = Wire(transport, clock, sleep=sleep, monotonic=lambda: (clock.now() - START).total_seconds())
    made = providers([account or settings()], wire, clock, read_deadline=timedelta(seconds=15), links=links)
    return made.first()


def wish(clock, amount=EUROS, **changed):
    given = {
        "payment": "pay_1",
        "reference": "FG7K2M",
        "amount": amount,
        "expires_at": clock.now() + timedelta(minutes=30),
        "origins": (ORIGIN, "https://www.shop.example"),
        "outcome_url": f"{GATEWAY}/payments/outcomes/token",
        "locale": "en-GB",
    }
    return SessionWish(**given | changed)


def stripes_address(billing):
    """A billing address as Stripe keeps it."""
    named = {name: getattr(billing, name) for name in ("line1", "line2", "city", "country", "state")}
    return named | {"postal_code": billing.post_code}


class Till:
    """A provider, the world behind it, and short ways to use them."""

    def __init__(self, account=None, links=LINKS):
        self.clock = ManualClock(START)
        self.world = FakeStripe(self.clock)
        self.stripe = over(self.world, self.clock, account, links)

    def call(self, key="key-1"):
        return Call(key=key, send_by=self.clock.now() + timedelta(seconds=30))

    async def open(self, amount=EUROS, key="open", **changed):
        return await self.stripe.open(wish(self.clock, amount, **changed), self.call(key))

    async def authorised(self, amount=EUROS, card="pm_card_visa"):
        opened = await self.open(amount)
        return await self.stripe.authorise(opened.ref, card, self.call("authorise"))

    async def captured(self, amount=EUROS):
        held = await self.authorised(amount)
        return await self.stripe.capture(held.ref, amount, self.call("capture"))
