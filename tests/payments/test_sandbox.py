"""The sandbox provider keeps the payment contract, in this process."""

import json
from dataclasses import asdict, dataclass

import pytest

from app.domain.clock import ManualClock
from app.domain.money import Money
from app.payments.contract import PaymentProvider, PaymentVerb
from carriers.sandbox.payments.world import PaymentsWorld
from tests.carriers.worlds import START
from tests.payments.contract import Card, ProviderContract
from tests.payments.sandbox.talk import opened
from tests.payments.worlds import (
    APPROVED,
    CHALLENGED,
    DECLINED,
    NO_FUNDS,
    Payer,
    in_process_provider,
    listen,
)

NUMBERS = {Card.APPROVED: APPROVED, Card.DECLINED: DECLINED, Card.NO_FUNDS: NO_FUNDS, Card.CHALLENGED: CHALLENGED}
TOKENS = {
    Card.APPROVED: "tok_approved",
    Card.DECLINED: "tok_declined",
    Card.NO_FUNDS: "tok_insufficient_funds",
    Card.CHALLENGED: "tok_challenge",
}


@dataclass
class SandboxScene:
    """The sandbox provider and its world."""

    provider: PaymentProvider
    clock: ManualClock
    world: PaymentsWorld

    def token(self, card):
        return TOKENS[card]

    async def submit(self, charge, card, billing=None):
        Payer(self.world).submit(charge.form_url, NUMBERS[card], **(asdict(billing) if billing else {}))

    async def answer_challenge(self, charge, *, passed):
        challenge = self.world._core.facts.charges[charge.ref].challenge
        Payer(self.world).answer(f"/challenge/{challenge.secret}", passed=passed)

    def lose_reply(self, verb):
        self.world.faults.add(self.world.endpoints, {"endpoint": f"charges.{verb.lower()}", "kind": "lost_reply"})

    def opened(self):
        return len(self.world.ledger()["charges"])

    def net(self):
        return Money(self.world.ledger()["totals"].get("GBP", {}).get("net_minor", 0), "GBP")

    async def stranger(self):
        opened(self.world, "of another", payment="of another")

    async def callback(self, charge):
        due = self.world.pending_webhooks()
        return [(each.headers, each.body) for each in due if json.loads(each.body)["charge"] == charge.ref][-1]


class TestSandbox(ProviderContract):
    @pytest.fixture
    def scene(self):
        clock = ManualClock(START)
        world = PaymentsWorld(clock)
        listen(world)
        return SandboxScene(in_process_provider(world, clock), clock, world)


def test_every_verb_has_an_endpoint_to_lose_its_reply_at():
    names = PaymentsWorld(ManualClock(START)).endpoints
    assert {f"charges.{verb.lower()}" for verb in PaymentVerb} <= set(names)
