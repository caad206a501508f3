"""Cancel: give a hold back before it is paid, or withdraw a request."""

from dataclasses import dataclass

from sqlmodel import Session

from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import items_of, owned_booking
from app.booking.funds import Fund, reserved, void
from app.booking.release import LiveItem, release
from app.booking.sessions import close_forms, open_forms
from app.domain import codec
from app.domain.booking import BookingState, ItemState
from app.domain.partner import Viewer
from app.domain.refusals import WrongState
from app.journal.journal import Prepared
from app.journal.run import Run

VERB = "cancel@1"
_UNPAID = {BookingState.REQUESTED, BookingState.HELD}


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelWish:
    """The booking whose holds to give back."""

    booking_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseOrder:
    """The items to end, why, and the card forms to close before that."""

    items: tuple[LiveItem, ...]
    forms: tuple[Fund, ...]
    reason: str


async def take_cancel(desk: Desk, viewer: Viewer, key: str, wish: CancelWish) -> Outcome:
    """Cancel a held or requested booking; WrongState when it is neither."""

    def prepare(session: Session, _operation_id: str) -> Prepared:
        booking = owned_booking(session, viewer.partner.id, wish.booking_id)
        if booking.state not in _UNPAID:
            raise WrongState(
                message=f"Only a held or requested booking can be cancelled; this one is {booking.state}.",
                path=("input", "bookingId"),
                state=booking.state,
            )
        order = release_order(session, booking.id, "CANCELLED_BY_PARTNER")
        return Prepared(booking_id=booking.id, input=codec.dump(order))

    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, prepare, booking_id=wish.booking_id)


async def cancel(tools: Tools, run: Run) -> None:
    """The verb: release everything; the client hears of the first item whose carrier refused."""
    order = codec.load(ReleaseOrder, run.claim.input)
    await close_forms(tools, run, order.forms)
    funds = await reserved(run)
    refused = await release(tools, run, order.items, ItemState.CANCELLED, reason=order.reason)
    if funds:
        await void(tools, run, funds, reason=order.reason)
    if refused:
        raise refused[0]


def release_order(session: Session, booking_id: str, reason: str) -> ReleaseOrder:
    """What ending the booking now takes."""
    return ReleaseOrder(items=live_items(session, booking_id), forms=open_forms(session, booking_id), reason=reason)


def live_items(session: Session, booking_id: str) -> tuple[LiveItem, ...]:
    """What is left to release; items may have ended before where a carrier refused to cancel another."""
    return tuple(
        LiveItem(item=item.id, carrier=item.carrier, order=item.order_ref)
        for item in items_of(session, booking_id)
        if item.state in {ItemState.REQUESTED, ItemState.HELD}
    )
