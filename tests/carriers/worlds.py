"""Sandbox worlds as carriers: in the same process without a socket or a wait, or over real HTTP on loopback.

One `ManualClock` is the time of the world and of the gateway. In process, waiting is moving that clock.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from app.domain.clock import ManualClock
from app.settings import CarrierSettings
from app.wire.messages import Request, Response
from app.wire.transport import AiohttpTransport, NoAnswer, Transport
from app.wire.wire import Wire
from carriers.contract import Carrier
from carriers.octo.build import build as build_octo
from carriers.octo.client import Octo
from carriers.registry import carriers
from carriers.sandbox.exchange import Delivery
from carriers.sandbox.exchange import Request as WorldRequest
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TOKEN = "duffel_test_sandbox"
WEBHOOK_SECRET = "whsec-of-the-tests"
READ_DEADLINE = timedelta(seconds=15)
# A reply that never comes over real HTTP is a connection cut after this.
_SILENCE_SECONDS = 0.05


def _stay(_waited: timedelta) -> None:
    """Time stands still while nobody answers."""


@dataclass
class SandboxTransport(Transport):
    """Carries requests into a world. A reply that never comes, or comes too late, is NoAnswer at once.

    `wait` is told how long a client would have waited for it; `sent` keeps every request, oldest first. `declined`
    names refusals that this world has no reason for: the end of a path, and the code to answer it with, once each.
    """

    world: World
    wait: Callable[[timedelta], None] = _stay
    sent: list[Request] = field(default_factory=list)
    declined: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, request: Request, timeout: timedelta) -> Response:
        self.sent.append(request)
        no = next((no for no in self.declined if request.url.endswith(no[0])), None)
        if no is not None:
            self.declined.remove(no)
            errors = {"errors": [{"type": "invalid_state_error", "code": no[1]}]}
            return Response(status=422, headers={}, body=json.dumps(errors).encode())
        reply = self.world.handle(_into_world(request))
        if reply.delivery is Delivery.NO_REPLY or reply.delay_seconds >= timeout.total_seconds():
            self.wait(timeout)
            raise NoAnswer("TimeoutError")
        return Response(status=reply.status, headers=dict(reply.headers), body=reply.body)


def _into_world(request: Request) -> WorldRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = {name: [value] for name, value in request.params.items()}
    body = b"" if request.json is None else json.dumps(request.json).encode()
    return WorldRequest(request.method, urlsplit(request.url).path, query, headers, body)


def instant_wire(transport: Transport, clock: ManualClock) -> Wire:
    """A wire whose waits move the clock instead of passing."""

    async def sleep(seconds: float) -> None:
        # A wait below the clock's precision must end too.
        clock.advance(max(timedelta(seconds=seconds), timedelta.resolution))
        await asyncio.sleep(0)

    def monotonic() -> float:
        return (clock.now() - START).total_seconds()

    return Wire(transport, clock, sleep=sleep, monotonic=monotonic)


def settings(
    url: str, overrides: Mapping[str, Any] | None = None, webhook_secret: str | None = None
) -> CarrierSettings:
    """A Duffel account at this address."""
    return CarrierSettings(
        code="duffel",
        family="duffel",
        url=url,
        token=TOKEN,
        webhook_secret=webhook_secret,
        overrides=overrides or {},
    )


def in_process(world: World, clock: ManualClock, transport: Transport | None = None, **overrides: Any) -> Carrier:
    """A carrier whose calls end in the world, in this process."""
    wire = instant_wire(transport or SandboxTransport(world), clock)
    account = settings("http://duffel.sandbox", overrides, WEBHOOK_SECRET)
    return carriers([account], wire, clock, read_deadline=READ_DEADLINE).get("duffel")


@dataclass
class PlainTransport(SandboxTransport):
    """Carries requests into a world that has never heard of our capability for tours."""

    async def send(self, request: Request, timeout: timedelta) -> Response:
        asked = request.headers["Octo-Capabilities"].split(", ")
        known = ", ".join(name for name in asked if name.startswith("octo/"))
        return await super().send(replace(request, headers={**request.headers, "Octo-Capabilities": known}), timeout)


def octo_settings(url: str, operator: str, overrides: Mapping[str, Any] | None = None) -> CarrierSettings:
    """An account with this operator of the OCTO world at this address."""
    return CarrierSettings(
        code=operator,
        family="octo",
        name=operator.title(),
        url=f"{url}/{operator}",
        token=f"octo_sandbox_{operator}",
        overrides=overrides or {},
    )


def in_process_octo(
    world: World,
    clock: ManualClock,
    transport: Transport | None = None,
    *,
    operator: str = "insightvacations",
    **overrides: Any,
) -> Octo:
    """A tour operator whose calls end in the world, in this process."""
    wire = instant_wire(transport or SandboxTransport(world), clock)
    return build_octo(octo_settings("http://octo.sandbox", operator, overrides), wire, clock, READ_DEADLINE)


@asynccontextmanager
async def octo_over_http(
    world: World, clock: ManualClock, *, operator: str = "insightvacations", **overrides: Any
) -> AsyncIterator[Octo]:
    """A tour operator whose calls go over real HTTP to the world, served on a free loopback port in this loop."""
    async with served(world) as url, AiohttpTransport() as transport:
        yield build_octo(octo_settings(url, operator, overrides), Wire(transport, clock), clock, READ_DEADLINE)


@asynccontextmanager
async def over_http(world: World, clock: ManualClock, **overrides: Any) -> AsyncIterator[Carrier]:
    """A carrier whose calls go over real HTTP to the world, served on a free loopback port in this loop."""
    async with served(world) as url, AiohttpTransport() as transport:
        account = settings(url, overrides, WEBHOOK_SECRET)
        yield carriers([account], Wire(transport, clock), clock, read_deadline=READ_DEADLINE).get("duffel")


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """The address of the world's HTTP shell."""
    app = create_app(world, hang_seconds=_SILENCE_SECONDS)
    # A port that is bound by uvicorn itself: over a given socket every answer would wait for an acknowledgement.
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="on", ws="none"))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    # Neither its main loop nor its shutdown, each of which ends a tenth of a second late.
    await server.startup()
    ((listener,),) = (each.sockets for each in server.servers)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for each in (*server.servers, *(one.transport for one in server.server_state.connections)):
            each.close()
        while server.server_state.connections:
            await asyncio.sleep(0)
        await server.lifespan.shutdown()
