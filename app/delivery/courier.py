"""Who carries deliveries to partners, beside the operations and never in their way.

Each endpoint with something due has one task, which posts a few deliveries at a time: a slow endpoint keeps only
itself waiting, and one that fails makes room for the others until it is due again.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from app.delivery.deliveries import claim, due_endpoints, settle
from app.delivery.due import Due
from app.delivery.letters import Letters
from app.delivery.post import DEADLINE, Answer, Verdict, post
from app.domain.clock import Clock
from app.domain.errors import Trouble
from app.journal.run import Claim
from app.store.engine import Store
from app.wire.wire import Wire

log = logging.getLogger(__name__)

ENDPOINTS: Final = 32
AT_ONCE: Final = 4


class Courier:
    """Delivers what is due over a wire of its own. `chance` is replaced in tests."""

    def __init__(
        self, store: Store, clock: Clock, wire: Wire, letters: Letters, *, chance: Callable[[], float] = random.random
    ) -> None:
        self._store = store
        self._clock = clock
        self._wire = wire
        self._letters = letters
        self._chance = chance
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def deliver(self) -> Sequence[Claim]:
        """A chore: set out to every endpoint with something due, as far as there is room; opens no operation."""
        room = ENDPOINTS - len(self._tasks)
        if room > 0:
            find = partial(due_endpoints, now=self._clock.now(), busy=list(self._tasks), limit=room)
            for endpoint_id in await self._store.read(find):
                self._set_out(endpoint_id)
        return ()

    async def rest(self) -> None:
        """Wait until everybody is back; for tests."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Drop everything at once: what was in hand is delivered again when its lease is over."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _set_out(self, endpoint_id: str) -> None:
        task = asyncio.create_task(self._serve(endpoint_id), name=f"deliveries to {endpoint_id}")
        self._tasks[endpoint_id] = task
        task.add_done_callback(partial(self._back, endpoint_id))

    def _back(self, endpoint_id: str, task: asyncio.Task[None]) -> None:
        del self._tasks[endpoint_id]
        if not task.cancelled() and task.exception() is not None:
            log.error("deliveries to %s were dropped", endpoint_id, exc_info=task.exception())

    async def _serve(self, endpoint_id: str) -> None:
        """Deliver until nothing is due at the endpoint, or something failed there."""
        taken = True
        while taken:
            take = partial(claim, endpoint_id=endpoint_id, now=self._clock.now(), limit=AT_ONCE)
            batch = await self._store.write(take)
            ends = await asyncio.gather(*map(self._deliver, batch), return_exceptions=True)
            for error in ends:
                if isinstance(error, BaseException):
                    log.error("a delivery to %s could not be written down", endpoint_id, exc_info=error)
            taken = bool(batch) and all(end is True for end in ends)

    async def _deliver(self, due: Due) -> bool:
        """Make one attempt and write down how it ended; whether the endpoint took it."""
        answer = await self._attempt(due)
        end = partial(settle, due=due, answer=answer, now=self._clock.now(), chance=self._chance())
        await self._store.write(end)
        return answer.verdict is Verdict.TAKEN

    async def _attempt(self, due: Due) -> Answer:
        try:
            request = await self._letters.write(due)
            return await post(self._wire, self._clock, request, send_by=due.lease - DEADLINE)
        except Trouble as trouble:
            return Answer(verdict=Verdict.AGAIN, words=str(trouble))
        except Exception:
            log.exception("delivery %s could not be made", due.id)
            return Answer(verdict=Verdict.AGAIN, words="Something went wrong on our side.")
