"""Expire: what is not paid by its limit is given back to the carrier, and says so."""

from sqlmodel import Session, col, select

from app.booking.cancel import ReleaseOrder, live
from app.booking.desk import Desk, Tools
from app.booking.facts import items_of
from app.booking.release import release
from app.domain import codec
from app.domain.booking import BookingState, ItemState
from app.domain.errors import NotFound
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.tables import BookingRow, OperationRow, OperationState

VERB = "expire@1"
_BATCH = 50


async def open_due(desk: Desk) -> list[Claim]:
    """Open an expiry for every booking whose time to pay has passed and that nothing else is changing."""
    due = await desk.tools.store.read(lambda session: _due(desk.tools, session))
    opened = [await desk.take_due(VERB, booking.id, booking, _prepare) for booking in due]
    return [claim for claim in opened if claim is not None]


async def expire(tools: Tools, run: Run) -> None:
    """The verb: release everything."""
    order = codec.load(ReleaseOrder, run.claim.input)
    await release(tools, run, order.items, ItemState.EXPIRED, reason="NOT_PAID_IN_TIME")


def _due(tools: Tools, session: Session) -> list[BookingRow]:
    busy = select(OperationRow.booking_id).where(
        col(OperationRow.state).in_([OperationState.OPEN, OperationState.STUCK]),
        col(OperationRow.booking_id).is_not(None),
    )
    query = (
        select(BookingRow)
        .where(
            BookingRow.state == BookingState.HELD,
            col(BookingRow.pay_by) <= tools.clock.now(),
            col(BookingRow.id).not_in(busy),
        )
        .order_by(col(BookingRow.pay_by))
        .limit(_BATCH)
    )
    return list(session.exec(query).all())


def _prepare(session: Session, booking_id: str) -> Prepared:
    booking = session.get_one(BookingRow, booking_id, with_for_update=True)
    if booking.state != BookingState.HELD:
        raise NotFound(message="Paid or cancelled in the meantime.")
    order = ReleaseOrder(items=tuple(live(item) for item in items_of(session, booking_id)))
    return Prepared(booking_id=booking_id, input=codec.dump(order))
