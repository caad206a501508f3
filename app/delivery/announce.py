"""From timelines to deliveries: each new event gets one for every endpoint that wants it, then is announced.

The timeline is the outbox. An event is found by its own mark and not by its number, so that one whose transaction
commits late is not passed over; workers lock what they take, so that several may work side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, select, text, update
from sqlmodel import Session, col

from app.delivery.payment_callback import STATUS
from app.domain.clock import Clock
from app.domain.ids import Ids
from app.journal.run import Claim
from app.store.delivery_tables import DeliveryRow, EndpointFormat, EndpointRow
from app.store.engine import Store
from app.store.tables import EventRow, PaymentMethod

_BATCH: Final = 200
_ID, _PARTNER = col(EventRow.id), col(EventRow.partner_id)
# Just as the outbox's index says it: SQLite uses a partial index for nothing else.
_OPEN: Final = text("NOT event.announced")


@dataclass(frozen=True, kw_only=True)
class Announcer:
    """A chore: announces what is new."""

    store: Store
    clock: Clock
    ids: Ids

    async def announce(self) -> Sequence[Claim]:
        """Take on what is new, as a whole batch in one transaction; opens no operation."""
        # Asked first, so that where nothing is new no write lock is taken.
        if await self.store.read(_anything):
            await self.store.write(self._fan_out)
        return ()

    def _fan_out(self, session: Session) -> None:
        """For a partner without endpoints this costs its part of one update, and nothing is read of its events."""
        query = select(_ID, _PARTNER).where(_OPEN).order_by(_ID).limit(_BATCH).with_for_update(skip_locked=True)
        taken = session.connection().execute(query).all()
        endpoints = _endpoints(session, {row.partner_id for row in taken})
        told = [row.id for row in taken if row.partner_id in endpoints]
        if told:
            self._deliver(session, told, endpoints)
        session.connection().execute(update(EventRow).where(_ID.in_([row.id for row in taken])).values(announced=True))

    def _deliver(self, session: Session, told: Sequence[int], endpoints: Mapping[str, list[EndpointRow]]) -> None:
        columns = (_ID, _PARTNER, col(EventRow.booking_id), col(EventRow.kind), col(EventRow.facts))
        for event in session.connection().execute(select(*columns).where(_ID.in_(told)).order_by(_ID)):
            session.add_all(
                self._delivery(endpoint, event)
                for endpoint in endpoints[event.partner_id]
                if wants(EndpointFormat(endpoint.format), endpoint.events, event.kind, event.facts)
            )

    def _delivery(self, endpoint: EndpointRow, event: Row[Any]) -> DeliveryRow:
        now = self.clock.now()
        return DeliveryRow(
            id=self.ids.new("dl"),
            partner_id=event.partner_id,
            endpoint_id=endpoint.id,
            booking_id=event.booking_id,
            event_id=event.id,
            kind=event.kind,
            next_at=now,
            created_at=now,
        )


def wants(form: EndpointFormat, events: Sequence[str], kind: str, facts: Mapping[str, Any]) -> bool:
    """Whether an endpoint is told of the event: of the kinds it asked for, all where it named none.

    Payment callbacks tell how card payments ended, and nothing else.
    """
    if events and kind not in events:
        return False
    if form is EndpointFormat.STANDARD_WEBHOOKS:
        return True
    return kind in STATUS and facts.get("method") == PaymentMethod.CARD and "payment" in facts


def _anything(session: Session) -> bool:
    return bool(session.connection().execute(select(select(_ID).where(_OPEN).exists())).scalar())


def _endpoints(session: Session, partners: set[str]) -> dict[str, list[EndpointRow]]:
    """The active endpoints by partner, kept as they are until the deliveries are written."""
    query = (
        select(EndpointRow)
        .where(col(EndpointRow.partner_id).in_(partners), col(EndpointRow.active).is_(True))
        .with_for_update(read=True)
    )
    found: dict[str, list[EndpointRow]] = {}
    for endpoint in session.scalars(query):
        found.setdefault(endpoint.partner_id, []).append(endpoint)
    return found
