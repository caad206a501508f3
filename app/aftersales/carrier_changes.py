"""What carriers change by themselves, as the booking tells it: the changes, how each stands, and what is had now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from app.booking.balance_due import follow_balance
from app.booking.desk import Tools
from app.booking.facts import offer_of, refresh, tell, travel_keys
from app.booking.services import booked_for
from app.domain import codec
from app.domain.aftersales import CarrierChange, ChangeAction
from app.domain.events import EventKind
from app.domain.itinerary import Journey
from app.domain.tours import TourStay
from app.journal.run import Claim
from app.store.aftersales_tables import CarrierChangeRow, ChangeState
from app.store.tables import ItemRow
from carriers.contract import CarrierOrder, OrderState

_TAKEN = {
    ChangeAction.ACCEPT: ChangeState.ACCEPTED,
    ChangeAction.EXCHANGE: ChangeState.EXCHANGED,
    ChangeAction.REFUND: ChangeState.REFUNDED,
}


def write_changes(tools: Tools, claim: Claim, item: ItemRow, listed: Sequence[CarrierChange], session: Session) -> bool:
    """Write what the carrier lists, newest first, as the item's changes; answers whether any is new or stands anew.

    Whatever is written before stays: lists may be old, and what was settled is not opened again.
    """
    known = _known(session, item)
    dropped = _drop(tools, item, known, listed)
    moved = [
        _write(tools, claim, item, known.get(change.ref), change, listed[:place], session)
        for place, change in reversed(list(enumerate(listed)))
    ]
    if dropped or any(moved):
        # Whatever was quoted before knew nothing of it.
        refresh(session, item.booking_id)
    return any(moved)


def follow_order(tools: Tools, item: ItemRow, order: CarrierOrder, session: Session) -> bool:
    """Show what the order is for now, unless a change of it waits for an answer; answers whether that is news."""
    offer = offer_of(item)
    if offer is None or order.state != OrderState.CONFIRMED or open_changes(session, item.id):
        return False
    if offer.stay is not None and order.stay is not None and offer.stay.key != order.stay.key:
        item.offer = codec.dump(replace(offer, stay=moved_stay(offer.stay, order.stay)))
        item.flights = travel_keys(order.journeys, order.stay)
    elif _flown(offer.journeys) != _flown(order.journeys):
        item.offer = codec.dump(replace(offer, journeys=order.journeys))
        item.flights = travel_keys(order.journeys, offer.stay)
        item.services = [codec.dump(service) for service in booked_for(item, order)]
    else:
        return False
    refresh(session, item.booking_id)
    follow_balance(session, item.booking_id, tools.clock.now())
    return True


def moved_stay(agreed: TourStay, now_is: TourStay) -> TourStay:
    """The departure as the operator runs it now. It may not make the rest due sooner than agreed, but as it departs."""
    was_due, due = agreed.terms.balance_due_at, now_is.terms.balance_due_at
    if was_due is None or due is None:
        return now_is
    return replace(now_is, terms=replace(now_is.terms, balance_due_at=max(due, min(was_due, now_is.departs_at))))


def accepted(tools: Tools, claim: Claim, row: CarrierChangeRow, session: Session) -> None:
    """The carrier has taken our acceptance of the change."""
    now = tools.clock.now()
    _move(row, replace(change_of(row), taken=ChangeAction.ACCEPT, actions=()), ChangeState.ACCEPTED, now)
    refresh(session, row.booking_id)
    tell(session, claim, EventKind.CHANGE_ACCEPTED, now, item_id=row.item_id, change=row.id)


def settle_changes(session: Session, item_id: str, state: ChangeState, now: datetime) -> None:
    """Whatever was open about the item is settled by what was done with it: exchanged or refunded."""
    for row in open_changes(session, item_id):
        row.state, row.settled_at = state, now


def carry_changes(session: Session, old: ItemRow, new: ItemRow, order: CarrierOrder, now: datetime) -> None:
    """After an exchange: what was open about journeys that the order still has is open about the new item."""
    kept = {journey.ref for journey in order.journeys}
    for row in open_changes(session, old.id):
        if kept.isdisjoint(_journeys(change_of(row))):
            row.state, row.settled_at = ChangeState.EXCHANGED, now
        else:
            row.item_id = new.id


def open_changes(session: Session, item_id: str) -> list[CarrierChangeRow]:
    """The item's changes that wait for an answer."""
    query = select(CarrierChangeRow).where(
        CarrierChangeRow.item_id == item_id, CarrierChangeRow.state == ChangeState.OPEN
    )
    return list(session.exec(query).all())


def is_cancelled(session: Session, item_id: str) -> bool:
    """Whether the carrier has cancelled something of the item, and that waits for an answer."""
    return any(change_of(row).cancelled for row in open_changes(session, item_id))


def change_of(row: CarrierChangeRow) -> CarrierChange:
    """What the carrier changed."""
    return codec.load(CarrierChange, row.facts)


