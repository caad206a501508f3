"""Ask every carrier at once; none holds the answer past the deadline, none takes the others down."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain.errors import Refusal, Trouble
from app.domain.refusals import Unsupported
from app.domain.search import CarrierOffers, OutcomeStatus, SearchQuery
from carriers.contract import Ability, Carrier

log = logging.getLogger("faregate.search")

Monotonic = Callable[[], float]

_NOTHING = CarrierOffers(offers=(), dropped={})


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One carrier's part: its offers, or why there are none."""

    carrier: str
    status: OutcomeStatus
    latency: timedelta
    answer: CarrierOffers = _NOTHING


class FanOut:
    """Searches many carriers within one deadline; `monotonic` counts seconds. Who runs tours flies nobody."""

    def __init__(self, carriers: Iterable[Carrier], *, deadline: timedelta, monotonic: Monotonic) -> None:
        self._carriers = tuple(carrier for carrier in carriers if Ability.TOURS not in carrier.profile.abilities)
        self._deadline = deadline
        self._monotonic = monotonic
        # The event loop holds tasks weakly: one that ignores its cancellation must still end properly.
        self._abandoned: set[asyncio.Task[Reply]] = set()

    async def ask(self, query: SearchQuery) -> list[Reply]:
        """A reply for every carrier, in their order, at the deadline at the latest."""
        started = self._monotonic()
        tasks = [asyncio.create_task(self._reply(carrier, query)) for carrier in self._carriers]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=self._deadline.total_seconds())
        finally:
            self._abandon([task for task in tasks if not task.done()])
        late = timedelta(seconds=self._monotonic() - started)
        pairs = zip(self._carriers, tasks, strict=True)
        return [task.result() if _answered(task) else _timed_out(carrier, late) for carrier, task in pairs]

    async def _reply(self, carrier: Carrier, query: SearchQuery) -> Reply:
        started = self._monotonic()
        answer = _NOTHING
        try:
            status, answer = await self._answer(carrier, query)
        except Unsupported:
            status = OutcomeStatus.UNSUPPORTED
        except (Refusal, Trouble) as trouble:
            status = OutcomeStatus.FAILED
            log.warning("carrier %s did not answer a search: %s", carrier.profile.code, type(trouble).__name__)
        except Exception:
            status = OutcomeStatus.FAILED
            log.exception("carrier %s broke in a search", carrier.profile.code)
        latency = timedelta(seconds=self._monotonic() - started)
        if status is OutcomeStatus.FAILED and latency >= self._deadline:
            status = OutcomeStatus.TIMED_OUT
        return Reply(carrier=carrier.profile.code, status=status, latency=latency, answer=answer)

    async def _answer(self, carrier: Carrier, query: SearchQuery) -> tuple[OutcomeStatus, CarrierOffers]:
        if Ability.SEARCH not in carrier.profile.abilities:
            return OutcomeStatus.UNSUPPORTED, _NOTHING
        answer = await carrier.search(query, deadline=self._deadline)
        return (OutcomeStatus.OK if answer.offers else OutcomeStatus.EMPTY), answer

    def _abandon(self, tasks: Sequence[asyncio.Task[Reply]]) -> None:
        for task in tasks:
            self._abandoned.add(task)
            task.add_done_callback(self._abandoned.discard)
            task.cancel()


def _answered(task: asyncio.Task[Reply]) -> bool:
    return task.done() and not task.cancelled()


def _timed_out(carrier: Carrier, late: timedelta) -> Reply:
    return Reply(carrier=carrier.profile.code, status=OutcomeStatus.TIMED_OUT, latency=late)
