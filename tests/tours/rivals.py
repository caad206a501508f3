"""Gateways below GraphQL in processes of their own, on one database, which want the same at the same moment."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any
from urllib.parse import urlsplit

from app.booking.reserve import ReserveWish, take_reserve
from app.domain.ids import RandomIds
from app.store.engine import SqlStore
from app.wire.messages import Request, Response
from app.wire.transport import AiohttpTransport
from tests.booking.house import House, passenger, viewer
from tests.tours.selling import stay

# Forked: everything is imported already, so a process takes a moment.
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Redirected:
    """Carries every request to the world that is served at this address."""

    inner: AiohttpTransport
    world: str

    async def send(self, request: Request, timeout: timedelta) -> Response:
        path = urlsplit(request.url).path
        return await self.inner.send(replace(request, url=f"{self.world}{path}"), timeout)


@dataclass(frozen=True)
class Rival:
    """A gateway's process, and the line to it."""

    process: BaseProcess
    line: Connection

    def tell(self, said: Any) -> None:
        self.line.send(said)

    async def answer(self) -> Any:
        """What it says next."""
        return await asyncio.to_thread(self.line.recv)


@contextmanager
def rivals(number: int) -> Iterator[list[Rival]]:
    """So many; each is told the database's and the world's address and its name, then a day to reserve at a time."""
    found = [_born() for _ in range(number)]
    try:
        yield found
    finally:
        for rival in found:
            rival.line.close()
            rival.process.kill()
            rival.process.join()


def _born() -> Rival:
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=_live, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return Rival(process, ours)


def _live(line: Connection) -> None:
    asyncio.run(_sell(line))


async def _sell(line: Connection) -> None:
    database, world, name, buyers = line.recv()
    async with AiohttpTransport() as transport:
        house = House(store=SqlStore(database), tours_transport=Redirected(transport, world), ids=RandomIds())
        while True:
            day = line.recv()
            token = house.token(await stay(house, day))
            line.send("ready")
            line.recv()
            line.send(await asyncio.gather(*(_bought(house, token, f"{name}-{day}-{i}") for i in range(buyers))))


async def _bought(house: House, token: str, key: str) -> str:
    """What became of one buyer's wish."""
    wish = ReserveWish(offers=(token,), passengers=(passenger(),))
    outcome = await house.settled(await take_reserve(house.desk, viewer(), key, wish))
    if outcome.refusal is not None:
        return str(outcome.refusal.code)
    return str((await house.booking(outcome.booking_id)).state)


def tuesdays(number: int, first: date) -> list[date]:
    """So many days a week apart."""
    return [first + timedelta(weeks=week) for week in range(number)]
