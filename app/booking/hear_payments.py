"""Hear payment providers' callbacks: each event kept once, then the charge it is about is looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.booking.desk import Desk
from app.domain.refusals import InvalidInput
from app.payments.contract import HeardPayment
from app.signing.errors import TokenInvalid
from app.store.tables import InboxRow, PaymentRow, PaymentStatus

_LONGEST_NAME = 255


async def hear_payment(desk: Desk, provider: str, headers: Mapping[str, str], body: bytes) -> int:
    """Take a callback in: verify it, keep each event once, and look at its charge at once. Answers how many were new.

    An event is a hint to look at the charge: repeated, early and out-of-order ones change nothing. Access when the
    signature is not the provider's, or vouched for another event; InvalidInput when an event's names cannot be kept.
    """
    heard = _readable(await desk.tools.providers.get(provider).hear(headers, body))
    now = desk.tools.clock.now()
    fresh = await desk.tools.store.write(lambda session: _keep(session, provider, heard, now))
    if fresh:
        desk.runner.wake()
    return fresh


def heard_already(session: Session, provider: str, charge: str) -> bool:
    """Whether a callback about the charge came before our own record of it.

    Only one that is being written at this very moment is not seen; the first look at every charge makes up for it.
    """
    query = select(InboxRow.event).where(InboxRow.source == _source(provider), InboxRow.order_ref == charge)
    return session.exec(query).first() is not None


def _keep(session: Session, provider: str, heard: Sequence[HeardPayment], now: datetime) -> int:
    source = _source(provider)
    fresh = [event for event in heard if session.get(InboxRow, (source, event.event)) is None]
    _check_tokens(session, source, fresh)
    for event in fresh:
        session.add(
            InboxRow(
                source=source,
                event=event.event,
                kind=event.kind,
                order_ref=event.charge,
                jti=event.jti,
                heard_at=now,
            )
        )
    _look_at(session, provider, {event.charge for event in fresh}, now)
    return len(fresh)


def _readable(heard: Sequence[HeardPayment]) -> list[HeardPayment]:
    """The events, each once; no database keeps NUL or half a surrogate pair, and no provider's ids are that long."""
    names = [name for event in heard for name in (event.event, event.kind, event.charge, event.jti)]
    if not all(name is None or (name.isprintable() and 0 < len(name) <= _LONGEST_NAME) for name in names):
        raise InvalidInput(message="The callback names an event or a charge in a way that cannot be kept.")
    return list({event.event: event for event in heard}.values())


def _check_tokens(session: Session, source: str, fresh: Sequence[HeardPayment]) -> None:
    """TokenInvalid when one token is to vouch for two events, of which one may be kept already.

    The same event may have been kept since we looked: that is no second one.
    """
    event_of: dict[str | None, str] = {event.jti: event.event for event in fresh if event.jti is not None}
    kept = select(InboxRow.jti, InboxRow.event).where(InboxRow.source == source, col(InboxRow.jti).in_(event_of))
    twice = len(event_of) < sum(event.jti is not None for event in fresh)
    if twice or any(event_of.get(jti) != event for jti, event in session.exec(kept)):
        raise TokenInvalid("jti vouched for another event")


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
