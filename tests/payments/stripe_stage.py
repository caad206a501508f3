"""A gateway with Stripe's form, a shop and a Stripe.js, each at an origin of its own, and Stripe itself behind them."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import uvicorn
from aiohttp import web
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.payments.registry import Providers
from app.signing.digest import Digester
from app.signing.links import FormLinks
from app.web.stripe_form import StripeForms
from tests.payments.fake_stripe import GOOD
from tests.payments.form.scene import UNKNOWN
from tests.payments.stripe_scenes import EUROS, Till, settings
from tests.ports import free_port, site

# The shop keeps every message it hears.
_RECORD = (
    "<script>window.heard = []; addEventListener('message', (event) => heard.push([event.origin, event.data]))</script>"
)
_SCRIPT = Path(__file__).with_name("stripe_script.js")


@dataclass
class Stage:
    """`cards` are what the payer types, one after the other; `outcomes` the gateway's answers, the last for good."""

    till: Till
    gateway: str
    shop: str = ""
    stripe: str = ""
    cards: list = field(default_factory=lambda: [GOOD])
    wrong: str | None = None
    passes: bool = True
    outcomes: list = field(default_factory=lambda: [UNKNOWN])
    form_url: str = ""

    async def open(self, **changed):
        """A session whose form the shop shows."""
        outcome = f"{self.gateway}/payments/outcomes/token"
        charge = await self.till.open(EUROS, **{"origins": (self.shop,), "outcome_url": outcome} | changed)
        self.form_url = charge.form_url
        return charge

    async def get(self, path=""):
        """Status, headers and text of the form, or of something below it."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.form_url}{path}") as answer:
            return answer.status, answer.headers, await answer.text()

    async def post(self, content, kind="application/json"):
        """Status and JSON of what the form answers to a card's token."""
        headers = {"Content-Type": kind}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.form_url}/cards", data=content, headers=headers) as answer,
        ):
            return answer.status, await answer.json()

    async def outcome(self, _request):
        return JSONResponse(self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0])

    async def token(self, _request):
        card = self.cards.pop(0)
        return _told({"confirmationToken": {"id": self.till.world.token(card)}})

    async def submit(self, _request):
        return _told({"error": {"message": self.wrong}} if self.wrong else {})

    async def challenge(self, request):
        ref = request.query["secret"].partition("_secret_")[0]
        self.till.world.challenge(ref, passed=self.passes)
        return _told({})

    async def script(self, _request):
        return web.Response(text=_SCRIPT.read_text(), content_type="application/javascript")

    async def page(self, _request):
        shown = f'<iframe src="{self.form_url}" style="width: 100%; height: 700px; border: 0"></iframe>'
        text = f'<!DOCTYPE html><link rel="icon" href="data:,"><body style="margin: 0">{_RECORD}{shown}'
        return web.Response(text=text, content_type="text/html")


def _told(document):
    return web.json_response(document, headers={"Access-Control-Allow-Origin": "*"})


async def _frame(_request):
    return web.Response(text="<p>4242 4242 4242 4242</p>", content_type="text/html")


def _stripe(stage):
    app = web.Application()
    for path, take in {
        "/stripe.js": stage.script,
        "/frame": _frame,
        "/token": stage.token,
        "/submit": stage.submit,
        "/challenge": stage.challenge,
    }.items():
        app.router.add_get(path, take)
    return app


def _shop(stage):
    app = web.Application()
    app.router.add_get("/", stage.page)
    return app


@asynccontextmanager
async def staged():
    """Everything served, nothing opened yet."""
    port = free_port()
    gateway, links = f"http://127.0.0.1:{port}", FormLinks(Digester([b"k" * 32]), f"http://127.0.0.1:{port}")
    stage = Stage(None, gateway)
    async with site(_stripe(stage)) as stage.stripe, site(_shop(stage)) as stage.shop:
        stage.till = Till(settings(overrides={"script_url": f"{stage.stripe}/stripe.js"}), links)
        another = SimpleNamespace(profile=SimpleNamespace(code="another", family="sandbox"))
        forms = StripeForms(Providers([stage.till.stripe, another]), links, stage.till.clock)
        app = Starlette(routes=[*forms.routes(), Route("/payments/outcomes/token", stage.outcome)])
        config = uvicorn.Config(app, port=port, log_level="critical", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0)
        yield stage
        server.should_exit = True
        await serving
