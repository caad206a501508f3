"""`kill -9` under load: clients book over HTTP, the carrier misbehaves, gateways die at any moment and are restarted.

When everything is quiet again, the sandbox's ledger is the judge: nothing doubled, nothing orphaned, everything that a
client was told is so. FAREGATE_PROOF_SECONDS (300 by default) bounds all campaigns.
"""

import asyncio
import os
import random
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from app.store.engine import SqlStore
from tests.proof.kills import tours, verdict
from tests.proof.kills.clients import Client
from tests.proof.kills.stage import CARD_LIMIT_SECONDS, Gateway, Ledgers, Stage, stage
from tests.proof.kills.tours import TourClient
from tests.proof.kills.weather import calm, storm
from tests.proof.shares import Share

pytestmark = pytest.mark.proof

SEED = int(os.environ.get("FAREGATE_PROOF_SEED", "2"))
LOAD_SECONDS = Share(2 / 15).seconds
# Eighty bookings on each database in the default time.
CLIENTS_PER_SECOND = 2.0
_PLAIN_PLANS = ("pay",) * 3 + ("card",) * 4 + ("waver", "cancel", "leave")
PLANS = _PLAIN_PLANS + ("refund",) * 3 + ("exchange",) * 3 + ("card refund",) * 2
# Of the clients, those who travel with a tour operator.
TOURISTS = 2 / 5
QUIET_SECONDS = 120
# What is wrong stays wrong, however often one looks.
_LOOKS = 10
# Beyond the payment limit, and beyond the first look for late tickets.
LATER_SECONDS = CARD_LIMIT_SECONDS + 60
# Beyond the last look for requests, and what is due after a deposit on the earliest departures.
DAYS_LATER_SECONDS = 10 * 86400


@dataclass
class Campaign:
    """What happened, counted."""

    stage: Stage
    store: SqlStore
    chance: random.Random
    clients: list[Client] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    peace: bool = False
    looks: int = 0

    async def load(self) -> None:
        """A new client every moment until the time is over, whatever becomes of the others."""
        async with asyncio.TaskGroup() as living:
            for number in range(round(LOAD_SECONDS * CLIENTS_PER_SECOND)):
                client = self.client(number)
                self.clients.append(client)
                living.create_task(client.live())
                await asyncio.sleep(1 / CLIENTS_PER_SECOND)

    def client(self, number: int) -> Client:
        """Somebody with a plan."""
        if self.chance.random() < TOURISTS:
            return TourClient(self.stage, self.chance, number, self.chance.choice(tours.PLANS))
        return Client(self.stage, self.chance, number, self.chance.choice(PLANS))

    async def answer(self) -> None:
        """Let the operators answer their requests every now and then, until peace."""
        while not self.peace:
            await asyncio.sleep(self.chance.uniform(1, 5))
            await self.stage.answer_requests(accept=self.chance.random() < 2 / 3)

    async def hunt(self, gateway: Gateway) -> None:
        """Kill this gateway at any moment, again and again, until peace; it lives at the end."""
        while not self.peace:
            await asyncio.sleep(self.chance.uniform(0.5, 5))
            await gateway.kill()
            left = await verdict.under_way(self.store)
            self.kills["all"] += 1
            self.kills["with an operation open"] += bool(left.operations)
            self.kills["with a carrier asked"] += bool(left.asked)
            await gateway.start(self.stage.http)

    async def quiet(self) -> None:
        """Wait until nothing is under way, and nothing is due that the gateways would begin at their next look."""
        async with asyncio.timeout(QUIET_SECONDS):
            while not await verdict.quiet(self.store, await self.stage.now()):
                await asyncio.sleep(0.2)

    async def rested(self) -> Ledgers:
        """The ledgers of a moment at which nothing is under way: orders are looked at every now and then."""
        while True:
            await self.quiet()
            ledgers = await self.stage.ledgers()
            if not await verdict.books_and_worlds(self.store, ledgers) or self.looks > _LOOKS:
                return ledgers
            self.looks += 1
            await asyncio.sleep(1)

    async def later(self, seconds: float) -> None:
        """Let so much time pass, and come what is due then."""
        await self.stage.pass_time(seconds)
        await self.quiet()

    def summary(self) -> str:
        promises = [promise for client in self.clients for promise in client.promises]
        answers = Counter(f"{p.verb} {p.errors[0] if p.errors else p.state}" for p in promises)
        tries = sum(promise.tries for promise in promises)
        cuts = sum(client.cuts for client in self.clients)
        cards = sum((client.cards for client in self.clients), Counter[str]())
        lines = [
            f"kills: {_counts(self.kills)}",
            f"{len(self.clients)} clients, {cuts} cut connections, {len(promises)} keys answered {tries} times",
            f"answers: {_counts(answers)}",
            f"cards: {_counts(cards)}",
            f"{self.faults.total()} faults: {_counts(self.faults)}",
        ]
        return "\n".join(f"  {line}" for line in lines)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common() if count > 0)


