"""The sandbox provider's world as a payment provider, in this process without a socket or a wait, and its payer.

One `ManualClock` is the time of the world and of the gateway, and waiting is moving it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.domain.clock import ManualClock
from app.payments.contract import PaymentProvider
from app.payments.registry import providers
from app.settings import ProviderSettings
from app.signing.digest import Digester
from app.signing.links import FormLinks
from app.wire.transport import Transport
from app.wire.wire import Wire
from carriers.sandbox.exchange import Reply, Request, encode
from carriers.sandbox.payments.world import ORIGIN, PaymentsWorld
from tests.carriers.worlds import READ_DEADLINE, SandboxTransport, instant_wire

KEY = "sandbox_of_the_tests"
LINKS = FormLinks(Digester([b"k" * 32]), "https://gateway.example")
CALLBACK_URL = "http://gateway.test/payments/sandbox/callbacks"
APPROVED, DECLINED, NO_FUNDS, CHALLENGED = (
    "4242424242424242",
    "4000000000000002",
    "4000000000009995",
    "4000002760003184",
)


def in_process_provider(
    world: PaymentsWorld, clock: ManualClock, transport: Transport | None = None, **overrides: Any
) -> PaymentProvider:
    """A provider whose calls end in the world, and which hears the callbacks that `listen` asked for."""
    wire = instant_wire(transport or SandboxTransport(world), clock)
    return provider_at(ORIGIN, wire, clock, **overrides)


def provider_at(url: str, wire: Wire, clock: ManualClock, **overrides: Any) -> PaymentProvider:
    """A provider at this address, over any wire."""
    account = ProviderSettings(
        code="sandbox", family="sandbox", url=url, key=KEY, overrides={"callback_url": CALLBACK_URL} | overrides
    )
    return providers([account], wire, clock, read_deadline=READ_DEADLINE, links=LINKS).get("sandbox")


def listen(world: PaymentsWorld) -> None:
    """Register for the world's callbacks."""
    assert ask(world, "POST", "/v1/callbacks", {"url": CALLBACK_URL}).status == 201


def ask(world: PaymentsWorld, method: str, path: str, data: Any = None, key: str = "", **query: str) -> Reply:
    """One call of the API, as its merchants make it."""
    headers = {"authorization": f"Bearer {KEY}", "idempotency-key": key}
    body = b"" if data is None else encode(data)
    return world.handle(Request(method, path, {name: [value] for name, value in query.items()}, headers, body))


def callbacks(world: PaymentsWorld) -> list[tuple[Mapping[str, str], bytes]]:
    """The callbacks that are due, taken: headers and body of each."""
    due = world.pending_webhooks()
    for message in due:
        world.webhook_delivered(message.delivery_id, 200)
    return [(message.headers, message.body) for message in due]


@dataclass(frozen=True)
class Payer:
    """Somebody with cards, in front of the form."""

    world: PaymentsWorld

    def submit(self, form_url: str, number: str = APPROVED, **typed: str) -> dict[str, Any]:
        """Fill in the form and send it; what it answers, nothing where the answer is lost."""
        card = {"number": number, "expiry": "12/30", "cvc": "1234" if number.startswith("37") else "123"}
        return self._send(f"{form_url}/cards", card | {"name": "Ada Lovelace"} | typed)

    def state(self, form_url: str) -> dict[str, Any]:
        """What the form shows."""
        return self.world.handle(Request("GET", f"{urlsplit(form_url).path}/state")).json()

    def answer(self, challenge_url: str, *, passed: bool) -> dict[str, Any]:
        """Answer the issuer's challenge."""
        return self._send(challenge_url, {"passed": passed})

    def _send(self, url: str, data: dict[str, Any]) -> dict[str, Any]:
        headers = {"content-type": "application/json"}
        reply = self.world.handle(Request("POST", urlsplit(url).path, {}, headers, encode(data)))
        return json.loads(reply.body) if reply.body else {}
