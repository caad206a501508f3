"""A shop, a gateway and a payment provider, each at an origin of its own, and a payer at a real browser."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import uvicorn
from aiohttp import web

from app.cli.demo.browser import Page
from app.domain.clock import ManualClock
from carriers.sandbox.exchange import Request
from carriers.sandbox.payments.world import PaymentsWorld
from carriers.sandbox.server import create_app
from tests.carriers.sandbox.talk import START
from tests.ports import free_port, site

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "card-form"
UNKNOWN = {
    "type": "FaregatePaymentResponse",
    "paymentSuccessful": None,
    "paymentStatus": None,
    "amountPaid": None,
    "currency": "EUR",
    "bookingId": "Qm9va2luZzox",
    "final": False,
}
DONE = UNKNOWN | {"paymentSuccessful": "true", "paymentStatus": "SUCCESS", "amountPaid": "123.45", "final": True}
FAILED = UNKNOWN | {"paymentSuccessful": "false", "amountPaid": "0.00", "final": True}
APPROVED, SHORT, CHALLENGED = "4242424242424242", "4000000000009995", "4000002760003184"
PAYER = {
    "number": APPROVED,
    "expiry": "12 / 30",
    "cvc": "123",
    "name": "Ada Lovelace",
    "country": "GB",
    "line1": "12 St James's Square",
    "city": "London",
}
# What every window of the tab hears, wherever it is.
RECORD = "window.heard = []; addEventListener('message', (event) => heard.push([event.origin, event.data]))"
KEY = {"authorization": "Bearer sandbox_key"}


@dataclass
class Scene:
    """The world and its clock; `outcomes` are the gateway's answers, the last one for good."""

    world: PaymentsWorld
    clock: ManualClock
    provider: str
    shop: str = ""
    stranger: str = ""
    gateway: str = ""
    form_url: str = ""
    outcomes: list[dict] = field(default_factory=lambda: [UNKNOWN])
    callbacks: list[dict] = field(default_factory=list)

    def charge(self, *, seconds=1800, origins=None, **facts):
        """An open charge, its form the one that the shop shows."""
        wish = {
            "amount_minor": 12345,
            "currency": "EUR",
            "payment": "pay_1",
            "reference": "KWDT9F",
            "expires_at": (self.world.now() + timedelta(seconds=seconds)).isoformat(),
            "origins": [self.shop] if origins is None else origins,
            "outcome_url": f"{self.gateway}/payments/outcomes/token",
            "locale": "en-GB",
        }
        opened = self.ask("POST", "/v1/charges", **wish | facts)
        self.form_url = opened["form_url"]
        return opened["id"]

    def ask(self, method, path, **body):
        headers = KEY | {"idempotency-key": f"{method} {path} {sorted(body.items())}"}
        return self.world.handle(Request(method, path, {}, headers, json.dumps(body).encode())).json()

    def get(self, path=None):
        """The page at the path, without a browser; the form unless told otherwise."""
        return self.world.handle(Request("GET", path or self.form_url.removeprefix(self.provider)))

    def now(self, charge):
        return self.ask("GET", f"/v1/charges/{charge}")

    async def payment(self, _request):
        return web.json_response({"formUrl": self.form_url})

    async def outcome(self, _request):
        known = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return web.json_response(known, headers={"access-control-allow-origin": self.provider})

    async def hear(self, request):
        self.callbacks.append(await request.json())
        return web.Response()


@asynccontextmanager
async def staged():
    """Everything served, nothing opened yet."""
    clock, port = ManualClock(START), free_port()
    scene = Scene(PaymentsWorld(clock, origin=f"http://127.0.0.1:{port}"), clock, f"http://127.0.0.1:{port}")
    app = create_app(Unguarded(scene.world), hang_seconds=0.2)
    config = uvicorn.Config(app, port=port, log_level="critical", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    sites = site(_shop(scene)), site(_shop(scene)), site(_gateway(scene))
    async with sites[0] as scene.shop, sites[1] as scene.stranger, sites[2] as scene.gateway:
        while not server.started:
            await asyncio.sleep(0.005)
        yield scene
        server.should_exit = True
        await serving


class Unguarded:
    """The world, whose pages anybody may frame once it is `unguarded`: so the other protection stands alone."""

    def __init__(self, world):
        self._world = world

    def __getattr__(self, name):
        return getattr(self._world, name)

    def handle(self, request):
        reply = self._world.handle(request)
        policy = reply.headers.get("content-security-policy", "")
        if not getattr(self._world, "unguarded", False):
            return reply
        kept = "; ".join(part for part in policy.split("; ") if not part.startswith("frame-ancestors"))
        return replace(reply, headers=reply.headers | {"content-security-policy": kept})


def _shop(scene):
    app = web.Application()
    app.router.add_get("/payment.json", scene.payment)
    app.router.add_static("/", EXAMPLE)
    return app


def _gateway(scene):
    app = web.Application()
    app.router.add_get("/payments/outcomes/token", scene.outcome)
    app.router.add_post("/callbacks", scene.hear)
    return app


@dataclass
class Payer:
    """Somebody at the browser."""

    page: Page
    scene: Scene

    async def visit(self, origin=None, *, first="", **size):
        """Open the shop's page, and wait for the form in it."""
        await self.page.open(f"{origin or self.scene.shop}/index.html", first=f"{RECORD}; {first}", **size)
        await self.form("document.readyState === 'complete'")

    async def open(self, url=None, **how):
        """Open the form, or another page, by itself."""
        await self.page.open(url or self.scene.form_url, **how)
        await self.page.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def form(self, expression):
        """What becomes true in the form's frame."""
        return await self.page.until(expression, "/pay/")

    async def fill(self, **facts):
        """Fill the form in, as a browser's autofill does."""
        await self.form(
            "(document.readyState === 'complete') && Object.entries("
            f"{json.dumps(PAYER | facts)}).every(([name, value]) => {{"
            "  const field = document.getElementById(name); field.value = value;"
            "  return field.dispatchEvent(new Event('input', {bubbles: true})); })"
        )

    async def pay(self, **facts):
        """Fill it in and send it."""
        await self.fill(**facts)
        await self.page.value("document.querySelector('button').focus()", "/pay/")
        await self.page.press("Enter")

    async def answer(self, code):
        """Answer the issuer, once its frame is there."""
        await self.page.until("document.activeElement.id === 'code'", "/challenge/")
        await self.page.type(code)
        await self.page.press("Enter")

    async def heard(self, count=1):
        """What the shop's page heard, once it is so much: origin and content of each message."""
        await self.page.until(f"heard.length >= {count}")
        return [(origin, json.loads(told)) for origin, told in await self.page.value("heard")]