@asynccontextmanager
async def under_fire(campaign: Campaign):
    """Faults and kills for the block; afterwards every gateway lives and the sky is clear."""
    weather = asyncio.create_task(storm(campaign.stage, campaign.chance, campaign.faults))
    hunting = asyncio.gather(campaign.answer(), *(campaign.hunt(gateway) for gateway in campaign.stage.gateways))
    try:
        yield
        campaign.peace = True
        await hunting
        assert not weather.done(), weather
    finally:
        hunting.cancel()
        weather.cancel()
        await asyncio.gather(hunting, weather, return_exceptions=True)
    await calm(campaign.stage, campaign.faults)


async def fight(campaign: Campaign, folder) -> str:
    """The whole campaign and its verdict; what it covered."""
    loading = asyncio.create_task(campaign.load())
    async with under_fire(campaign):
        await asyncio.wait({loading}, timeout=LOAD_SECONDS)
    async with asyncio.timeout(QUIET_SECONDS):
        await loading
    await campaign.quiet()
    await campaign.later(LATER_SECONDS)
    await asyncio.gather(*(client.come_back() for client in campaign.clients))
    await campaign.later(LATER_SECONDS)
    await campaign.later(DAYS_LATER_SECONDS)
    ledgers = await campaign.rested()
    assert await verdict.books_and_worlds(campaign.store, ledgers) == []
    assert await verdict.nobody_waits(campaign.store) == []
    assert await verdict.acknowledged(campaign.clients, ledgers) == []
    assert (await campaign.stage.ledgers()).timeless == ledgers.timeless, "asking again changed something"
    assert verdict.logs(folder) == []
    assert await verdict.unseen(campaign.store, ledgers) == []
    return f"{campaign.summary()}\n{_outside(ledgers)}"


def _outside(ledgers: Ledgers) -> str:
    orders = _counts(Counter(order["state"] for order in ledgers.carrier["orders"]))
    charges = _counts(Counter(charge["state"] for charge in ledgers.bank["charges"]))
    tickets = len(ledgers.carrier["documents"])
    booked = _counts(Counter(booking["status"] for booking in ledgers.tours["bookings"]))
    return (
        f"  at the carrier: {orders} orders, {tickets} tickets\n  at the tour operators: {booked} bookings\n"
        f"  at the payment provider: {charges} charges"
    )


async def test_no_kill_breaks_a_promise(database_url, store, tmp_path, covered):
    kind, gateways = ("SQLite", 1) if database_url.startswith("sqlite") else ("PostgreSQL", 2)
    started = time.monotonic()
    async with stage(tmp_path, database_url, gateways) as playing:
        campaign = Campaign(playing, store, random.Random(f"{SEED}/{kind}"))
        seen = await fight(campaign, tmp_path)
    covered(f"{kind}, {gateways} gateway(s), seed {SEED}, {time.monotonic() - started:.0f} s\n{seen}")
    assert campaign.kills["with a carrier asked"] > 0, "no kill interrupted an ask"
