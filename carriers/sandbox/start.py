"""Start the bundled worlds: each on its own port, with the variables that point a gateway at them."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from app.domain.clock import Clock
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.exchange import Request
from carriers.sandbox.server import create_app

HOST = "127.0.0.1"
TOKEN = "duffel_test_sandbox"  # noqa: S105 - opens a sandbox, nothing else
_EVENTS = ["order.created", "order.creation_failed"]
# The worlds' late effects happen within a minute; real airlines may take hours.
_OVERRIDES = {"write_deadline_seconds": 15, "settle_seconds": 45, "accepted_settle_seconds": 90}
# Made-up middle rates of a plausible size: in production the settings name the real ones.
_EXCHANGE = {
    "base": "EUR",
    "rates": {"GBP": "0.87", "USD": "1.16", "CHF": "0.93", "SEK": "11", "CAD": "1.62"}
    | {"JPY": "176", "AUD": "1.77", "AED": "4.26", "SGD": "1.51"},
    "margin_percent": "1.5",
}


def open_world(clock: Clock, gateway: str, state: Path | None) -> tuple[DuffelWorld, Path | None, str]:
    """The Duffel world, its state file, and the secret its webhooks to this gateway are signed with."""
    world = DuffelWorld(clock)
    file = None
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
        file = state / f"{world.name}.state"
        if file.exists():
            world.restore(file.read_bytes())
    return world, file, _subscribed(world, f"{gateway}/carriers/duffel/webhooks")


def variables(port: int, webhook_secret: str) -> dict[str, str]:
    """The settings that point a gateway at the worlds served from this port on."""
    carrier = {
        "code": "duffel",
        "family": "duffel",
        "name": "Duffel (sandbox)",
        "url": f"http://{HOST}:{port}",
        "token": TOKEN,
        "webhook_secret": webhook_secret,
        "overrides": _OVERRIDES,
    }
    return {"FAREGATE_CARRIERS": json.dumps([carrier]), "FAREGATE_EXCHANGE": json.dumps(_EXCHANGE)}


def serve_sandbox(clock: Clock, port: int, gateway: str, state: Path | None) -> None:
    """Print the variables, an empty line, then serve until stopped."""
    world, file, secret = open_world(clock, gateway, state)
    lines = [f"{name}={value}" for name, value in variables(port, secret).items()]
    print("\n".join(lines), end="\n\n", flush=True)  # noqa: T201 - the command's answer
    uvicorn.run(create_app(world, file), host=HOST, port=port, log_level="warning", ws="none")


class SandboxThread:
    """The worlds beside a gateway in one process, on the gateway's own clock."""

    def __init__(self, *, clock: Clock, port: int, gateway: str, state: Path | None) -> None:
        world, file, self._secret = open_world(clock, gateway, state)
        self._port = port
        config = uvicorn.Config(create_app(world, file), host=HOST, port=port, log_level="warning", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="sandbox", daemon=True)

    def start(self) -> dict[str, str]:
        """Serve in the background; the variables to reach it. RuntimeError when the port is taken."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError(f"the sandbox cannot listen on {HOST}:{self._port}")
            time.sleep(0.01)
        return variables(self._port, self._secret)


def _subscribed(world: DuffelWorld, url: str) -> str:
    """Subscribe the gateway to the world's webhooks; the secret is told only at this moment, so always anew."""
    for known in _asked(world, "GET", "/air/webhooks")["data"]:
        if known["url"] == url:
            _asked(world, "DELETE", f"/air/webhooks/{known['id']}")
    made = _asked(world, "POST", "/air/webhooks", {"url": url, "events": _EVENTS})
    return str(made["data"]["secret"])


def _asked(world: DuffelWorld, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {TOKEN}", "duffel-version": "v2"}
    body = json.dumps({"data": data}).encode() if data is not None else b""
    reply = world.handle(Request(method, path, {}, headers, body))
    answered: dict[str, Any] = json.loads(reply.body) if reply.body else {}
    return answered
