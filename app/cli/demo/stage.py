"""The demo's stage: a sandbox and a gateway as real processes, spoken to over real HTTP."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from app.cli.demo.shop import Shop, serving
from carriers.sandbox.start import WORLDS

PARTNER = "Acme Travel"
_START_SECONDS = 60.0
_START_PAUSE = 0.1
_START_TRIES = 600
# Lost answers are given up after three seconds here, so that nobody waits for the longest an airline may take.
_IMPATIENT = {"write_deadline_seconds": 3, "settle_seconds": 5, "accepted_settle_seconds": 20}


class DemoError(Exception):
    """Something is not as the demo tells it."""


def sure(condition: object, claim: str) -> None:
    """Go on only if it is true; DemoError with the claim otherwise."""
    if not condition:
        raise DemoError(f"This should be true and is not: {claim}")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The running gateway and sandbox's worlds, seen from outside; the partner's shop; a folder for what is passing.

    `token` is the partner's, `operator` that of who runs the gateway.
    """

    http: aiohttp.ClientSession
    gateway: str
    sandbox: str
    payments: str
    tours: str
    shop: Shop
    token: str
    operator: str
    folder: Path

    async def ask(self, operation: str, **variables: object) -> dict[str, Any]:
        """One GraphQL operation's data; DemoError when it has errors."""
        headers = {"Authorization": f"Bearer {self.token}"}
        body = {"query": operation, "variables": variables}
        async with self.http.post(f"{self.gateway}/graphql", json=body, headers=headers) as answer:
            content = await answer.json(content_type=None)
        if content.get("errors"):
            raise DemoError(f"GraphQL answered: {json.dumps(content['errors'], indent=2)}")
        data: dict[str, Any] = content["data"]
        return data

    async def ledger(self) -> dict[str, Any]:
        """What is true at the carrier."""
        return await self._get(f"{self.sandbox}/_sandbox/ledger")

    async def tour_bookings(self) -> list[dict[str, Any]]:
        """What is true at the tour operators."""
        bookings: list[dict[str, Any]] = (await self._get(f"{self.tours}/_sandbox/ledger"))["bookings"]
        return bookings

    async def charges(self, reference: str | None = None) -> list[dict[str, Any]]:
        """What is true at the payment provider, of the booking with this reference or of all."""
        ledger = await self._get(f"{self.payments}/_sandbox/ledger")
        return [charge for charge in ledger["charges"] if reference in {charge["reference"], None}]

    async def now(self) -> datetime:
        """The gateway's time."""
        return datetime.fromisoformat((await self._get(f"{self.gateway}/_development/clock"))["now"])

    async def spoil(self, endpoint: str, kind: str, **details: object) -> None:
        """Let something go wrong at the carrier, once."""
        fault = {"endpoint": endpoint, "kind": kind, **details}
        async with self.http.post(f"{self.sandbox}/_sandbox/faults", json=fault) as answer:
            sure(answer.status == HTTPStatus.CREATED, f"the sandbox takes the fault {kind}")

    async def pass_time(self, seconds: int) -> None:
        """Move the clocks of every world and of the gateway."""
        clocks = (
            f"{self.sandbox}/_sandbox/clock",
            f"{self.payments}/_sandbox/clock",
            f"{self.tours}/_sandbox/clock",
            f"{self.gateway}/_development/clock",
        )
        for address in clocks:
            async with self.http.post(address, json={"advance_seconds": seconds}) as answer:
                sure(answer.status == HTTPStatus.OK, f"{address} moves time")

    async def fetch(self, url: str) -> bytes:
        """What a browser would get at this address, without any header of ours."""
        async with self.http.get(url) as answer:
            sure(answer.status == HTTPStatus.OK, f"{url} opens without a token")
            return await answer.read()

    async def _get(self, address: str) -> dict[str, Any]:
        async with self.http.get(address) as answer:
            content: dict[str, Any] = await answer.json()
        return content


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Start everything in an empty folder, and end it again."""
    sandbox_port, gateway_port = _free_port(), _free_port()
    gateway = f"http://127.0.0.1:{gateway_port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAREGATE_")} | {
        "FAREGATE_PROFILE": "development",
        "FAREGATE_DATA_DIR": str(folder),
        "FAREGATE_PUBLIC_URL": gateway,
    }
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(
            _process(folder / "sandbox.log", environment, "sandbox", "--port", str(sandbox_port))
        )
        environment |= _impatient(await _variables(sandbox))
        shop = await stack.enter_async_context(serving())
        token = await _partner(environment, shop)
        operator = await _token(environment, "search,book,internal")
        serve = ("serve", "--no-sandbox", "--port", str(gateway_port))
        await stack.enter_async_context(_process(folder / "gateway.log", environment, *serve))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        await _ready(http, f"{gateway}/health/ready", folder / "gateway.log")
        worlds = [f"http://127.0.0.1:{sandbox_port + number}" for number in range(WORLDS)]
        yield Stage(
            http=http,
            gateway=gateway,
            sandbox=worlds[0],
            payments=worlds[1],
            tours=worlds[2],
            shop=shop,
            token=token,
            operator=operator,
            folder=folder,
        )


async def _partner(environment: Mapping[str, str], shop: Shop) -> str:
    """Set the partner up with its shop, and answer its token."""
    terms = ["--currency", "GBP", "--credit", "GBP=20000", "--fee", "Service fee=PERCENT:2.5", "--regions", "UK,US"]
    terms += ["--origin", shop.origin]
    await _run(environment, "partner", "set", PARTNER, *terms)
    backend = ["--url", shop.callback_url, "--format", "payment-callback"]
    await _run(environment, "partner", "endpoint", "add", PARTNER, *backend)
    return await _token(environment, "search,book,refund")


async def _token(environment: Mapping[str, str], scopes: str) -> str:
    """A token with these scopes; the story moves time by months, and it must outlive that."""
    token = await _run(environment, "token", "--partner", PARTNER, "--scopes", scopes, "--hours", "2400")
    return token.strip()


def _free_port() -> int:
    """A port that nobody listens on, nor on the next ones, where the sandbox's other worlds are."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
            if all(_is_free(port + number) for number in range(1, WORLDS)):
                return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@asynccontextmanager
