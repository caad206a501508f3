"""Start the bundled worlds: each on its own port, with the variables that point a gateway at them."""

import json
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from app.domain.clock import Clock
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.exchange import Json, Request, encode
from carriers.sandbox.kept import go_on, keep
from carriers.sandbox.octo.world import OctoWorld
from carriers.sandbox.payments.world import PaymentsWorld
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World

HOST = "127.0.0.1"
# How many there are, each on its own port.
WORLDS = 3
TOKEN = "duffel_test_sandbox"  # noqa: S105 - opens a sandbox, nothing else
_PAYMENT_KEY = "sandbox_key"
# Who runs tours, by its code; the last has nothing to sell yet.
_OPERATORS = {
    "aatkings": "AAT Kings",
    "brendanvacations": "Brendan Vacations",
    "insightvacations": "Insight Vacations",
    "luxurygold": "Luxury Gold",
    "grandeuropeantravel": "Grand European Travel",
}
_COMING_SOON = frozenset({"grandeuropeantravel"})
_EVENTS = ["order.created", "order.creation_failed", "order.airline_initiated_change_detected"]
# The worlds' late effects happen within a minute; real airlines may take hours.
_PATIENCE = {"write_deadline_seconds": 15, "settle_seconds": 45}
# Made-up middle rates of a plausible size: in production the settings name the real ones.
_EXCHANGE = {
    "base": "EUR",
    "rates": {"GBP": "0.87", "USD": "1.16", "CHF": "0.93", "SEK": "11", "CAD": "1.62"}
    | {"JPY": "176", "AUD": "1.77", "AED": "4.26", "SGD": "1.51"},
    "margin_percent": "1.5",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A world, the port it is served at, and the file its state is kept in."""

    world: World
    port: int
    state: Path | None


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The bundled worlds at their places, and the settings that point a gateway at them."""

    places: tuple[Place, ...]
    variables: Mapping[str, str]


def open_sandbox(clock: Clock, port: int, gateway: str, state: Path | None) -> Sandbox:
    """The worlds from this port on, told where this gateway hears them; they go on where a state folder says."""
    duffel = Place(DuffelWorld(clock), port, _file(state, "duffel"))
    # Whoever knows the seed can forge callbacks and open forms.
    payments_world = PaymentsWorld(clock, secrets.token_hex(), _address(port + 1))
    payments = Place(payments_world, port + 1, _file(state, "payments"))
    octo = Place(OctoWorld(clock, origin=_address(port + 2)), port + 2, _file(state, "octo"))
    places = (duffel, payments, octo)
    for place in places:
        go_on(place.world, place.state)
    named = {
        "FAREGATE_CARRIERS": [_airlines(duffel, f"{gateway}/carriers/duffel/webhooks"), *_operators(octo)],
        "FAREGATE_EXCHANGE": _EXCHANGE,
        "FAREGATE_PAYMENT_PROVIDERS": [_provider(payments, f"{gateway}/payments/sandbox/callbacks")],
    }
    for place in places:
        keep(place.world, place.state)
    return Sandbox(places, {name: json.dumps(value) for name, value in named.items()})


def serve_sandbox(clock: Clock, port: int, gateway: str, state: Path | None) -> None:
    """Print the variables, an empty line, then serve until stopped. RuntimeError when a port is taken."""
    sandbox = open_sandbox(clock, port, gateway, state)
    lines = [f"{name}={value}" for name, value in sandbox.variables.items()]
    print("\n".join(lines), end="\n\n", flush=True)  # noqa: T201 - the command's answer
    serve(sandbox.places)


def serve(places: Sequence[Place]) -> None:
    """Serve the worlds until stopped: the first in this thread, which hears signals. RuntimeError for a taken port."""
    first, *others = places
    for place in others:
        _Serving(place).start()
    uvicorn.Server(_config(first)).run()


class SandboxThread:
    """The worlds beside a gateway in one process, on the gateway's own clock."""

    def __init__(self, *, clock: Clock, port: int, gateway: str, state: Path | None) -> None:
        self._sandbox = open_sandbox(clock, port, gateway, state)

    def start(self) -> Mapping[str, str]:
        """Serve in the background; the variables to reach them. RuntimeError when a port is taken."""
        for place in self._sandbox.places:
            _Serving(place).start()
        return self._sandbox.variables


class _Serving:
    """One world served by a thread of its own."""

    def __init__(self, place: Place) -> None:
        self._port = place.port
        self._server = uvicorn.Server(_config(place))
        self._thread = threading.Thread(target=self._server.run, name=f"sandbox {place.world.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError(f"the sandbox cannot listen on {HOST}:{self._port}")
            time.sleep(0.01)


def _config(place: Place) -> uvicorn.Config:
    app = create_app(place.world, place.state)
    return uvicorn.Config(app, host=HOST, port=place.port, log_level="warning", ws="none")


def _address(port: int) -> str:
    return f"http://{HOST}:{port}"


def _file(folder: Path | None, name: str) -> Path | None:
    return None if folder is None else folder / f"{name}.state"


def _airlines(place: Place, hears: str) -> Json:
    return {
        "code": "duffel",
        "family": "duffel",
        "name": "Duffel (sandbox)",
        "url": _address(place.port),
        "token": TOKEN,
        "webhook_secret": _subscribed(place.world, hears),
        "overrides": {**_PATIENCE, "accepted_settle_seconds": 90},
    }


def _operators(place: Place) -> list[Json]:
    return [_operator(place, code, name) for code, name in _OPERATORS.items()]


def _operator(place: Place, code: str, name: str) -> Json:
    return {
        "code": code,
        "family": "octo",
        "name": name,
        "url": f"{_address(place.port)}/{code}",
        "token": f"octo_sandbox_{code}",
        "overrides": {"coming_soon": True} if code in _COMING_SOON else _PATIENCE,
    }


def _provider(place: Place, hears: str) -> Json:
    headers = {"authorization": f"Bearer {_PAYMENT_KEY}"}
    place.world.handle(Request("POST", "/v1/callbacks", {}, headers, encode({"url": hears})))
    return {
        "code": "sandbox",
        "family": "sandbox",
        "name": "Sandbox payments",
        "url": _address(place.port),
        "key": _PAYMENT_KEY,
        "overrides": {"callback_url": hears, "write_deadline_seconds": _PATIENCE["write_deadline_seconds"]},
    }


def _subscribed(world: World, url: str) -> str:
    """Subscribe the gateway to the world's webhooks; the secret is told only at this moment, so always anew."""
    for known in _asked(world, "GET", "/air/webhooks")["data"]:
        if known["url"] == url:
            _asked(world, "DELETE", f"/air/webhooks/{known['id']}")
    made = _asked(world, "POST", "/air/webhooks", {"url": url, "events": _EVENTS})
    return str(made["data"]["secret"])


def _asked(world: World, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {TOKEN}", "duffel-version": "v2"}
    body = json.dumps({"data": data}).encode() if data is not None else b""
    reply = world.handle(Request(method, path, {}, headers, body))
    answered: dict[str, Any] = json.loads(reply.body) if reply.body else {}
    return answered
