"""One attempt at posting, and what its end means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from app.domain.clock import Clock
from app.domain.errors import Trouble, Unknown
from app.wire.messages import Request, Response
from app.wire.pacing import pause
from app.wire.wire import Wire

DEADLINE: Final = timedelta(seconds=15)
_GONE: Final = 410
_SUCCESSES: Final = range(200, 300)


class Verdict(Enum):
    """TAKEN is 2xx; GONE wants to hear nothing any more; AGAIN is everything else, redirects included."""

    TAKEN = auto()
    AGAIN = auto()
    GONE = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """How an attempt ended, in words a partner may read; `retry_after` where the endpoint asked for a pause.

    What an endpoint writes in its answer is not kept: it may be anything.
    """

    verdict: Verdict
    words: str
    retry_after: timedelta | None = None


async def post(wire: Wire, clock: Clock, request: Request, *, send_by: datetime) -> Answer:
    """Post the request once; nothing is sent after `send_by`, and nothing raised for how it ends."""
    try:
        response = await wire.call(request, deadline=DEADLINE, send_by=send_by)
    except Trouble as trouble:
        return Answer(verdict=Verdict.AGAIN, words=str(trouble), retry_after=trouble.retry_after)
    except Unknown as unknown:
        return Answer(verdict=Verdict.AGAIN, words=str(unknown))
    return _meant(response, clock.now())


def _meant(response: Response, now: datetime) -> Answer:
    words = f"HTTP {response.status}"
    if response.status in _SUCCESSES:
        return Answer(verdict=Verdict.TAKEN, words=words)
    if response.status == _GONE:
        return Answer(verdict=Verdict.GONE, words=words)
    return Answer(verdict=Verdict.AGAIN, words=words, retry_after=pause(response, now))
