"""Correct a passenger: what the carrier allows, as a new version of the traveller's row."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial

from sqlmodel import Session

from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import Author, items_of, offer_of, owned_booking, tell
from app.booking.passengers import Passenger, age_on, check_passenger, latest_date, traveller_row
from app.booking.people import current_rows, traveller_of
from app.domain.booking import BookingState
from app.domain.events import EventKind
from app.domain.itinerary import PassengerField, PassengerType
from app.domain.partner import Viewer
from app.domain.refusals import InvalidInput, NotCorrectable, NotFound, WrongState
from app.journal.journal import Prepared
from app.journal.run import Run
from app.store.tables import ItemRow, TravellerRow

VERB = "update-passenger@1"
_LIVE = {BookingState.REQUESTED, BookingState.HELD, BookingState.CONFIRMED, BookingState.TICKETED}
_NAMES: Mapping[str, PassengerField] = {
    "title": PassengerField.TITLE,
    "given_name": PassengerField.GIVEN_NAME,
    "family_name": PassengerField.FAMILY_NAME,
    "born_on": PassengerField.BORN_ON,
    "gender": PassengerField.GENDER,
    "email": PassengerField.EMAIL,
    "phone": PassengerField.PHONE,
    "loyalty": PassengerField.LOYALTY,
    "assistance": PassengerField.ASSISTANCE,
    "document": PassengerField.DOCUMENT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectWish:
    """The traveller to correct; `changes` by the names of Passenger's fields, only those to change."""

    booking_id: str
    traveller_id: str
    changes: Mapping[str, object] = field(repr=False)


async def take_correct(desk: Desk, viewer: Viewer, key: str, wish: CorrectWish) -> Outcome:
    """Correct a traveller's facts; NotCorrectable names those the carrier no longer lets change."""
    opening = desk.opening(viewer, VERB, key, wish)
    prepare = partial(_prepare, desk.tools, viewer, wish)
    return await desk.take(opening, prepare, booking_id=wish.booking_id)


async def correct(_tools: Tools, _run: Run) -> None:
    """The verb: the new facts were written when the operation opened, for the journal holds nothing personal."""


def _prepare(tools: Tools, viewer: Viewer, wish: CorrectWish, session: Session, operation_id: str) -> Prepared:
    now = tools.clock.now()
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    if booking.state not in _LIVE:
        raise WrongState(
            message=f"A booking that is {booking.state} cannot be corrected.",
            path=("input", "bookingId"),
            state=booking.state,
        )
    row = next((row for row in current_rows(session, booking.id) if row.id == wish.traveller_id), None)
    if row is None or row.erased_at is not None:
        raise NotFound(message="No such traveller is on this booking.", path=("input", "travellerId"))
    items = [item for item in items_of(session, booking.id) if row.id in item.passengers]
    old = _passenger(tools, row)
    new = replace(old, **wish.changes)  # type: ignore[arg-type]
    changed = {_NAMES[name.name] for name in fields(Passenger) if getattr(old, name.name) != getattr(new, name.name)}
    _check(tools, items, row, new, changed)
    _write(tools, session, row, new)
    author = Author(partner_id=booking.partner_id, booking_id=booking.id, operation_id=operation_id, actor=viewer.actor)
    tell(session, author, EventKind.PASSENGER_UPDATED, now, traveller=row.id, fields=sorted(changed))
    return Prepared(booking_id=booking.id, input={"traveller": row.id, "version": row.version + 1})


def _check(tools: Tools, items: list[ItemRow], row: TravellerRow, new: Passenger, changed: set[PassengerField]) -> None:
    ordered = [tools.carriers.get(item.carrier).profile for item in items if item.order_ref is not None]
    fixed = {name for name in changed for profile in ordered if name not in profile.correctable}
    if fixed:
        raise NotCorrectable(
            message="The carrier does not let these facts change on an existing order. Cancel and reserve again.",
            path=("input", "changes"),
            fields=tuple(sorted(fixed)),
        )
    offers = [offer for offer in map(offer_of, items) if offer is not None]
    required = frozenset(name for offer in offers for name in offer.required)
    check_passenger(new, latest_date(tools.clock.now()), required, ("input", "changes"))
    for offer in offers:
        day = offer.departs_at.date()
        if row.born_on is not None and age_on(new.born_on, day) != age_on(row.born_on, day):
            raise InvalidInput(
                message="The price depends on the age on the day of travel, so the birth date cannot change it.",
                path=("input", "changes", "bornOn"),
            )


def _write(tools: Tools, session: Session, row: TravellerRow, new: Passenger) -> None:
    kind = PassengerType(row.type)
    written = traveller_row(new, kind, row.position, row.id, tools.vault, (row.partner_id, row.booking_id))
    written.version, written.infant_id = row.version + 1, row.infant_id
    row.current = False
    session.add(written)


def _passenger(tools: Tools, row: TravellerRow) -> Passenger:
    known = traveller_of(row, tools.vault, tools.clock.now())
    return Passenger(**{name.name: getattr(known, name.name) for name in fields(Passenger)})
