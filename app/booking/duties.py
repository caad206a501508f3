"""Duties: what comes due by itself, found by one look for all of them, and opened as operations."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy import select as sql
from sqlmodel import Session, col, select

from app.booking.desk import Desk, Tools
from app.booking.facts import busy_bookings
from app.journal.journal import Prepared
from app.journal.run import Claim
from app.store.tables import BookingRow

log = logging.getLogger(__name__)

BATCH = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """One that is due: the operation on the booking is opened once for the subject, where it can be prepared."""

    subject: str
    booking: BookingRow
    prepare: Callable[[Session, str], Prepared]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Duty:
    """What a deadline asks to be done.

    `waiting` selects the rows whose time has come at `:now`; `ago` says how long before now its other moments are.
    """

    verb: str
    waiting: Any
    due: Callable[[Tools, Any], Due]
    ago: Mapping[str, timedelta] = field(default_factory=dict)

    def moments(self, now: datetime) -> dict[str, datetime]:
        """The parameters of `waiting`."""
        return {"now": now} | {name: now - before for name, before in self.ago.items()}


def waiting(row: Any, at: Any, *conditions: Any) -> Any:  # noqa: ANN401 - SQL
    """Rows of the table with their bookings, the longest overdue first, where nothing is changing the booking."""
    return (
        select(row, BookingRow)
        .join(BookingRow, col(BookingRow.id) == row.booking_id)
        .where(*conditions, at <= bindparam("now"), col(BookingRow.id).not_in(busy_bookings()))
        .order_by(at)
        .limit(BATCH)
    )


async def open_due(desk: Desk, duties: tuple[Duty, ...]) -> Sequence[Claim]:
    """Open what is due. A duty that fails is logged, and must not keep the others from being done."""
    now, claims = desk.tools.clock.now(), list[Claim]()
    for duty in await desk.tools.store.read(lambda session: _pressing(session, duties, now)):
        try:
            claims += await _opened(desk, duty, now)
        except Exception:
            log.exception("opening what is due of %s failed", duty.verb)
    return claims


async def _opened(desk: Desk, duty: Duty, now: datetime) -> list[Claim]:
    rows = await desk.tools.store.read(lambda session: session.exec(duty.waiting, params=duty.moments(now)).all())
    found = [duty.due(desk.tools, row) for row in rows]
    opened = [await desk.take_due(duty.verb, due.subject, due.booking, due.prepare) for due in found]
    return [claim for claim in opened if claim is not None]


def _pressing(session: Session, duties: tuple[Duty, ...], now: datetime) -> list[Duty]:
    """The duties that have anything due; nearly always none, so all are asked about in one statement."""
    answers = session.connection().execute(look(duties), moments(duties, now)).one()
    return [duty for duty, any_due in zip(duties, answers, strict=True) if any_due]


def moments(duties: tuple[Duty, ...], now: datetime) -> dict[str, datetime]:
    """The parameters of `look` at this instant."""
    return {name: at for duty in duties for name, at in duty.moments(now).items()}


@cache
def look(duties: tuple[Duty, ...]) -> Select[Any]:
    """Whether anything is due, a column for each duty; built once, for it is asked every second."""
    anything: list[Any] = [duty.waiting.order_by(None).limit(None).exists() for duty in duties]
    return sql(*anything)
