"""Endpoints as rows: added, found, given a new secret, removed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from app.delivery import secrets
from app.delivery.deliveries import REMOVED, remove_endpoint
from app.domain.events import EventKind
from app.domain.ids import Ids
from app.signing.sealing import Sealer
from app.store.delivery_tables import EndpointFormat, EndpointRow


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEndpoint:
    """Where a partner wants to be told, how, and of which kinds of events; of all where none is named."""

    partner_id: str
    url: str = field(repr=False)
    format: EndpointFormat
    events: tuple[EventKind, ...] = ()


class EndpointExistsError(Exception):
    """The partner has this endpoint already; giving it a new secret unasked would silence the one in use."""


class NoSecretError(Exception):
    """The endpoint's format knows no secret: its messages are signed with the gateway's own key."""


def add_endpoint(session: Session, wish: NewEndpoint, ids: Ids, now: datetime) -> EndpointRow:
    """The partner's endpoint, without a secret yet; one that was removed comes back. EndpointExistsError."""
    query = select(EndpointRow).where(
        col(EndpointRow.partner_id) == wish.partner_id,
        col(EndpointRow.url) == wish.url,
        col(EndpointRow.format) == wish.format,
    )
    row = session.scalars(query.with_for_update()).first()
    if row is None:
        row = EndpointRow(
            id=ids.new("we"),
            partner_id=wish.partner_id,
            url=wish.url,
            format=wish.format,
            events=list(wish.events),
            created_at=now,
        )
        session.add(row)
    elif row.active:
        raise EndpointExistsError
    row.active, row.events, row.secret = True, list(wish.events), None
    return row


def give_secret(row: EndpointRow, sealer: Sealer, now: datetime) -> str:
    """A new secret, told this once; the one before goes on for a day. NoSecretError where the format has none."""
    if row.format != EndpointFormat.STANDARD_WEBHOOKS:
        raise NoSecretError
    secret = secrets.new_secret()
    known = row.secret
    row.secret = (
        secrets.rotated(sealer, row.id, known, secret, now) if known else secrets.sealed(sealer, row.id, secret)
    )
    return secret


def endpoints(session: Session, partner_id: str) -> Sequence[EndpointRow]:
    """The partner's active endpoints, oldest first."""
    query = select(EndpointRow).where(col(EndpointRow.partner_id) == partner_id, col(EndpointRow.active).is_(True))
    return session.scalars(query.order_by(col(EndpointRow.created_at), col(EndpointRow.id))).all()


def end_endpoint(session: Session, row: EndpointRow) -> None:
    """Tell it nothing more."""
    remove_endpoint(session, row, REMOVED)
