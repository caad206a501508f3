"""Changes from the operator's side: departures cancelled or moved, bookings given up; and the control that makes them.

Bookings made with our capability stand until they are answered; plain OCTO can only say that one is cancelled.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date
from enum import StrEnum

from app.domain.tours import DepartureKey, SellingRegion
from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import booking as bookings
from carriers.sandbox.octo import read
from carriers.sandbox.octo.core import Core
from carriers.sandbox.octo.errors import bad_request, invalid_uuid, unprocessable
from carriers.sandbox.octo.facts import Answered, Booking, Change, Status

_LIVE = frozenset({Status.PENDING, Status.ON_HOLD, Status.CONFIRMED})
_NAMES = ("operator", "product", "option", "date")


class Kind(StrEnum):
    """What an operator does."""

    CANCELLED = "cancelled"
    MOVED = "moved"


def make_changes(core: Core, data: Json) -> Answer:
    """`POST /_sandbox/departure_changes`: the operator cancels or moves a departure, or one booking of it.

    `kind` is `cancelled`, or `moved` with the date to move `to`. `operator`, `product`, `option` and `date` name the
    departure as the ledger does; `uuid` names one booking instead.
    """
    kind, to = _kind(data), _moved_to(data)
    uuid = read.maybe_text(data, "uuid")
    if uuid is not None:
        booking = _booking(core, uuid)
        _change_one(core, booking, _new_key(core, booking.key, to, [booking]))
        return Answer(_shown([booking]))
    key = _departure(core, data)
    affected = [each for each in core.facts.bookings.values() if each.key == key and each.status in _LIVE]
    new = _new_key(core, key, to, affected)
    core.facts.cancelled.add(key)
    for booking in affected:
        _change_of_departure(core, booking, new if kind is Kind.MOVED else None)
    return Answer(_shown(affected))


def accept(core: Core, booking: Booking, told: object) -> None:
    """Take the customer's word that the latest change of the booking is accepted."""
    change, cancelled = booking.change, booking.key in core.facts.cancelled
    if not isinstance(told, dict) or told.get("accepted") is not True:
        raise bad_request("departureChange must have an id, and accepted must be true")
    if change is None or cancelled or told.get("id") != change.id:
        raise unprocessable("The booking has no such change to accept")
    change.answered = Answered.ACCEPTED


def _change_one(core: Core, booking: Booking, new: DepartureKey | None) -> None:
    if new is None:
        bookings.cancel_by_operator(core, booking)
    else:
        _move(core, booking, new)


def _change_of_departure(core: Core, booking: Booking, new: DepartureKey | None) -> None:
    if new is not None:
        _move(core, booking, new)
    elif booking.status is Status.PENDING:
        bookings.reject(core, booking)
    elif booking.plain or booking.status is Status.ON_HOLD:
        bookings.cancel_by_operator(core, booking)
    else:
        _note(core, booking)


def _move(core: Core, booking: Booking, new: DepartureKey) -> None:
    _note(core, booking)
    booking.key, booking.updated_at = new, core.now()


def _note(core: Core, booking: Booking) -> None:
    booking.changes.append(Change(core.new_uuid("change"), booking.key, core.now()))


def _kind(data: Json) -> Kind:
    kind = read.maybe_text(data, "kind")
    if kind not in set(Kind):
        raise bad_request("kind must be cancelled or moved")
    return Kind(str(kind))


def _moved_to(data: Json) -> date | None:
    to = read.maybe_day(data, "to")
    if (to is not None) != (_kind(data) is Kind.MOVED):
        raise bad_request("to is required of what is moved, and of nothing else")
    return to


def _departure(core: Core, data: Json) -> DepartureKey:
    operator, tour, option, day = (read.maybe_text(data, name) or "" for name in _NAMES)
    key = DepartureKey(operator=operator, tour=tour, option=option, starts_on=read.day(day))
    return _known(core, key)


def _new_key(core: Core, key: DepartureKey, to: date | None, affected: Sequence[Booking]) -> DepartureKey | None:
    regions = {each.region for each in affected}
    return None if to is None else _known(core, replace(key, starts_on=to), regions)


def _known(core: Core, key: DepartureKey, regions: AbstractSet[SellingRegion] = frozenset()) -> DepartureKey:
    """The departure, if the operator has it and sells it in these regions."""
    found = core.catalogue.departure(key.operator, key.tour, key.option, key.starts_on)
    if found is None or not regions <= found.sales.keys():
        raise bad_request(f"{key.operator} has no departure of {key.tour}, {key.option} on {key.starts_on}")
    return key


def _booking(core: Core, uuid: str) -> Booking:
    found = next((each for each in core.facts.bookings.values() if each.uuid == uuid), None)
    if found is None or found.status not in _LIVE:
        raise invalid_uuid(uuid)
    return found


def _shown(affected: Sequence[Booking]) -> Json:
    return {
        "bookings": [
            {"uuid": each.uuid, "status": each.status, "date": each.key.starts_on.isoformat()} for each in affected
        ]
    }
