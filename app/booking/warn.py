"""Warn: a held booking is soon to be paid, or given back. Of any deadline: who is to be told, and that once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, and_, col, or_, select

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


_PAYMENT = Deadline(
    kind=EventKind.PAYMENT_DUE_SOON,
    states=frozenset({BookingState.HELD}),
    limit=col(BookingRow.pay_by),
    warned=col(BookingRow.warned_at),
    agreed=lambda partner: partner.payment_warning,
    told=_payment,
)


async def tell_due(desk: Desk) -> Sequence[Claim]:
    """Tell, once, every partner whose booking's time to be paid runs out; opens no operation."""
    store, now = desk.tools.store, desk.tools.clock.now()
    while found := await store.read(partial(soon, _PAYMENT, now)):
        # Those that somebody else has locked come next time.
        if not await store.write(partial(warn, _PAYMENT, [booking.id for booking in found], now)):
            break
    return ()


def soon(deadline: Deadline, now: datetime, session: Session) -> Sequence[BookingRow]:
    """The bookings to be warned of the deadline now, those that have least time left first."""
    within = _within_warning(session, deadline, now)
    if not within:
        return ()
    query = select(BookingRow).where(*_unwarned(deadline, now), or_(*within)).order_by(deadline.limit).limit(_BATCH)
    return session.exec(query).all()


def _unwarned(deadline: Deadline, now: datetime) -> tuple[Any, ...]:
    return col(BookingRow.state).in_(deadline.states), deadline.warned.is_(None), deadline.limit > now


def _within_warning(session: Session, deadline: Deadline, now: datetime) -> list[Any]:
    """One condition for each length of warning that is agreed with whoever has bookings to be warned of."""
    agreed: defaultdict[timedelta, list[str]] = defaultdict(list)
    unwarned = select(BookingRow.partner_id).where(*_unwarned(deadline, now))
    for row in session.exec(select(PartnerRow).where(col(PartnerRow.id).in_(unwarned))).all():
        agreed[deadline.agreed(partner_of(row))].append(row.id)
    return [
        and_(col(BookingRow.partner_id).in_(partners), deadline.limit <= now + warning)
        for warning, partners in agreed.items()
    ]


def warn(deadline: Deadline, bookings: Sequence[str], now: datetime, session: Session) -> int:
    """Tell those of the bookings that nobody else is changing; answers how many."""
    query = select(BookingRow).where(col(BookingRow.id).in_(bookings), *_unwarned(deadline, now))
    rows = session.exec(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        setattr(row, deadline.warned.key, now)
        author = Author(partner_id=row.partner_id, booking_id=row.id, operation_id=None, actor=SYSTEM)
        tell(session, author, deadline.kind, now, **deadline.told(session, row))
    return len(rows)
