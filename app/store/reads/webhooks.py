"""What partners were told, and where: endpoints and deliveries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from app.store.delivery_tables import DeliveryRow, DeliveryState, EndpointRow
from app.store.reads.owned import Owned, columns, fetched, single
from app.store.reads.pages import Position, later_than

# Sealed, and nobody's business but the courier's.
_SECRET = frozenset({"secret"})


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryFilter:
    """What deliveries must be to be listed; None asks for nothing."""

    state: DeliveryState | None = None
    booking_id: str | None = None


def endpoints(session: Session, partner_id: str) -> list[EndpointRow]:
    """The partner's active endpoints, oldest first."""
    query = (
        select(*columns(EndpointRow, _SECRET))
        .where(col(EndpointRow.partner_id) == partner_id, col(EndpointRow.active).is_(True))
        .order_by(col(EndpointRow.created_at), col(EndpointRow.id))
    )
    return fetched(session, EndpointRow, query)


def endpoints_by_id(session: Session, keys: Sequence[Owned]) -> list[EndpointRow | None]:
    """Endpoints by id, removed ones too."""
    return single(session, EndpointRow, "id", keys, without=_SECRET)


def deliveries_by_id(session: Session, keys: Sequence[Owned]) -> list[DeliveryRow | None]:
    """Deliveries by id."""
    return single(session, DeliveryRow, "id", keys)


def delivery_page(
    session: Session, partner_id: str, wanted: DeliveryFilter, first: int, after: Position | None
) -> list[DeliveryRow]:
    """The partner's next `first` deliveries after that position, newest first."""
    created, name = col(DeliveryRow.created_at), col(DeliveryRow.id)
    query = (
        select(*columns(DeliveryRow))
        .where(col(DeliveryRow.partner_id) == partner_id, *_conditions(wanted), *later_than(after, created, name))
        .order_by(created.desc(), name.desc())
        .limit(first)
    )
    return fetched(session, DeliveryRow, query)


def _conditions(wanted: DeliveryFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.state is not None:
        yield col(DeliveryRow.state) == wanted.state
    if wanted.booking_id is not None:
        yield col(DeliveryRow.booking_id) == wanted.booking_id
