"""What a verb does outside: one step each, intended, asked and settled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlmodel import Session

from app.domain.errors import Refusal
from app.domain.recovery import Call, Lost, Recovery

Q = TypeVar("Q")
A = TypeVar("A")


def nothing(_session: Session, _refusal: Refusal) -> None:
    """A refusal that changes no facts."""


@dataclass(frozen=True, kw_only=True)
class Step(Generic[Q, A]):
    """One outside call.

    `request` is written to the journal before it is sent, so it holds ids and amounts, never personal data; `ask` gets
    it back from there. `settle` and `refused` write the facts in the transaction that keeps the answer. `find` looks
    for the effect of an answer that was lost; a Refusal from it says that the ask itself was refused. After `patience`
    troubles the step is refused with `gives_up`; without one it never gives up. ValueError for a step that should look
    first and cannot.
    """

    name: str
    item: str = ""
    request: Q
    answer: type[A]
    ask: Callable[[Q, Call], Awaitable[A]]
    settle: Callable[[Session, A], None]
    refused: Callable[[Session, Refusal], None] = nothing
    find: Callable[[Q, Call, datetime], Awaitable[A | None]] | None = None
    recovery: Recovery
    deadline: timedelta
    patience: int = 0
    gives_up: Refusal | None = None

    def __post_init__(self) -> None:
        if self.recovery.lost == Lost.LOOK_FIRST and self.find is None:
            raise ValueError(f"step {self.name!r} should look first, and has no `find`")


class Parked(Exception):  # noqa: N818 - not an error: the operation goes on at `at`
    """The operation cannot go on now; `at` is when to take it up again."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at.isoformat())
        self.at = at


class Stuck(Exception):  # noqa: N818 - a person decides
    """The operation cannot go on by itself; its message says why."""


class Fenced(Exception):  # noqa: N818 - not an error: another worker holds the operation now
    """This run was overtaken; whatever it still believes is out of date."""