def tell_changed(session: Session, claim: Claim, row: CarrierChangeRow, now: datetime) -> None:
    """Tell what the carrier changed, and how that stands."""
    change = change_of(row)
    facts = {"change": row.id, "state": row.state, "deadline": row.deadline}
    removed = [*_flights(change.removed), *_departure(change.replaced)]
    added = [*_flights(change.added), *_departure(change.stay)] or None
    tell(session, claim, EventKind.CARRIER_CHANGED, now, item_id=row.item_id, **facts, removed=removed, added=added)


def tell_flown(session: Session, claim: Claim, item: ItemRow, now: datetime, was: Sequence[Journey]) -> None:
    """Tell that the order flies otherwise than before, which its carrier had not announced."""
    offer = offer_of(item)
    added = _flights(offer.journeys) if offer else None
    tell(session, claim, EventKind.CARRIER_CHANGED, now, item_id=item.id, removed=_flights(was), added=added)


def _flights(journeys: Sequence[Journey]) -> list[str]:
    """Flights with their local departures, for the timeline."""
    return [
        f"{segment.marketing.code}{segment.flight_number} {segment.departs_at.isoformat()}"
        for journey in journeys
        for segment in journey.segments
    ]


def _departure(stay: TourStay | None) -> list[str]:
    """A tour with its first day, for the timeline."""
    return [f"{stay.tour_name} {stay.key.starts_on.isoformat()}"] if stay else []


def _drop(tools: Tools, item: ItemRow, known: Mapping[str, CarrierChangeRow], listed: Sequence[CarrierChange]) -> bool:
    """Of a tour all that is changed is listed: what is open and no more listed stands no more; answers whether any."""
    offer = offer_of(item)
    if offer is None or offer.stay is None:
        return False
    gone = known.keys() - {change.ref for change in listed}
    dropped = [row for ref, row in known.items() if ref in gone and row.state == ChangeState.OPEN]
    for row in dropped:
        row.state, row.settled_at = ChangeState.SUPERSEDED, tools.clock.now()
    return bool(dropped)


def _known(session: Session, item: ItemRow) -> dict[str, CarrierChangeRow]:
    """The order's changes that are written already; of an exchanged order some are an earlier item's."""
    query = (
        select(CarrierChangeRow)
        .join(ItemRow, col(ItemRow.id) == CarrierChangeRow.item_id)
        .where(
            CarrierChangeRow.booking_id == item.booking_id,
            ItemRow.carrier == item.carrier,
            ItemRow.order_ref == item.order_ref,
        )
    )
    return {row.ref: row for row in session.exec(query).all()}


def _write(
    tools: Tools,
    claim: Claim,
    item: ItemRow,
    row: CarrierChangeRow | None,
    change: CarrierChange,
    newer: Sequence[CarrierChange],
    session: Session,
) -> bool:
    now = tools.clock.now()
    state = _state(change, newer, now)
    if row is None:
        row = _new(tools, item, change)
        session.add(row)
        _move(row, change, state, now)
        session.flush()
        tell_changed(session, claim, row, now)
        return True
    if row.state != ChangeState.OPEN and change.taken is None:
        return False
    before = row.state
    _move(row, change, state, now)
    if state == before:
        return False
    if state == ChangeState.ACCEPTED:
        tell(session, claim, EventKind.CHANGE_ACCEPTED, now, item_id=row.item_id, change=row.id)
    elif state == ChangeState.LAPSED:
        tell_changed(session, claim, row, now)
    return True


def _move(row: CarrierChangeRow, change: CarrierChange, state: ChangeState, now: datetime) -> None:
    row.settled_at = None if state == ChangeState.OPEN else row.settled_at or now
    row.state, row.facts = state, codec.dump(change)
    row.deadline = change.deadline.astimezone(UTC) if change.deadline else None


def _new(tools: Tools, item: ItemRow, change: CarrierChange) -> CarrierChangeRow:
    return CarrierChangeRow(
        id=tools.ids.new("cc"),
        partner_id=item.partner_id,
        booking_id=item.booking_id,
        item_id=item.id,
        ref=change.ref,
        facts={},
        found_at=change.found_at,
    )


def _state(change: CarrierChange, newer: Sequence[CarrierChange], now: datetime) -> ChangeState:
    if change.taken is not None:
        return _TAKEN[change.taken]
    if any(_supersedes(later, change) for later in newer):
        return ChangeState.SUPERSEDED
    lapsed = change.deadline is not None and change.deadline <= now
    return ChangeState.LAPSED if lapsed else ChangeState.OPEN


def _supersedes(later: CarrierChange, change: CarrierChange) -> bool:
    """A later change of what was changed; or any that was accepted, since that accepts the order as it is."""
    return later.taken is ChangeAction.ACCEPT or not _journeys(change).isdisjoint(_journeys(later))


def _journeys(change: CarrierChange) -> set[str]:
    """The journeys it is about, by the carrier's references before and after."""
    return {journey.ref for journey in (*change.removed, *change.added)}


def _flown(journeys: Sequence[Journey]) -> list[tuple[object, ...]]:
    """What a traveller has to know: which flights, between which airports, and when."""
    return [
        (each.marketing.code, each.flight_number, each.origin, each.destination, each.departs_at, each.arrives_at)
        for journey in journeys
        for each in journey.segments
    ]
