"""Talking to the provider as its merchants do, in as few words as the tests need."""

import json
from typing import Any

from carriers.sandbox.payments.world import PaymentsWorld
from tests.payments.worlds import ask

WISH = {
    "amount_minor": 10_000,
    "currency": "GBP",
    "payment": "pm_000001",
    "reference": "B7K2Q9",
    "expires_at": "2026-03-01T09:30:00Z",
    "origins": ["https://shop.example"],
    "outcome_url": "https://gateway.example/payments/outcomes/token",
    "locale": "en-GB",
}
Json = dict[str, Any]


def opened(world: PaymentsWorld, key: str = "open", **wish: Any) -> Json:
    """A new charge."""
    reply = ask(world, "POST", "/v1/charges", WISH | wish, key)
    assert reply.status == 201
    return reply.json()


def act(world: PaymentsWorld, charge: Json, verb: str, key: str | None = None, **data: Any) -> tuple[int, Json]:
    """One verb on the charge, under a key of its own; status and body."""
    reply = ask(world, "POST", f"/v1/charges/{charge['id']}/{verb}", data, key or f"{verb} {charge['id']} {data}")
    return reply.status, reply.json()


def error(answer: tuple[int, Json]) -> tuple[int, str]:
    """Status and code of a no."""
    return answer[0], answer[1]["error"]["code"]


def seen(world: PaymentsWorld, charge: Json) -> Json:
    """The charge as it is now."""
    return ask(world, "GET", f"/v1/charges/{charge['id']}").json()


def events(world: PaymentsWorld) -> list[Json]:
    """The callbacks that are due, taken, without their signatures."""
    due = world.pending_webhooks()
    for message in due:
        world.webhook_delivered(message.delivery_id, 200)
    return [json.loads(message.body) for message in due]


def kinds(world: PaymentsWorld) -> list[str]:
    """The kinds of the callbacks that are due, taken."""
    return [event["kind"].removeprefix("payment.") for event in events(world)]
