"""What the faults that every world knows do to a call: nothing happens, or it is not told, or it is slow."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from carriers.sandbox.core import Answer, Call, Core
from carriers.sandbox.errors import WorldError
from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.routes import Route

CoreT = TypeVar("CoreT", bound=Core[Any])
CallT = TypeVar("CallT", bound=Call)
AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(frozen=True)
class Strike(Generic[CoreT, CallT, AnswerT]):
    """A fault meeting a call."""

    core: CoreT
    fault: Fault
    route: Route[CoreT, CallT, AnswerT]
    call: CallT

    def act(self) -> AnswerT:
        """What the endpoint does without the fault."""
        return self.route.answer(self.core, self.call)


AnyStrike = Strike[Any, Any, Any]


def common(unwell: Callable[[int], WorldError]) -> Mapping[FaultKind, Callable[[AnyStrike], Any]]:
    """What these faults let be answered, None being no reply; `unwell` says a status in the world's own words."""
    return {
        FaultKind.TIME_OUT_BEFORE: _time_out,
        FaultKind.LOST_REPLY: _lost_reply,
        FaultKind.ERROR_500: _unclear(unwell, 500),
        FaultKind.UNCLEAR_502: _unclear(unwell, 502),
        FaultKind.ERROR_503: _unwell(unwell, 503),
        FaultKind.SLOW: _slow,
    }


def _time_out(_strike: AnyStrike) -> None:
    """Nothing reaches the endpoint."""


def _lost_reply(strike: AnyStrike) -> None:
    # Where it was refused, nobody will hear of that either.
    with suppress(WorldError):
        strike.act()


def _unclear(unwell: Callable[[int], WorldError], status: int) -> Callable[[AnyStrike], None]:
    def strike_with(strike: AnyStrike) -> None:
        if strike.fault.effect:
            _lost_reply(strike)
        raise unwell(status)

    return strike_with


def _unwell(unwell: Callable[[int], WorldError], status: int) -> Callable[[AnyStrike], None]:
    def strike_with(_strike: AnyStrike) -> None:
        raise unwell(status)

    return strike_with


def _slow(strike: AnyStrike) -> Answer:
    found: Answer = strike.act()
    return replace(found, delay_seconds=found.delay_seconds + strike.fault.seconds)