async def _process(
    log: Path, environment: Mapping[str, str], *arguments: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.cli.main",
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _variables(sandbox: asyncio.subprocess.Process) -> dict[str, str]:
    """The variables the sandbox prints before it serves."""
    assert sandbox.stdout is not None  # noqa: S101 - it was asked for
    found: dict[str, str] = {}
    async with asyncio.timeout(_START_SECONDS):
        while line := (await sandbox.stdout.readline()).decode().strip():
            name, _, value = line.partition("=")
            found[name] = value
    sure(found, "the sandbox prints its variables")
    return found


def _impatient(variables: dict[str, str]) -> dict[str, str]:
    carriers = json.loads(variables["FAREGATE_CARRIERS"])
    for carrier in carriers:
        told = carrier["overrides"]
        carrier["overrides"] = told | {name: value for name, value in _IMPATIENT.items() if name in told}
    return variables | {"FAREGATE_CARRIERS": json.dumps(carriers)}


async def _run(environment: Mapping[str, str], *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli.main", *arguments, env=environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    sure(process.returncode == 0, f"`faregate {arguments[0]}` succeeds")
    return output.decode()


async def _ready(http: aiohttp.ClientSession, address: str, log: Path) -> None:
    for _ in range(_START_TRIES):
        if await _answers(http, address):
            return
        await asyncio.sleep(_START_PAUSE)
    raise DemoError(f"The gateway does not start; see what it logged:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text()[-2000:]


async def _answers(http: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with http.get(address) as answer:
            return answer.status == HTTPStatus.OK
    except aiohttp.ClientError:
        return False
