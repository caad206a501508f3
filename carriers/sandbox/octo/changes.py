"""What is done to a booking: extend, confirm, cancel."""

from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import booking as bookings
from carriers.sandbox.octo import read
from carriers.sandbox.octo.bookings import known_booking
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.errors import bad_request, invalid_uuid, unprocessable
from carriers.sandbox.octo.facts import Booking, Status
from carriers.sandbox.octo.show_booking import shown

_NAMED = ("firstName", "lastName")


def extend_booking(core: Core, call: Call) -> Answer:
    """`POST /bookings/{uuid}/extend`: keep the places longer, counted from now."""
    booking = known_booking(core, call)
    if booking.status is not Status.ON_HOLD:
        raise unprocessable(f"The booking is {booking.status}")
    bookings.hold(core, booking, read.minutes(call.data))
    return Answer(shown(core, booking, call))


def confirm_booking(core: Core, call: Call) -> Answer:
    """`POST /bookings/{uuid}/confirm`; confirming what is confirmed changes nothing."""
    booking = known_booking(core, call)
    if booking.status is Status.EXPIRED:
        raise invalid_uuid(booking.uuid)
    if booking.status not in {Status.ON_HOLD, Status.CONFIRMED}:
        raise unprocessable(f"The booking is {booking.status}")
    if booking.status is Status.ON_HOLD:
        _take_names(booking, call.data)
        bookings.confirm(core, booking, call.tickets_after)
    return Answer(shown(core, booking, call))


def cancel_booking(core: Core, call: Call) -> Answer:
    """`POST /bookings/{uuid}/cancel`; cancelling what is cancelled changes nothing. `force` goes beyond the cutoff."""
    booking = known_booking(core, call)
    if booking.status is Status.CANCELLED:
        return Answer(shown(core, booking, call))
    forced = call.data.get("force") is True and booking.status is Status.CONFIRMED
    if not forced and not bookings.changeable(core, booking):
        raise unprocessable(f"The booking is {booking.status} and can no longer be cancelled")
    bookings.cancel(core, booking, read.maybe_text(call.data, "reason"))
    return Answer(shown(core, booking, call))


def _take_names(booking: Booking, data: Json) -> None:
    if data.get("contact") is None:
        raise bad_request("contact is required")
    contact = read.contact(data, booking.contact)
    people = {item.uuid: item.contact for item in booking.items} | _told(booking, data)
    for named in (contact, *people.values()):
        missing = [name for name in _NAMED if not named[name]]
        if missing:
            raise unprocessable(f"Validation failed: {', '.join(missing)} is required of everybody")
    booking.contact = contact
    booking.reseller_reference = read.maybe_text(data, "resellerReference") or booking.reseller_reference
    for item in booking.items:
        item.contact = people[item.uuid]


def _told(booking: Booking, data: Json) -> dict[str, Json]:
    """The people that are named anew, by the uuid of their unit item."""
    known = {item.uuid: item.contact for item in booking.items}
    found: dict[str, Json] = {}
    for entry in read.objects(data, "unitItems"):
        uuid = read.uuid(entry.get("uuid"))
        if uuid not in known:
            raise bad_request("unitItems must be those of the booking")
        found[uuid] = read.contact(entry, known[uuid])
    return found
