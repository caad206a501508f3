"""When to look at a paid order again: carriers change flights and departures, and may tell nobody."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from app.booking.desk import Tools
from app.booking.facts import offer_of
from app.domain.booking import ItemState
from app.domain.itinerary import CarrierOffer
from app.store.tables import InboxRow, ItemRow
from carriers.contract import Ability, HeardKind

# Changes come thicker, and matter sooner, towards departure: a part of the time left, within bounds.
_PART = 5
_SHORTEST = timedelta(hours=1)
_LONGEST = timedelta(days=2)
# What a carrier's change can still meet.
WATCHED = frozenset({ItemState.CONFIRMED, ItemState.TICKETED})


def next_look(offer: CarrierOffer, now: datetime) -> datetime | None:
    """When to look next, by the time left until the next flight or the tour leaves; None once the last one has left."""
    flights = [segment.departs_at for journey in offer.journeys for segment in journey.segments]
    ahead = [departs for departs in flights or [offer.departs_at] if departs > now]
    return now + min(max((min(ahead) - now) / _PART, _SHORTEST), _LONGEST) if ahead else None


def watch(tools: Tools, session: Session, row: ItemRow) -> None:
    """Begin to look at the item's order: at once where a change of it was heard of before we knew the order."""
    offer = offer_of(row)
    if offer is None or Ability.CHANGES not in tools.carriers.get(row.carrier).profile.abilities:
        return
    now = tools.clock.now()
    row.check_order_at = now if _heard_of(session, row) else next_look(offer, now)


def _heard_of(session: Session, row: ItemRow) -> bool:
    query = select(InboxRow.event).where(
        InboxRow.source == row.carrier, InboxRow.order_ref == row.order_ref, InboxRow.kind == HeardKind.ORDER_CHANGED
    )
    return session.exec(query).first() is not None
