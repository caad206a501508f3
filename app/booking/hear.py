"""Hear carriers' webhooks: each event kept once, then whatever waits for it is taken up at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.booking.desk import Desk
from app.booking.looks import WATCHED
from app.domain.booking import ItemState, TicketingStatus
from app.store.tables import InboxRow, ItemRow
from carriers.contract import Heard, HeardKind


async def hear(desk: Desk, carrier: str, headers: Mapping[str, str], body: bytes) -> int:
    """Take a webhook in; Access when its signature is not the carrier's. Answers how many events were new.

    An event is a hint to look: repeated, early and out-of-order ones change nothing.
    """
    heard = desk.tools.carriers.get(carrier).hear(headers, body)
    now = desk.tools.clock.now()
    fresh = await desk.tools.store.write(lambda session: _keep(session, carrier, heard, now))
    for event in fresh:
        if event.key:
            await desk.journal.nudge(event.key.partition("/")[0])
    if fresh:
        desk.runner.wake()
    return len(fresh)


def _keep(session: Session, carrier: str, heard: Sequence[Heard], now: datetime) -> list[Heard]:
    fresh = [event for event in heard if session.get(InboxRow, (carrier, event.event)) is None]
    for event in fresh:
        session.add(
            InboxRow(
                source=carrier, event=event.event, kind=event.kind, order_ref=event.order, key=event.key, heard_at=now
            )
        )
        _look_at_tickets(session, carrier, event, now)
        _look_at_order(session, carrier, event, now)
    return fresh


def _look_at_tickets(session: Session, carrier: str, event: Heard, now: datetime) -> None:
    """Something about this order changed: ask for its missing tickets now."""
    if event.order is None:
        return
    query = select(ItemRow).where(
        ItemRow.carrier == carrier,
        ItemRow.order_ref == event.order,
        ItemRow.ticketing == TicketingStatus.PENDING,
        ItemRow.state == ItemState.CONFIRMED,
    )
    for row in session.exec(query).all():
        row.check_tickets_at = now


def _look_at_order(session: Session, carrier: str, event: Heard, now: datetime) -> None:
    """The carrier has changed this order itself: look what it flies now."""
    if event.kind != HeardKind.ORDER_CHANGED:
        return
    query = select(ItemRow).where(
        ItemRow.carrier == carrier, ItemRow.order_ref == event.order, col(ItemRow.state).in_(WATCHED)
    )
    for row in session.exec(query).all():
        row.check_order_at = now
