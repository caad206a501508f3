"""Give back what a booking was paid too much, where a payment provider had refused that before."""

from dataclasses import dataclass

from sqlmodel import Session

from app import ledger
from app.aftersales.refund import pay_back
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import owned_booking
from app.domain.partner import Viewer
from app.domain.refusals import WrongState
from app.journal.journal import Prepared
from app.journal.run import Run

VERB = "give-back@1"


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveBackWish:
    """The booking whose money is due."""

    booking_id: str


async def take_give_back(desk: Desk, viewer: Viewer, key: str, wish: GiveBackWish) -> Outcome:
    """Try again to give back what is due; WrongState when nothing is."""

    def prepare(session: Session, _operation_id: str) -> Prepared:
        booking = owned_booking(session, viewer.partner.id, wish.booking_id)
        if ledger.outstanding(session, booking.id, booking.currency).minor >= 0:
            raise WrongState(
                message="Nothing is to be given back of this booking.",
                path=("input", "bookingId"),
                state=booking.state,
            )
        return Prepared(booking_id=booking.id, input={})

    return await desk.take(desk.opening(viewer, VERB, key, wish), prepare, booking_id=wish.booking_id)


async def give_back(tools: Tools, run: Run) -> None:
    """The verb: each source is asked once more; what is refused again stays due."""
    refused = await pay_back(tools, run)
    if refused:
        raise refused[0]
