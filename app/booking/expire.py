"""Expire: what is not paid by its limit is given back to the carrier, and says so."""

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, literal, select

from app.booking.cancel import ReleaseOrder, release_order
from app.booking.complete import settle_cover
from app.booking.desk import Tools, due_key
from app.booking.duties import BATCH, Due, Duty
from app.booking.facts import busy_bookings
from app.booking.funds import void
from app.booking.release import release
from app.booking.sessions import close_forms
from app.domain import codec
from app.domain.booking import BookingState, ItemState
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Run
from app.store.tables import BookingRow, ItemRow, OperationRow

VERB = "expire@1"
# What waits for an operator's answer goes with the holds that cannot wait any longer.
_UNPAID = (BookingState.REQUESTED, BookingState.HELD)
# A hold whose cancellation the carrier refused ends by itself; once its own limit is this long past, we look again.
_LAPSED, _LAPSED_AFTER = "/lapsed", timedelta(hours=1)


async def expire(tools: Tools, run: Run) -> None:
    """The verb: close the card forms first; where a card came in time the expiry becomes a payment, else all ends."""
    order = codec.load(ReleaseOrder, run.claim.input)
    await close_forms(tools, run, order.forms)
    cover = await settle_cover(tools, run, keep_hold=False)
    if cover.order is not None:
        return
    await release(tools, run, order.items, ItemState.EXPIRED, reason=order.reason)
    if cover.waiting:
        await void(tools, run, cover.waiting, reason=order.reason)


def _held(condition: Any, again: str) -> Any:  # noqa: ANN401 - SQL
    """Unpaid bookings that nothing is changing; those whose expiry was tried already must not hide the others."""
    tried = select(OperationRow.id).where(
        OperationRow.partner_id == BookingRow.partner_id,
        OperationRow.key == literal(due_key(VERB, "")) + col(BookingRow.id) + again,
    )
    return (
        select(BookingRow)
        .where(
            col(BookingRow.state).in_(_UNPAID),
            condition,
            col(BookingRow.id).not_in(busy_bookings()),
            ~tried.exists(),
        )
        .order_by(col(BookingRow.pay_by))
        .limit(BATCH)
    )


def _stuck() -> Any:  # noqa: ANN401 - SQL
    """That the booking has a hold that could not be released, and should have ended by itself."""
    # What the operator has confirmed has no limit of its own.
    limit = func.coalesce(col(ItemRow.pay_by), col(BookingRow.pay_by))
    stuck = select(ItemRow.booking_id).where(
        ItemRow.booking_id == BookingRow.id,
        ItemRow.state == ItemState.HELD,
        col(ItemRow.stuck).is_not(None),
        limit <= bindparam("lapsed_before"),
    )
    return stuck.exists()


def _due(again: str, tools: Tools, booking: BookingRow) -> Due:
    return Due(subject=booking.id + again, booking=booking, prepare=partial(_prepare, tools, again))


def _prepare(tools: Tools, again: str, session: Session, booking_id: str) -> Prepared:
    booking = session.get_one(BookingRow, booking_id, with_for_update=True)
    # An exchange may have moved its limit since it was looked for.
    late = again or (booking.pay_by is not None and booking.pay_by <= tools.clock.now())
    if booking.state not in _UNPAID or not late:
        raise NotFound(message="Paid, exchanged or cancelled in the meantime.")
    requested = booking.state == BookingState.REQUESTED
    order = release_order(session, booking_id, "NOT_ANSWERED_IN_TIME" if requested else "NOT_PAID_IN_TIME")
    return Prepared(booking_id=booking_id, input=codec.dump(order))


UNPAID = Duty(verb=VERB, waiting=_held(col(BookingRow.pay_by) <= bindparam("now"), ""), due=partial(_due, ""))
LAPSED = Duty(
    verb=VERB,
    waiting=_held(_stuck(), _LAPSED),
    due=partial(_due, _LAPSED),
    ago={"lapsed_before": _LAPSED_AFTER},
)
