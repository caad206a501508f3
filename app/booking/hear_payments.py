"""Hear payment providers' callbacks: each event kept once, then the charge it is about is looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.booking.desk import Desk
from app.payments.contract import HeardPayment
from app.store.tables import InboxRow, PaymentRow, PaymentStatus


async def hear_payment(desk: Desk, provider: str, headers: Mapping[str, str], body: bytes) -> int:
    """Take a callback in; Access when its signature is not the provider's. Answers how many events were new.

    An event is a hint to look at the charge: repeated, early and out-of-order ones change nothing.
    """
    heard = await desk.tools.providers.get(provider).hear(headers, body)
    now = desk.tools.clock.now()
    return await desk.tools.store.write(lambda session: _keep(session, provider, heard, now))


def heard_already(session: Session, provider: str, charge: str) -> bool:
    """Whether a callback about the charge came before our own record of it."""
    query = select(InboxRow.event).where(InboxRow.source == _source(provider), InboxRow.order_ref == charge)
    return session.exec(query).first() is not None


def _keep(session: Session, provider: str, heard: Sequence[HeardPayment], now: datetime) -> int:
    source = _source(provider)
    fresh = [event for event in heard if session.get(InboxRow, (source, event.event)) is None]
    for event in fresh:
        session.add(InboxRow(source=source, event=event.event, kind=event.kind, order_ref=event.charge, heard_at=now))
    _look_at(session, provider, {event.charge for event in fresh}, now)
    return len(fresh)


def _look_at(session: Session, provider: str, charges: set[str], now: datetime) -> None:
    query = select(PaymentRow).where(
        PaymentRow.provider == provider,
        col(PaymentRow.charge).in_(charges),
        PaymentRow.status == PaymentStatus.PENDING,
    )
    for row in session.exec(query.with_for_update()).all():
        row.check_at = now


def _source(provider: str) -> str:
    return f"payments:{provider}"
