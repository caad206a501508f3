"""Stripe keeps the contract of every payment provider, before our own Stripe."""

from contextlib import suppress

import pytest

from app.domain.errors import Refusal
from app.domain.money import Money
from tests.payments.contract import Card, ProviderContract
from tests.payments.fake_stripe import CHALLENGED, GOOD
from tests.payments.stripe_scenes import PATHS, Till, stripes_address

CARDS = {
    Card.APPROVED: GOOD,
    Card.DECLINED: "pm_card_visa_chargeDeclined",
    Card.NO_FUNDS: "pm_card_visa_chargeDeclinedInsufficientFunds",
    Card.CHALLENGED: CHALLENGED,
}


class StripeScene:
    """Our client, and our own Stripe behind it."""

    def __init__(self):
        self._till = Till()
        self.clock, self.world, self.provider = self._till.clock, self._till.world, self._till.stripe

    def token(self, card):
        return CARDS[card]

    async def submit(self, charge, card, billing=None):
        """As our page does with what Stripe's form makes of the payer's card."""
        address = billing and stripes_address(billing)
        token = self.world.token(CARDS[card], address)
        with suppress(Refusal):
            await self.provider.authorise(charge.ref, token, self._till.call(token))

    async def answer_challenge(self, charge, *, passed):
        self.world.challenge(charge.ref, passed=passed)

    def lose_reply(self, verb):
        self.world.faults.append((PATHS[verb], "lost"))

    def opened(self):
        return len(self.world.intents)

    def net(self):
        taken = sum(intent["amount_received"] for intent in self.world.intents.values())
        given = sum(refund["amount"] for refund in self.world.refunds.values())
        return Money(taken - given, "GBP")

    async def stranger(self):
        self.world.make({"order": "B-1"})

    async def callback(self, charge):
        about = [event for event in self.world.events if event["data"]["object"]["id"] == charge.ref]
        return self.world.callback(about[-1])


class TestStripe(ProviderContract):
    """The contract before our own Stripe."""

    @pytest.fixture
    def scene(self):
        return StripeScene()
