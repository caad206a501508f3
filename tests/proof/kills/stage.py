"""A sandbox and its gateways as real processes: started, killed without warning, and started again."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from app.cli.partners import set_partner, signed_token
from app.domain.clock import SystemClock
from app.domain.money import Money
from app.domain.partner import Partner
from app.domain.tours import SellingRegion
from app.settings import Settings
from carriers.sandbox.start import WORLDS
from tests.ports import free_port

Json = dict[str, Any]
PIPE = asyncio.subprocess.PIPE
_FAREGATE = "app.cli.main"

# Lost answers are given up soon, so that a campaign sees many recoveries.
IMPATIENT = {"write_deadline_seconds": 2, "settle_seconds": 3, "accepted_settle_seconds": 6}
# Unpaid bookings expire while the killing still goes on; those that are paid by card need a form in that time.
PAYMENT_LIMIT_SECONDS, CARD_LIMIT_SECONDS = 75, 240
_REGIONS = (SellingRegion.UK,)
_SETTINGS = {
    "FAREGATE_PROFILE": "development",
    "FAREGATE_READ_TIMEOUT_SECONDS": "2",
    "FAREGATE_MUTATION_WAIT_SECONDS": "4",
    "FAREGATE_SEARCH_CACHE_SECONDS": "0.01",
}
_START_SECONDS = 60
_CALL_SECONDS = 15
# A payer in front of a form waits so long for its answer, then looks what has become of it.
_PAYER_SECONDS = 7


@dataclass(frozen=True)
class Ledgers:
    """What is true at the airlines' carrier, at the payment provider and at the tour operators."""

    carrier: Json
    bank: Json
    tours: Json

    @property
    def timeless(self) -> tuple[Json, ...]:
        """All of it without the time it was read at."""
        return tuple(found | {"now": ""} for found in (self.carrier, self.bank, self.tours))


@dataclass
class Nursery:
    """Where gateway processes come from."""

    process: asyncio.subprocess.Process
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fork(self, log: Path, *arguments: str) -> int:
        """A new process of `faregate` with these arguments; its id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self.alone:
            self.process.stdin.write(json.dumps([str(log), *arguments]).encode() + b"\n")
            return int(await self.process.stdout.readline())


@dataclass
class Gateway:
    """One gateway process after another, on the same port."""

    port: int
    log: Path
    nursery: Nursery
    process: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, http: aiohttp.ClientSession) -> None:
        self.process = await self.nursery.fork(self.log, "serve", "--no-sandbox", "--port", str(self.port))
        async with asyncio.timeout(_START_SECONDS):
            while not await _ready(http, self.url):
                assert _lives(self.process), self.log.read_text()[-2000:]
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        while _lives(self.process):
            await asyncio.sleep(0.01)
        self.process = None


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Stage:
    """What the campaign plays on."""

    http: aiohttp.ClientSession
    sandbox: str
    payments: str
    tours: str
    gateways: list[Gateway]
    token: str
    card_token: str
    turns: Any = field(init=False)

    def __post_init__(self) -> None:
        self.turns = cycle(self.gateways)

    @property
    def worlds(self) -> tuple[str, str, str]:
        """Where the airlines' carrier, the payment provider and the tour operators are."""
        return self.sandbox, self.payments, self.tours

    async def ask(self, operation: str, *, token: str, patience: float = _CALL_SECONDS, **variables: object) -> Json:
        """One GraphQL operation's data from the gateway whose turn it is; OSError or TimeoutError when cut off."""
        url, headers = f"{next(self.turns).url}/graphql", {"Authorization": f"Bearer {token}"}
        body = {"query": operation, "variables": variables}
        timeout = aiohttp.ClientTimeout(total=patience)
        try:
            async with self.http.post(url, json=body, headers=headers, timeout=timeout) as answer:
                content = await answer.json(content_type=None)
        except aiohttp.ClientError as error:
            raise ConnectionError(str(error)) from error
        errors = content.get("errors") or []
        if any(error["extensions"]["code"] == "CARRIER_UNAVAILABLE" for error in errors):
            raise ConnectionError(errors[0]["message"])
        assert not errors, errors
        data: Json = content["data"]
        return data

    async def in_form(self, url: str, typed: Json | None = None) -> Json:
        """What the form answers a payer's browser, which reads or sends; nothing where no answer comes."""
        method, timeout = "GET" if typed is None else "POST", aiohttp.ClientTimeout(total=_PAYER_SECONDS)
        try:
            async with self.http.request(method, url, json=typed, timeout=timeout) as answer:
                content: Json = await answer.json(content_type=None) if answer.ok else {}
        except (aiohttp.ClientError, TimeoutError):
            return {}
        return content

    async def ledgers(self) -> Ledgers:
        return Ledgers(*[await self._read(f"{world}/_sandbox/ledger") for world in self.worlds])

    async def faults(self, world: str) -> list[Json]:
        content: list[Json] = (await self._read(f"{world}/_sandbox/faults"))["faults"]
        return content

    async def spoil(self, world: str, fault: Json) -> None:
        async with self.http.post(f"{world}/_sandbox/faults", json=fault) as answer:
            assert answer.status == 201, await answer.text()

    async def clear_sky(self, world: str) -> None:
        async with self.http.delete(f"{world}/_sandbox/faults") as answer:
            assert answer.status == 200

    async def answer_requests(self, *, accept: bool) -> None:
        """Let the tour operators answer whatever waits for them."""
        async with self.http.post(f"{self.tours}/_sandbox/requests", json={"accept": accept}) as answer:
            assert answer.status == 200, await answer.text()

    async def _read(self, url: str) -> Json:
        async with self.http.get(url) as answer:
            content: Json = await answer.json()
        return content

    async def now(self) -> datetime:
        """What the gateways' clocks show."""
        shown = await self._read(f"{self.gateways[0].url}/_development/clock")
        return datetime.fromisoformat(shown["now"])

    async def pass_time(self, seconds: float) -> None:
        """Move every clock; only while nothing is under way, because what is on the wire cannot be moved."""
        clocks = [
            *(f"{world}/_sandbox/clock" for world in self.worlds),
            *(f"{one.url}/_development/clock" for one in self.gateways),
        ]
        for clock in clocks:
            async with self.http.post(clock, json={"advance_seconds": seconds}) as answer:
                assert answer.status == 200, await answer.text()


