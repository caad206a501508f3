"""`PATCH /bookings/{uuid}`: another departure, other people, other names. Places move all at once or not at all."""

from collections.abc import Sequence
from dataclasses import replace

from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import booking as bookings
from carriers.sandbox.octo import booking_form, operator_changes, read
from carriers.sandbox.octo.bookings import known_booking
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.departures import Standing
from carriers.sandbox.octo.errors import no_places, unprocessable
from carriers.sandbox.octo.facts import Answered, Booking, Item, Move, Status
from carriers.sandbox.octo.show_booking import shown

_MOVING = frozenset({"productId", "optionId", "availabilityId", "unitItems"})


def update_booking(core: Core, call: Call) -> Answer:
    """`PATCH /bookings/{uuid}`; what is not named stays."""
    booking = known_booking(core, call)
    if "departureChange" in call.data:
        operator_changes.accept(core, booking, call.data["departureChange"])
    if not bookings.changeable(core, booking):
        raise unprocessable(f"The booking is {booking.status} and can no longer be changed")
    told, minutes = _read(booking, call.data), read.minutes(call.data)
    if _MOVING & call.data.keys():
        _move(core, booking, wanted(core, call, booking), call.data)
    booking.reseller_reference, booking.notes, booking.contact = told
    if minutes and booking.status is Status.ON_HOLD:
        bookings.hold(core, booking, minutes)
    booking.updated_at = core.now()
    return Answer(shown(core, booking, call))


def wanted(core: Core, call: Call, booking: Booking) -> Standing:
    """The departure that it is to be for, sold in the booking's region."""
    key = booking.key
    now_on = bookings.before(core, booking, 0).isoformat()
    before: Json = {"productId": key.tour, "optionId": key.option, "availabilityId": now_on}
    named = {name: value for name, value in call.data.items() if name in before}
    return booking_form.departure(core, replace(call, region=booking.region), before | named)


def _read(booking: Booking, data: Json) -> tuple[str | None, str | None, Json]:
    reference = read.maybe_text(data, "resellerReference") or booking.reseller_reference
    notes = read.maybe_text(data, "notes") if "notes" in data else booking.notes
    return reference, notes, read.contact(data, booking.contact)


def _move(core: Core, booking: Booking, found: Standing, data: Json) -> None:
    items = _items(core, booking, found, data)
    moved = found.key != booking.key
    _check(core, booking, found, len(items))
    if booking.status is Status.CONFIRMED and moved:
        booking.moves.append(Move(sum(item.price for item in items) - booking.total, _fee(core, booking)))
    if moved:
        booking.key, booking.terms = found.key, found.sale.terms
        if booking.change is not None:
            booking.change.answered = Answered.EXCHANGED
    if moved or items != booking.items:
        bookings.replace_items(core, booking, items)


def _fee(core: Core, booking: Booking) -> int:
    """What moving it costs; plain OCTO knows no fees, and what the operator changed has none."""
    exchange = None if booking.plain or bookings.is_free(core, booking) else booking.terms.exchange
    return exchange.fee_per_booking if exchange else 0


def _items(core: Core, booking: Booking, found: Standing, data: Json) -> Sequence[Item]:
    """Its people at the prices of the departure; who stays on the same one in the same room pays what was agreed."""
    if "unitItems" in data:
        items = booking_form.items(core, data, found, booking.items)
    else:
        items = [replace(item, price=found.price(item.unit)) for item in booking.items]
    if found.key != booking.key:
        return items
    agreed = {(item.uuid, item.unit): item.price for item in booking.items}
    return [replace(item, price=agreed.get((item.uuid, item.unit), item.price)) for item in items]


def _check(core: Core, booking: Booking, found: Standing, people: int) -> None:
    if booking.status is Status.PENDING:
        raise unprocessable("The operator has not answered yet")
    if found.key == booking.key:
        _check_people(found, people - len(booking.items))
        return
    if found.key.tour != booking.key.tour:
        raise unprocessable("Only another departure of the same product can be had")
    if not bookings.movable(core, booking):
        raise unprocessable("The booking can no longer be moved to another departure")
    _check_people(found, people)


def _check_people(found: Standing, more: int) -> None:
    if more > 0 and not found.takes(more):
        raise no_places()
