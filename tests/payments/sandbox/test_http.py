"""The provider over a real port: a payer without our script, the gateway's client, and a callback that arrives."""

import asyncio

import aiohttp
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from app.domain.clock import ManualClock
from app.payments.contract import ChargeState
from app.wire.transport import AiohttpTransport
from app.wire.wire import Wire
from carriers.sandbox.payments.world import PaymentsWorld
from tests.carriers.worlds import START, served
from tests.journeys.conftest import served as serving
from tests.payments.contract import PRICE, Till
from tests.payments.worlds import APPROVED, ask, provider_at
from tests.ports import free_port

TYPED = {"number": APPROVED, "expiry": "12/30", "cvc": "123", "name": "Ada Lovelace"}


class Receiver:
    """Takes callbacks at the second attempt."""

    def __init__(self):
        self.answers = [503, 200]
        self.taken = asyncio.Queue()

    def app(self):
        return Starlette(routes=[Route("/callbacks", self.hear, methods=["POST"])])

    async def hear(self, request):
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.taken.put_nowait((dict(request.headers), await request.body()))
        return Response(status_code=status)


async def test_from_the_form_to_the_callback():
    clock, receiver, port = ManualClock(START), Receiver(), free_port()
    world = PaymentsWorld(clock)
    hears = f"http://127.0.0.1:{port}/callbacks"
    ask(world, "POST", "/v1/callbacks", {"url": hears})
    async with (
        served(world) as url,
        serving(receiver.app(), port),
        AiohttpTransport() as transport,
        aiohttp.ClientSession() as browser,
    ):
        world._core.origin = url
        provider = provider_at(url, Wire(transport, clock), clock, callback_url=hears)
        till = Till(SceneOverHttp(provider, clock))
        charge = await till.open()
        async with browser.post(f"{charge.form_url}/cards", data=TYPED, allow_redirects=False) as answer:
            assert answer.status == 303
        paid = await provider.charge(charge.ref)
        assert (await till.capture(paid)).captured == PRICE
        async with asyncio.timeout(30):
            # The sandbox may not have heard the refusal yet, from which the next try is counted.
            while receiver.taken.qsize() < 2:
                async with browser.post(f"{url}/_sandbox/clock", json={"advance_seconds": 6}) as answer:
                    assert answer.status == 200
                await asyncio.sleep(0.01)
        heard = [await provider.hear(*receiver.taken.get_nowait()) for _ in range(2)]
        async with browser.get(f"{url}/_sandbox/ledger") as answer:
            ledger = await answer.json()
    assert paid.state is ChargeState.AUTHORISED
    assert {event.charge for (event,) in heard} == {charge.ref}
    assert ledger["totals"]["GBP"]["net_minor"] == PRICE.minor


class SceneOverHttp:
    """What a till needs to ask."""

    def __init__(self, provider, clock):
        self.provider = provider
        self.clock = clock
