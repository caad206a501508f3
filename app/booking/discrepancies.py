"""Differences as discrepancies: each written once, seen again while it lasts, and settled when it is gone."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.booking.desk import SYSTEM
from app.booking.differences import Difference
from app.booking.facts import Author, tell
from app.domain import codec
from app.domain.events import EventKind
from app.domain.ids import Ids
from app.store.aftersales_tables import DiscrepancyKind, DiscrepancyRow, DiscrepancyState

Facts = dict[str, dict[str, Any]]

_GONE = "Both sides' records agree by now."


def write(
    session: Session, ids: Ids, differences: Iterable[Difference], read_at: datetime, now: datetime
) -> dict[str, Difference]:
    """Keep the differences; answers those that wait for somebody, by their discrepancies' ids.

    One that a person has settled stays settled as long as it is the same; so does what was settled since the records
    were read, at `read_at`: by a worker beside us, whose repair they do not show yet.
    """
    kept = ((_kept(session, ids, difference, read_at, now), difference) for difference in differences)
    return {row.id: difference for row, difference in kept if row.state == DiscrepancyState.OPEN}


def doubtful(session: Session, source: str, kinds: Collection[DiscrepancyKind], limit: int) -> dict[str, str | None]:
    """What is open with this source, by its id there, what was seen longest ago first: the item, where it is one's."""
    query = (
        select(DiscrepancyRow.ref, DiscrepancyRow.item_id)
        .where(
            DiscrepancyRow.source == source,
            DiscrepancyRow.state == DiscrepancyState.OPEN,
            col(DiscrepancyRow.kind).in_(kinds),
        )
        .order_by(col(DiscrepancyRow.seen_at), col(DiscrepancyRow.id))
        .limit(limit)
    )
    return dict(session.exec(query).all())


def settle_gone(
    session: Session,
    kinds: Collection[DiscrepancyKind],
    gone: Callable[[DiscrepancyRow], bool],
    before: datetime,
    now: datetime,
) -> None:
    """Settle what is open of these kinds, is gone, and was last seen `before`."""
    query = select(DiscrepancyRow).where(
        DiscrepancyRow.state == DiscrepancyState.OPEN,
        col(DiscrepancyRow.kind).in_(kinds),
        DiscrepancyRow.seen_at < before,
    )
    for row in session.exec(query.with_for_update()).all():
        if gone(row):
            settle(session, row, SYSTEM, _GONE, now)


def settle(
    session: Session, row: DiscrepancyRow, actor: str, reason: str, now: datetime, operation: str | None = None
) -> None:
    """Write who settled it and why, and tell its booking, where it has one."""
    row.state, row.settled_at, row.settled_by, row.reason = DiscrepancyState.SETTLED, now, actor, reason
    _tell(session, row, EventKind.DISCREPANCY_SETTLED, now, actor, operation)


def _kept(session: Session, ids: Ids, difference: Difference, read_at: datetime, now: datetime) -> DiscrepancyRow:
    """The discrepancy of the difference, as it stands now."""
    facts: Facts = {"ours": _facts(difference.ours), "theirs": _facts(difference.theirs)}
    row = _latest(session, difference)
    if row is not None and row.state == DiscrepancyState.OPEN:
        row.facts, row.seen_at = facts, now
        return row
    if row is not None and (_settled_since(row, read_at) or (row.settled_by != SYSTEM and row.facts == facts)):
        return row
    return _opened(session, ids, difference, facts, now)


def _settled_since(row: DiscrepancyRow, read_at: datetime) -> bool:
    return row.settled_at is not None and row.settled_at >= read_at


def _latest(session: Session, difference: Difference) -> DiscrepancyRow | None:
    query = (
        select(DiscrepancyRow)
        .where(
            DiscrepancyRow.kind == difference.kind,
            DiscrepancyRow.source == difference.source,
            DiscrepancyRow.ref == difference.ref,
        )
        .order_by(col(DiscrepancyRow.state), col(DiscrepancyRow.found_at).desc())
    )
    return session.exec(query.with_for_update()).first()


def _opened(session: Session, ids: Ids, difference: Difference, facts: Facts, now: datetime) -> DiscrepancyRow:
    row = DiscrepancyRow(
        id=ids.new("dc"),
        kind=difference.kind,
        source=difference.source,
        ref=difference.ref,
        partner_id=difference.about.partner,
        booking_id=difference.about.booking,
        item_id=difference.about.item,
        payment_id=difference.about.payment,
        facts=facts,
        found_at=now,
        seen_at=now,
    )
    session.add(row)
    # A worker beside us may be writing it too: then this is all done again, and finds it.
    session.flush()
    _tell(session, row, EventKind.DISCREPANCY_FOUND, now, SYSTEM, None)
    return row


def _tell(
    session: Session, row: DiscrepancyRow, kind: EventKind, now: datetime, actor: str, operation: str | None
) -> None:
    """The partner reads what it is about; the facts and the reason are the operator's."""
    if row.booking_id is None or row.partner_id is None:
        return
    author = Author(partner_id=row.partner_id, booking_id=row.booking_id, operation_id=operation, actor=actor)
    about = {"discrepancy": row.id, "difference": row.kind, "source": row.source, "payment": row.payment_id}
    tell(session, author, kind, now, item_id=row.item_id, **about)


def _facts(told: Mapping[str, object]) -> dict[str, Any]:
    return {name: codec.dump(value) for name, value in told.items()}
