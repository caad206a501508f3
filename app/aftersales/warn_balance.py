"""Warn that the rest after a deposit is soon due, and then forfeits it; the orders are looked at before that.

Nobody is to be asked for the rest of what its carrier has cancelled meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlmodel import Session, col

from app.aftersales.carrier_changes import is_cancelled
from app.aftersales.look_at_order import LookOrder, look_at, looks_at
from app.booking.balance_due import short_by, unpaid_rows
from app.booking.desk import Desk, Tools
from app.booking.warn import Deadline, soon, warn
from app.domain import codec
from app.domain.booking import BookingState
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.tables import BookingRow, ItemRow

VERB = "warn-balance@1"


def _told(session: Session, row: BookingRow) -> Mapping[str, Any]:
    assert row.balance_due_at is not None  # noqa: S101 - it was looked for by that
    due = short_by(session, row, row.balance_due_at)
    return {"balanceDueAt": row.balance_due_at, "total": Money(row.total_minor, row.currency), "balance": due}


_BALANCE = Deadline(
    kind=EventKind.BALANCE_DUE_SOON,
    states=frozenset({BookingState.CONFIRMED, BookingState.TICKETED}),
    limit=col(BookingRow.balance_due_at),
    warned=col(BookingRow.balance_warned_at),
    agreed=lambda partner: partner.balance_warning,
    told=_told,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WarnOrder:
    """The orders to look at first."""

    looks: tuple[LookOrder, ...]


async def open_due(desk: Desk) -> list[Claim]:
    """Open a warning for every booking whose rest is soon due."""
    due = await desk.tools.store.read(partial(soon, _BALANCE, desk.tools.clock.now()))
    opened = [
        await desk.take_due(VERB, f"{booking.id}/{booking.version}", booking, partial(_prepare, desk.tools))
        for booking in due
    ]
    return [claim for claim in opened if claim is not None]


async def warn_balance(tools: Tools, run: Run) -> None:
    """The verb: look at the orders, then warn of what is still to be paid."""
    order = codec.load(WarnOrder, run.claim.input)
    for each in order.looks:
        await look_at(tools, run, each)
    await run.record("warn", bool, partial(_warn, tools, run.claim))


def _warn(tools: Tools, claim: Claim, session: Session) -> bool:
    now = tools.clock.now()
    booking = session.get_one(BookingRow, claim.booking_id, with_for_update=True)
    if all(is_cancelled(session, item.id) for item in _due(session, booking)):
        booking.balance_warned_at = now
        return False
    return bool(warn(_BALANCE, [booking.id], now, session))


def _due(session: Session, booking: BookingRow) -> list[ItemRow]:
    """The items whose rest is to be paid by the booking's next limit, or was before."""
    limit = booking.balance_due_at
    return unpaid_rows(session, booking, limit) if limit else []


def _prepare(tools: Tools, session: Session, booking_id: str) -> Prepared:
    booking = session.get_one(BookingRow, booking_id, with_for_update=True)
    if booking.balance_warned_at is not None:
        raise NotFound(message="Warned of in the meantime.")
    order = WarnOrder(looks=looks_at(tools, _due(session, booking)))
    return Prepared(booking_id=booking_id, input=codec.dump(order))
