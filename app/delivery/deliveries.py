"""Deliveries as rows: which endpoints have some due, taken on with a lease, and how each attempt ended.

A delivery is leased by moving `next_at`; the moved instant is the proof of who holds it. Whoever dies with a delivery
in hand lets the lease run out, and it is posted again.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from app.delivery.due import Due, Target, Told
from app.delivery.post import Answer, Verdict
from app.delivery.schedule import next_delay
from app.store.delivery_tables import DeliveryRow, DeliveryState, EndpointFormat, EndpointRow
from app.store.tables import BookingRow, EventRow, PaymentRow

# Longer than a billing address and a post can take together.
LEASE: Final = timedelta(minutes=2)
REMOVED: Final = "The endpoint was removed."


def due_endpoints(session: Session, now: datetime, busy: Collection[str], limit: int) -> Sequence[str]:
    """The endpoints with something due and nobody of ours at it, whichever has waited longest first."""
    longest = (
        select(func.min(col(DeliveryRow.next_at)))
        .where(col(DeliveryRow.endpoint_id) == EndpointRow.id, col(DeliveryRow.state) == DeliveryState.PENDING)
        .correlate(EndpointRow)
        .scalar_subquery()
    )
    query = (
        select(col(EndpointRow.id))
        .where(col(EndpointRow.active).is_(True), col(EndpointRow.id).not_in(busy), longest <= now)
        .order_by(longest)
        .limit(limit)
    )
    return session.scalars(query).all()


def claim(session: Session, endpoint_id: str, now: datetime, limit: int) -> list[Due]:
    """Take on what is due at the endpoint, oldest first; nothing when it was removed."""
    endpoint = session.get(EndpointRow, endpoint_id)
    if endpoint is None or not endpoint.active:
        return []
    query = (
        select(DeliveryRow)
        .where(
            col(DeliveryRow.endpoint_id) == endpoint_id,
            col(DeliveryRow.state) == DeliveryState.PENDING,
            col(DeliveryRow.next_at) <= now,
        )
        .order_by(col(DeliveryRow.next_at), col(DeliveryRow.event_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.scalars(query).all()
    for row in rows:
        row.next_at, row.attempts = now + LEASE, row.attempts + 1
    return [_due(session, endpoint, row) for row in rows]


def settle(session: Session, due: Due, answer: Answer, now: datetime, chance: float) -> None:
    """Write down how the attempt ended, unless the delivery has meanwhile been taken on or replayed by others."""
    row = session.get(DeliveryRow, due.id, with_for_update=True)
    if row is None or row.state != DeliveryState.PENDING or row.next_at != due.lease:
        return
    row.answer = answer.words
    match answer.verdict:
        case Verdict.TAKEN:
            row.state, row.delivered_at = DeliveryState.DELIVERED, now
        case Verdict.GONE:
            row.state = DeliveryState.FAILED
            remove_endpoint(session, session.get_one(EndpointRow, due.target.id), answer.words)
        case Verdict.AGAIN:
            _again(row, next_delay(row.attempts, answer.retry_after, chance), now)


def remove_endpoint(session: Session, endpoint: EndpointRow, why: str) -> None:
    """Tell this endpoint nothing more; what was still to be delivered there has failed."""
    endpoint.active = False
    session.flush()
    session.connection().execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.endpoint_id) == endpoint.id, col(DeliveryRow.state) == DeliveryState.PENDING)
        .values(state=DeliveryState.FAILED, answer=why)
    )


def replay(row: DeliveryRow, now: datetime) -> None:
    """Deliver it again, at once and with a new schedule."""
    row.state, row.next_at, row.attempts, row.delivered_at = DeliveryState.PENDING, now, 0, None


def _again(row: DeliveryRow, delay: timedelta | None, now: datetime) -> None:
    if delay is None:
        row.state = DeliveryState.FAILED
    else:
        row.next_at = now + delay


def _due(session: Session, endpoint: EndpointRow, row: DeliveryRow) -> Due:
    event = session.get_one(EventRow, row.event_id)
    target = Target(id=endpoint.id, url=endpoint.url, format=EndpointFormat(endpoint.format), secret=endpoint.secret)
    return Due(id=row.id, attempts=row.attempts, lease=row.next_at, target=target, told=_told(session, event))


def _told(session: Session, event: EventRow) -> Told:
    reference = select(col(BookingRow.reference)).where(col(BookingRow.id) == event.booking_id)
    return Told(
        kind=event.kind,
        at=event.at,
        booking_id=event.booking_id,
        reference=session.scalars(reference).one(),
        item_id=event.item_id,
        operation_id=event.operation_id,
        facts=event.facts,
        **_charge(session, event),
    )


def _charge(session: Session, event: EventRow) -> dict[str, Any]:
    """Where the event's payment is known to its provider."""
    payment = session.get(PaymentRow, event.facts.get("payment", ""))
    return {} if payment is None else {"provider": payment.provider, "charge": payment.charge}
