"""Warn: a held booking is soon to be paid, or given back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, and_, col, false, or_, select

from app.booking.balances import balance, paid
from app.booking.desk import SYSTEM, Desk
from app.booking.facts import Author, tell
from app.domain.booking import BookingState
from app.domain.events import EventKind
from app.domain.money import Money
from app.journal.run import Claim
from app.store.partners import partner_of
from app.store.reads.owned import Owned
from app.store.tables import BookingRow, PartnerRow

_BATCH = 50


async def tell_due(desk: Desk) -> Sequence[Claim]:
    """Tell, once, every held booking's partner that its time to pay runs out; opens no operation."""
    store, now = desk.tools.store, desk.tools.clock.now()
    while soon := await store.read(partial(_soon, now)):
        # Those that somebody else has locked come next time.
        if not await store.write(partial(_warn, soon, now)):
            break
    return ()


def _soon(now: datetime, session: Session) -> Sequence[str]:
    query = (
        select(BookingRow.id)
        .where(*_unwarned(now), or_(false(), *_within_warning(session, now)))
        .order_by(col(BookingRow.pay_by))
        .limit(_BATCH)
    )
    return session.exec(query).all()


def _unwarned(now: datetime) -> tuple[Any, ...]:
    return BookingRow.state == BookingState.HELD, col(BookingRow.warned_at).is_(None), col(BookingRow.pay_by) > now


def _within_warning(session: Session, now: datetime) -> list[Any]:
    """One condition for each length of warning that is agreed with somebody."""
    agreed: defaultdict[timedelta, list[str]] = defaultdict(list)
    for row in session.exec(select(PartnerRow)).all():
        agreed[partner_of(row).payment_warning].append(row.id)
    return [
        and_(col(BookingRow.partner_id).in_(partners), col(BookingRow.pay_by) <= now + warning)
        for warning, partners in agreed.items()
    ]


def _warn(bookings: Sequence[str], now: datetime, session: Session) -> int:
    """Tell those of the bookings that nobody else is changing; answers how many."""
    query = select(BookingRow).where(col(BookingRow.id).in_(bookings), *_unwarned(now))
    rows = session.exec(query.with_for_update(skip_locked=True)).all()
    paid_so_far = paid(session, [Owned(row.partner_id, row.id) for row in rows])
    for row, money in zip(rows, paid_so_far, strict=True):
        row.warned_at = now
        author = Author(partner_id=row.partner_id, booking_id=row.id, operation_id=None, actor=SYSTEM)
        total, due = Money(row.total_minor, row.currency), balance(row, money).due
        tell(session, author, EventKind.PAYMENT_DUE_SOON, now, payBy=row.pay_by, total=total, balance=due)
    return len(rows)
