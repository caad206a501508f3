"""What is under way, or was a moment ago: records of it may differ between both sides without anything being wrong."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, or_, select

from app.journal.run import SEND_WINDOW
from app.payments.contract import ProviderProfile
from app.store.tables import OperationRow, OperationState, StepRow, StepState
from carriers.contract import Profile

T = TypeVar("T")

# No database takes any number of values in one statement.
_CHUNK = 500
_UNSETTLED = frozenset({StepState.ASKING, StepState.FREE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """What a run compares: everything made since, and what is older and has its travel ahead of `now`."""

    since: datetime
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """Whose call made something that carries our key: its item, and its operation while that waits for the answer."""

    item: str
    waiting: str | None


def quiet_before(profile: Profile | ProviderProfile, now: datetime) -> datetime:
    """The instant before which whatever was asked has had its effect, and can be seen to have had it."""
    longest = max(recovery.settle_delay for recovery in profile.recovery.values())
    return now - SEND_WINDOW - profile.write_deadline - longest


def busy(session: Session, bookings: Collection[str], since: datetime) -> set[str]:
    """Those of the bookings that an operation is changing, or was after `since`."""
    found: set[str] = set()
    for some in chunks(sorted(bookings)):
        query = select(OperationRow.booking_id).where(
            col(OperationRow.booking_id).in_(some),
            or_(
                col(OperationRow.state).in_([OperationState.OPEN, OperationState.STUCK]),
                col(OperationRow.closed_at) > since,
            ),
        )
        found.update(map(str, session.exec(query)))
    return found


def made_by(session: Session, keys: Iterable[str]) -> dict[str, Made]:
    """Whose calls these keys are of; a key that is none of ours is left out."""
    found: dict[str, Made] = {}
    for some in chunks(sorted(set(keys))):
        query = (
            select(StepRow, OperationRow)
            .join(OperationRow, col(OperationRow.id) == StepRow.operation_id)
            .where(col(StepRow.key).in_(some))
        )
        for step, operation in session.exec(query):
            waits = operation.state == OperationState.OPEN and step.state in _UNSETTLED
            found[step.key] = Made(item=step.item_id, waiting=operation.id if waits else None)
    return found


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in parts that one statement takes."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def rows_in(session: Session, table: type[T], column: Any, values: Collection[str], *also: Any) -> list[T]:  # noqa: ANN401 - SQL
    """The rows of a table whose column is one of the values, and for which these conditions hold."""
    return [
        row
        for some in chunks(sorted(values))
        for row in session.exec(select(table).where(col(column).in_(some), *also)).all()
    ]
