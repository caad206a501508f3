"""Our side of a carrier's orders: which items have them, which calls of ours made them, and which to ask for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from app.booking.differences import Subject
from app.booking.facts import offer_of, price_of
from app.domain.booking import ItemState
from app.reconcile.compare_orders import OurOrder
from app.reconcile.under_way import Made, Span, busy, made_by, rows_in
from app.store.tables import BookingRow, ItemRow
from carriers.contract import ListedOrder

_LIVE = (ItemState.REQUESTED, ItemState.HELD, ItemState.CONFIRMED, ItemState.TICKETED)


def unlisted(
    session: Session, carrier: str, listed: Collection[str], span: Span, after: str, limit: int
) -> Sequence[tuple[str, str]]:
    """Items after this one that count on an order the list lacks, by their ids, each with that order."""
    query = (
        select(ItemRow.id, ItemRow.order_ref)
        .join(BookingRow, col(BookingRow.id) == ItemRow.booking_id)
        .where(
            ItemRow.carrier == carrier,
            col(ItemRow.state).in_(_LIVE),
            col(ItemRow.order_ref).is_not(None),
            ItemRow.id > after,
            or_(col(BookingRow.created_at) >= span.since, col(BookingRow.departs_at) >= span.now),
        )
        .order_by(col(ItemRow.id))
        .limit(limit + len(listed))
    )
    found = ((item, str(order)) for item, order in session.exec(query) if order not in listed)
    return [pair for pair, _ in zip(found, range(limit), strict=False)]


def our_orders(
    session: Session,
    carrier: str,
    listed: Mapping[str, ListedOrder | None],
    owners: Mapping[str, str | None],
    quiet: datetime,
) -> dict[str, OurOrder]:
    """What we have of these orders, by their ids: an item that has one, else one that a call of ours made it for.

    `owners` are items that orders the list does not tell of were found to be made for. What was busy after `quiet`
    still counts as busy.
    """
    keys = {ref: order.key for ref, order in listed.items() if order is not None and order.key}
    made = made_by(session, keys.values())
    makers = {ref: made[key] for ref, key in keys.items() if key in made}
    known = {item: Made(item=item, waiting=None) for item in owners.values() if item}
    makers |= {ref: known[item] for ref, item in owners.items() if item and ref not in makers}
    having = _having(rows_in(session, ItemRow, ItemRow.order_ref, listed.keys(), ItemRow.carrier == carrier))
    made_for = {row.id: row for row in rows_in(session, ItemRow, ItemRow.id, {each.item for each in makers.values()})}
    rows = {ref: made_for[maker.item] for ref, maker in makers.items() if maker.item in made_for} | having
    changing = busy(session, {row.booking_id for row in rows.values()}, quiet)
    return {ref: _ours(row, ref, makers.get(ref), busy=row.booking_id in changing) for ref, row in rows.items()}


def _having(rows: Sequence[ItemRow]) -> dict[str, ItemRow]:
    """By order: the item that lives on it, else the last that had it."""
    by_life = sorted(rows, key=lambda row: (row.state in _LIVE, row.position, row.id))
    return {str(row.order_ref): row for row in by_life}


def _ours(row: ItemRow, ref: str, maker: Made | None, *, busy: bool) -> OurOrder:
    offer = offer_of(row)
    return OurOrder(
        about=Subject(partner=row.partner_id, booking=row.booking_id, item=row.id),
        state=ItemState(row.state),
        total=price_of(row).carrier_total,
        journeys=offer.journeys if offer else (),
        own=row.order_ref == ref,
        busy=busy,
        waiting=maker.waiting if maker else None,
    )
