"""Warn: a held booking is soon to be paid, or given back; the rest after a deposit is soon due, or forfeits it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, and_, col, false, or_, select

from app.booking.balance_due import short_by
from app.booking.balances import balance, paid
from app.booking.desk import SYSTEM, Desk
from app.booking.facts import Author, tell
from app.domain.booking import BookingState
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.partner import Partner
from app.journal.run import Claim
from app.store.partners import partner_of
from app.store.reads.owned import Owned
from app.store.tables import BookingRow, PartnerRow

_BATCH = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """What is warned of: bookings in these `states`, before their `limit`, once; `told` is noted in `warned`."""

    kind: EventKind
    states: frozenset[BookingState]
    limit: Any
    warned: Any
    agreed: Callable[[Partner], timedelta]
    told: Callable[[Session, BookingRow], Mapping[str, Any]]


def _payment(session: Session, row: BookingRow) -> Mapping[str, Any]:
    (money,) = paid(session, [Owned(row.partner_id, row.id)])
    total = Money(row.total_minor, row.currency)
    return {"payBy": row.pay_by, "total": total, "balance": balance(row, money).due}


def _balance(session: Session, row: BookingRow) -> Mapping[str, Any]:
    assert row.balance_due_at is not None  # noqa: S101 - it was looked for by that
    due = short_by(session, row, row.balance_due_at)
    return {"balanceDueAt": row.balance_due_at, "total": Money(row.total_minor, row.currency), "balance": due}


_PAYMENT = Deadline(
    kind=EventKind.PAYMENT_DUE_SOON,
    states=frozenset({BookingState.HELD}),
    limit=col(BookingRow.pay_by),
    warned=col(BookingRow.warned_at),
    agreed=lambda partner: partner.payment_warning,
    told=_payment,
)
_BALANCE = Deadline(
    kind=EventKind.BALANCE_DUE_SOON,
    states=frozenset({BookingState.CONFIRMED, BookingState.TICKETED}),
    limit=col(BookingRow.balance_due_at),
    warned=col(BookingRow.balance_warned_at),
    agreed=lambda partner: partner.balance_warning,
    told=_balance,
)


async def tell_due(desk: Desk) -> Sequence[Claim]:
    """Tell, once, every partner whose booking's time to pay it, or the rest of it, runs out; opens no operation."""
    for deadline in (_PAYMENT, _BALANCE):
        await _tell_due(desk, deadline)
    return ()


async def _tell_due(desk: Desk, deadline: Deadline) -> None:
    store, now = desk.tools.store, desk.tools.clock.now()
    while soon := await store.read(partial(_soon, deadline, now)):
        # Those that somebody else has locked come next time.
        if not await store.write(partial(_warn, deadline, soon, now)):
            break


def _soon(deadline: Deadline, now: datetime, session: Session) -> Sequence[str]:
    query = (
        select(BookingRow.id)
        .where(*_unwarned(deadline, now), or_(false(), *_within_warning(session, deadline, now)))
        .order_by(deadline.limit)
        .limit(_BATCH)
    )
    return session.exec(query).all()


def _unwarned(deadline: Deadline, now: datetime) -> tuple[Any, ...]:
    return col(BookingRow.state).in_(deadline.states), deadline.warned.is_(None), deadline.limit > now


def _within_warning(session: Session, deadline: Deadline, now: datetime) -> list[Any]:
    """One condition for each length of warning that is agreed with somebody."""
    agreed: defaultdict[timedelta, list[str]] = defaultdict(list)
    for row in session.exec(select(PartnerRow)).all():
        agreed[deadline.agreed(partner_of(row))].append(row.id)
    return [
        and_(col(BookingRow.partner_id).in_(partners), deadline.limit <= now + warning)
        for warning, partners in agreed.items()
    ]


def _warn(deadline: Deadline, bookings: Sequence[str], now: datetime, session: Session) -> int:
    """Tell those of the bookings that nobody else is changing; answers how many."""
    query = select(BookingRow).where(col(BookingRow.id).in_(bookings), *_unwarned(deadline, now))
    rows = session.exec(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        setattr(row, deadline.warned.key, now)
        author = Author(partner_id=row.partner_id, booking_id=row.id, operation_id=None, actor=SYSTEM)
        tell(session, author, deadline.kind, now, **deadline.told(session, row))
    return len(rows)
