"""Erase a traveller: every version of the personal facts is blanked, every record stays valid."""

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, select

from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import Author, owned_booking, tell
from app.domain.booking import BookingState
from app.domain.events import EventKind
from app.domain.partner import Viewer
from app.domain.refusals import NotFound, WrongState
from app.journal.journal import Prepared
from app.journal.run import Run
from app.store.tables import TravellerRow

VERB = "erase-traveller@1"
# Before it is ticketed or over, the carrier may still ask who travels.
_NEEDED_IN = {BookingState.NEW, BookingState.REQUESTED, BookingState.HELD, BookingState.CONFIRMED}


@dataclass(frozen=True, kw_only=True, slots=True)
class EraseWish:
    """The traveller to forget."""

    booking_id: str
    traveller_id: str


async def take_erase(desk: Desk, viewer: Viewer, key: str, wish: EraseWish) -> Outcome:
    """Erase a traveller's personal facts; WrongState while a carrier may still need them."""
    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish), booking_id=wish.booking_id)


async def erase(_tools: Tools, _run: Run) -> None:
    """The verb: the facts were blanked in the transaction that opened the operation."""


def _prepare(tools: Tools, viewer: Viewer, wish: EraseWish, session: Session, operation_id: str) -> Prepared:
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    if booking.state in _NEEDED_IN:
        raise WrongState(
            message="The carrier may still need this traveller. Cancel the booking first, or wait for its tickets.",
            path=("input", "bookingId"),
            state=booking.state,
        )
    query = select(TravellerRow).where(TravellerRow.id == wish.traveller_id, TravellerRow.booking_id == booking.id)
    rows = session.exec(query.with_for_update()).all()
    if not rows:
        raise NotFound(message="No such traveller is on this booking.", path=("input", "travellerId"))
    now = tools.clock.now()
    for row in rows:
        _blank(row)
        row.erased_at = row.erased_at or now
    author = Author(partner_id=booking.partner_id, booking_id=booking.id, operation_id=operation_id, actor=viewer.actor)
    tell(session, author, EventKind.TRAVELLER_ERASED, now, traveller=wish.traveller_id)
    return Prepared(booking_id=booking.id, input={"traveller": wish.traveller_id})


def _blank(row: TravellerRow) -> None:
    row.title = row.gender = row.given_name = row.family_name = row.name_key = None
    row.born_on = None
    row.email = row.phone = row.document = None
    row.loyalty, row.assistance = [], []
