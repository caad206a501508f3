"""A gateway and a sandbox, each on a real port of its own, in the test's own event loop."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import pytest
import uvicorn

from app.cli.demo.shop import Shop
from app.cli.demo.stage import Stage
from app.cli.partners import set_partner, signed_token
from app.domain.clock import SystemClock
from app.domain.money import Money
from app.domain.partner import Partner
from app.main import create_app
from app.settings import Settings
from carriers.sandbox.server import create_app as create_sandbox
from carriers.sandbox.start import open_sandbox
from tests.ports import free_port

ACME = Partner(id="acme", name="Acme Travel", currency="GBP", credit={"GBP": Money.of("20000", "GBP")})
OTHER = Partner(id="other", name="Other Travel", currency="GBP")
# Only a webhook can end the wait for an accepted order that never comes.
PATIENT = {"write_deadline_seconds": 5, "settle_seconds": 5, "accepted_settle_seconds": 3600}


@dataclass(frozen=True, kw_only=True)
class Town(Stage):
    """A stage for one partner, and the means to ask as another."""

    settings: Settings

    def token_of(self, partner: Partner, *scopes: str) -> str:
        now, lifetime = SystemClock().now(), timedelta(days=30)
        return signed_token(self.settings, partner.id, list(scopes or ("search", "book", "refund")), lifetime, now)

    def as_seen_by(self, token: str) -> "Town":
        return replace(self, token=token)


@asynccontextmanager
async def served(app, port):
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="on", ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), serving
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def founded(folder, **given):
    """A town in an empty folder; `given` are settings besides those that point at the sandbox."""
    gateway_port, sandbox_port = free_port(), free_port()
    gateway = f"http://127.0.0.1:{gateway_port}"
    worlds = open_sandbox(SystemClock(), sandbox_port, gateway, None)
    carriers, providers = (
        json.loads(worlds.variables[f"FAREGATE_{name}"]) for name in ("CARRIERS", "PAYMENT_PROVIDERS")
    )
    carriers[0]["overrides"] = PATIENT
    settings = Settings(data_dir=folder, public_url=gateway, carriers=carriers, payment_providers=providers, **given)
    for partner in (ACME, OTHER):
        await set_partner(settings, partner)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        token = (lambda: "a token") if settings.development else None
        for place in worlds.places:
            await stack.enter_async_context(served(create_sandbox(place.world), place.port))
        await stack.enter_async_context(served(create_app(settings, token=token), gateway_port))
        sandbox, payments, tours = (f"http://127.0.0.1:{place.port}" for place in worlds.places)
        places = {"gateway": gateway, "sandbox": sandbox, "payments": payments, "tours": tours}
        town = Town(http=http, token="", operator="", settings=settings, shop=Shop(), folder=folder, **places)
        yield town.as_seen_by(town.token_of(ACME))


@pytest.fixture
async def town(tmp_path):
    """A town in the development profile."""
    async with founded(tmp_path, profile="development") as town:
        yield town