@asynccontextmanager
async def stage(folder: Path, database_url: str, gateways: int, *, workers: int = 0) -> AsyncIterator[Stage]:
    """Start a sandbox and so many gateways and workers on one database; all of them are ended at the end."""
    ports = [free_port() for _ in range(gateways + 1)]
    sandbox_port, *gateway_ports = ports
    public_url = f"http://127.0.0.1:{gateway_ports[0]}"
    environment = _bare() | _SETTINGS
    environment |= {"FAREGATE_DATA_DIR": str(folder), "FAREGATE_PUBLIC_URL": public_url}
    environment |= {"FAREGATE_DATABASE_URL": database_url}
    sandbox = await _started(environment, _FAREGATE, "sandbox", "--port", str(sandbox_port), stdout=PIPE)
    running, houses = [sandbox], list[Gateway]()
    try:
        environment |= impatient(await variables(sandbox))
        tokens = await _partners(folder, database_url, public_url)
        running.append(await _started(environment, "tests.proof.kills.nursery", stdin=PIPE, stdout=PIPE))
        nursery = Nursery(running[-1])
        houses += [Gateway(port, folder / f"gateway-{port}.log", nursery) for port in gateway_ports]
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            await asyncio.gather(*(house.start(http) for house in houses))
            for number in range(workers):
                await nursery.fork(folder / f"worker-{number}.log", "worker")
            worlds = (f"http://127.0.0.1:{sandbox_port + number}" for number in range(WORLDS))
            yield Stage(http, *worlds, houses, *tokens)
    finally:
        for house in houses:
            await house.kill()
        for process in running:
            # With every child that a failed test lost sight of.
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def variables(sandbox: asyncio.subprocess.Process) -> dict[str, str]:
    """The variables the sandbox prints before it serves."""
    assert sandbox.stdout is not None
    found: dict[str, str] = {}
    async with asyncio.timeout(_START_SECONDS):
        while line := (await sandbox.stdout.readline()).decode().strip():
            name, _, value = line.partition("=")
            found[name] = value
    return found


def impatient(printed: Mapping[str, str]) -> dict[str, str]:
    carriers = json.loads(printed["FAREGATE_CARRIERS"])
    for carrier in carriers:
        told = carrier["overrides"]
        carrier["overrides"] = told | {name: value for name, value in IMPATIENT.items() if name in told}
    providers = json.loads(printed["FAREGATE_PAYMENT_PROVIDERS"])
    for provider in providers:
        provider["overrides"] |= {"write_deadline_seconds": IMPATIENT["write_deadline_seconds"]}
    changed = {"FAREGATE_CARRIERS": carriers, "FAREGATE_PAYMENT_PROVIDERS": providers}
    return {**printed, **{name: json.dumps(value) for name, value in changed.items()}}


async def _partners(folder: Path, database_url: str, public_url: str) -> list[str]:
    """Let two partners in, the second with time for cards; their tokens."""
    settings = Settings(
        profile="development", data_dir=folder, database_url=SecretStr(database_url), public_url=public_url
    )
    credit = {"GBP": Money.of("1000000000", "GBP")}
    tokens = []
    for name, seconds in (("acme", PAYMENT_LIMIT_SECONDS), ("cards", CARD_LIMIT_SECONDS)):
        limit = timedelta(seconds=seconds)
        terms = Partner(id=name, name=name, currency="GBP", credit=credit, payment_limit=limit, regions=_REGIONS)
        await set_partner(settings, terms)
        scopes = ["search", "book", "refund"]
        tokens.append(signed_token(settings, name, scopes, timedelta(days=30), SystemClock().now()))
    return tokens


async def _started(environment: Mapping[str, str], *command: str, **streams: int) -> asyncio.subprocess.Process:
    python = [sys.executable, "-m", *command]
    return await asyncio.create_subprocess_exec(*python, env=environment, start_new_session=True, **streams)


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("FAREGATE_")}


async def _ready(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/health/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
