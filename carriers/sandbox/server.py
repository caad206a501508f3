"""The HTTP shell around a world, with the controls that a real carrier does not have.

GET /_sandbox/ledger                  what is true in this world
GET, POST, DELETE /_sandbox/faults    what goes wrong, where and how often (DELETE ?id= removes one)
GET, POST /_sandbox/clock             its time; {"advance_seconds": n} moves it forward
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.sandbox.deliver import keep_delivering
from carriers.sandbox.exchange import Delivery, Json, Request
from carriers.sandbox.kept import go_on, keep
from carriers.sandbox.world import World

# Longer than any client should wait (Duffel asks for 130 seconds).
HANG_SECONDS = 150.0
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(world: World, state_file: Path | None = None, hang_seconds: float = HANG_SECONDS) -> Starlette:
    """The world over HTTP. With a state file it goes on where it was stopped."""
    shell = _Shell(world, state_file, hang_seconds)
    return Starlette(
        routes=[
            Route("/_sandbox/ledger", shell.ledger),
            Route("/_sandbox/faults", shell.list_faults, methods=["GET"]),
            Route("/_sandbox/faults", shell.set_fault, methods=["POST"]),
            Route("/_sandbox/faults", shell.clear_faults, methods=["DELETE"]),
            Route("/_sandbox/clock", shell.clock, methods=["GET"]),
            Route("/_sandbox/clock", shell.move_clock, methods=["POST"]),
            Route("/{path:path}", shell.carry, methods=_METHODS),
        ],
        lifespan=shell.lifespan,
    )


class _Shell:
    def __init__(self, world: World, state_file: Path | None, hang_seconds: float) -> None:
        self.world = world
        self.state_file = state_file
        self.hang_seconds = hang_seconds
        self.changed = asyncio.Event()
        go_on(world, state_file)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        delivering = asyncio.create_task(keep_delivering(self.world, self.changed))
        try:
            yield
        finally:
            delivering.cancel()
            with suppress(asyncio.CancelledError):
                await delivering

    async def carry(self, http: HttpRequest) -> Response:
        """Take a request to the world and its reply back, late or never where the world says so."""
        reply = self.world.handle(await _request(http))
        self.settle(http.method)
        if reply.delivery is Delivery.NO_REPLY:
            return await self.hang(http)
        await asyncio.sleep(reply.delay_seconds)
        return Response(reply.body, reply.status, dict(reply.headers))

    async def hang(self, http: HttpRequest) -> Response:
        """Keep the connection open without a word until the client gives up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.hang_seconds):
                while (await http.receive())["type"] != "http.disconnect":
                    continue
        # A body that never comes: the server closes the connection on seeing it.
        return Response(headers={"content-length": "1"})

    def settle(self, method: str) -> None:
        """Keep what changed, and let webhooks go out."""
        if method == "GET":
            return
        self.changed.set()
        keep(self.world, self.state_file)

    async def ledger(self, _http: HttpRequest) -> Response:
        return JSONResponse(self.world.ledger())

    async def list_faults(self, _http: HttpRequest) -> Response:
        return JSONResponse({"faults": self.world.faults.as_json(), "endpoints": list(self.world.endpoints)})

    async def set_fault(self, http: HttpRequest) -> Response:
        try:
            self.world.faults.add(self.world.endpoints, await _object(http))
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 422)
        self.settle("POST")
        return JSONResponse({"faults": self.world.faults.as_json()}, 201)

    async def clear_faults(self, http: HttpRequest) -> Response:
        removed = self.world.faults.remove(http.query_params.get("id"))
        self.settle("DELETE")
        return JSONResponse({"removed": removed})

    async def clock(self, _http: HttpRequest) -> Response:
        return JSONResponse({"now": self.world.now().isoformat()})

    async def move_clock(self, http: HttpRequest) -> Response:
        try:
            self.world.advance(_span(await _object(http)))
        except (TypeError, ValueError, OverflowError) as error:
            return JSONResponse({"error": str(error)}, 422)
        self.settle("POST")
        return await self.clock(http)


async def _request(http: HttpRequest) -> Request:
    query: dict[str, list[str]] = {}
    for name, value in http.query_params.multi_items():
        query.setdefault(name, []).append(value)
    return Request(http.method, http.url.path, query, dict(http.headers), await http.body())


def _span(wish: Json) -> timedelta:
    seconds = wish.get("advance_seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError("advance_seconds must be a number of seconds")
    return timedelta(seconds=seconds)


async def _object(http: HttpRequest) -> Json:
    document = json.loads(await http.body())
    if not isinstance(document, dict):
        raise TypeError("the body must be a JSON object")
    return document
