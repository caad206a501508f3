"""The one place where the gateway speaks to others: a deadline for each call and an honest account of how it ended.

    the answer     whatever its status; the caller knows what a status means
    Trouble        nothing happened: never sent, paused by the host, too late to send, or a read that stayed unanswered
    Unknown        a write was sent and no complete answer came back; it may have happened

A caller that is cancelled gets CancelledError at once. For a write, that too means Unknown: it may have been sent.
"""

import asyncio
import itertools
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.clock import Clock
from app.domain.errors import Trouble, Unknown
from app.wire.messages import Request, Response
from app.wire.pacing import TOO_MANY, UNAVAILABLE, pause
from app.wire.trace import Trace, Traced, log, template
from app.wire.transport import NoAnswer, NotSent, Transport

_FIRST_BACKOFF: Final = 0.1
_LONGEST_BACKOFF: Final = 2.0


class Wire:
    """Calls within deadlines, one `Wire` for each event loop.

    `per_host` bounds the calls under way to one host. `monotonic`, `sleep` and `jitter` are replaced in tests.
    """

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        *,
        per_host: int = 20,
        trace: Trace = log,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._trace = trace
        self._sleep = sleep
        self._monotonic = monotonic
        self._jitter = jitter
        self._slots: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))
        self._open_at: dict[str, float] = {}

    async def call(
        self, request: Request, *, deadline: timedelta, send_by: datetime | None = None, read: bool = False
    ) -> Response:
        """The answer within `deadline`; Trouble or Unknown as the module says. Nothing is sent after `send_by`.

        `read` promises that asking twice changes nothing: only then is a lost answer asked for again.
        """
        request = replace(request, fresh=not read)
        ends = self._monotonic() + deadline.total_seconds()
        for attempt in itertools.count(1):
            try:
                response = await self._attempt(request, ends, send_by, attempt)
            except (NotSent, NoAnswer) as error:
                failure = _failure(request, error, read=read)
            else:
                if not _try_later(response, read=read):
                    break
                continue
            if not read:
                raise failure
            await self._back_off(attempt, ends, failure)
        return replace(response, read=read)

    async def _attempt(self, request: Request, ends: float, send_by: datetime | None, attempt: int) -> Response:
        """One attempt when the host allows it; NotSent or NoAnswer, or Trouble when there is no time for it."""
        await self._pace(request.host, ends)
        async with self._slot(request.host, ends):
            # Whoever was before us in the queue may have been told to pause.
            await self._pace(request.host, ends)
            if send_by is not None and self._clock.now() > send_by:
                raise Trouble(f"Too late to ask {request.host}: nothing was sent.")
            response = await self._send(request, self._left(request.host, ends), attempt)
        self._heed(request.host, response)
        return response

    async def _send(self, request: Request, left: float, attempt: int) -> Response:
        started, outcome = self._monotonic(), "cancelled"
        try:
            response = await self._transport.send(request, timedelta(seconds=left))
            outcome = str(response.status)
            return response
        except (NotSent, NoAnswer) as error:
            outcome = f"{type(error).__name__}({error})"
            raise
        finally:
            self._trace(
                Traced(
                    method=request.method,
                    host=request.host,
                    path=template(request),
                    outcome=outcome,
                    milliseconds=round((self._monotonic() - started) * 1000),
                    attempt=attempt,
                )
            )

    def _heed(self, host: str, response: Response) -> None:
        """Remember how long the host asked to be left alone."""
        asked = pause(response, self._clock.now())
        if asked is not None:
            self._open_at[host] = max(self._open_at.get(host, 0), self._monotonic() + asked.total_seconds())

    async def _pace(self, host: str, ends: float) -> None:
        """Wait until the host may be asked; Trouble at once when that is after the deadline."""
        while (wait := self._open_at.get(host, 0) - self._monotonic()) > 0:
            if self._monotonic() + wait >= ends:
                raise Trouble(f"{host} asked for a pause.", retry_after=timedelta(seconds=wait))
            await self._sleep(wait)

    @asynccontextmanager
    async def _slot(self, host: str, ends: float) -> AsyncIterator[None]:
        """One of the host's slots, held for the block; Trouble when none becomes free in time."""
        slots = self._slots[host]
        try:
            async with asyncio.timeout(self._left(host, ends)):
                await slots.acquire()
        except TimeoutError:
            raise Trouble(f"Too many calls to {host} are under way.") from None
        try:
            yield
        finally:
            slots.release()

    async def _back_off(self, attempt: int, ends: float, failure: Trouble | Unknown) -> None:
        """Wait before the next attempt; the failure itself when there is no time for one."""
        longest = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** (attempt - 1))
        delay = longest * (1 + self._jitter()) / 2
        if self._monotonic() + delay >= ends:
            raise failure
        await self._sleep(delay)

    def _left(self, host: str, ends: float) -> float:
        left = ends - self._monotonic()
        if left <= 0:
            raise Trouble(f"No time was left to ask {host}.")
        return left


def _failure(request: Request, error: NotSent | NoAnswer, *, read: bool) -> Trouble | Unknown:
    if isinstance(error, NotSent):
        return Trouble(f"{request.host} could not be reached.")
    if read:
        return Trouble(f"{request.host} did not answer.")
    return Unknown(f"{request.host} was asked and did not answer.")


def _try_later(response: Response, *, read: bool) -> bool:
    """Whether the host refused to work on it now. What a 503 to a write did, only the carrier's family knows."""
    if response.status == TOO_MANY:
        return True
    return read and response.status == UNAVAILABLE and "retry-after" in response.headers
