"""`/bookings`: reserve, look up, list."""

from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import booking, booking_form, read, requests
from carriers.sandbox.octo.availability import check_currency
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.departures import Standing
from carriers.sandbox.octo.errors import bad_request, invalid_uuid, no_places
from carriers.sandbox.octo.facts import Booking, Status
from carriers.sandbox.octo.show_booking import shown

# How long it is to be kept is a wish from now on, no part of what is booked.
_FLEETING = frozenset({"expirationMinutes"})


def create_booking(core: Core, call: Call) -> Answer:
    """`POST /bookings/`: hold places, or ask for them. A uuid sent again gets the booking that it has."""
    uuid = read.uuid(call.data["uuid"]) if call.data.get("uuid") is not None else core.new_uuid("booking")
    known = core.facts.bookings.get((call.operator.code, uuid))
    if known is None:
        return Answer(shown(core, _book(core, call, uuid), call))
    if known.wish != _wish(call) or known.region != call.region:
        raise invalid_uuid(uuid)
    return Answer(shown(core, known, call))


def get_booking(core: Core, call: Call) -> Answer:
    """`GET /bookings/{uuid}`."""
    return Answer(shown(core, known_booking(core, call), call))


def list_bookings(core: Core, call: Call) -> Answer:
    """`GET /bookings/`, oldest first: by reference or, with our capability, all since an instant."""
    filters = {name: value for name in ("resellerReference", "supplierReference") if (value := call.one(name))}
    since = call.one("utcCreatedFrom") if call.departures else None
    if not filters and since is None:
        raise bad_request("either resellerReference or supplierReference is required")
    first = read.instant(since) if since is not None else None
    found = [
        shown(core, each, call)
        for each in core.facts.bookings.values()
        if each.key.operator == call.operator.code and (first is None or each.created_at >= first)
    ]
    return Answer([each for each in found if filters.items() <= each.items()])


def known_booking(core: Core, call: Call) -> Booking:
    """The booking of the path; INVALID_BOOKING_UUID where there is none."""
    found = core.facts.bookings.get((call.operator.code, read.uuid(call.path["uuid"])))
    if found is None:
        raise invalid_uuid(call.path["uuid"])
    return found


def _book(core: Core, call: Call, uuid: str) -> Booking:
    check_currency(call)
    minutes = read.minutes(call.data)
    found = booking_form.departure(core, call, call.data)
    asking = call.departures and found.asked_for and found.sale.terms.takes_requests
    made = _made(core, call, uuid, found)
    if not (found.has if asking else found.takes)(len(made.items)):
        raise no_places()
    core.facts.bookings[call.operator.code, uuid] = made
    if asking:
        requests.ask(core, made)
    else:
        booking.hold(core, made, minutes)
    return made


def _made(core: Core, call: Call, uuid: str, found: Standing) -> Booking:
    data, now = call.data, core.now()
    return Booking(
        id=core.new_uuid("booking id"),
        uuid=uuid,
        key=found.key,
        region=call.region,
        plain=not call.departures,
        wish=_wish(call),
        terms=found.sale.terms,
        currency=found.sale.prices.currency,
        status=Status.ON_HOLD,
        items=booking_form.items(core, data, found),
        supplier_reference=core.new_reference("booking", 6),
        reseller_reference=read.maybe_text(data, "resellerReference"),
        contact=read.contact(data),
        notes=read.maybe_text(data, "notes"),
        created_at=now,
        updated_at=now,
    )


def _wish(call: Call) -> Json:
    return {name: value for name, value in call.data.items() if name not in _FLEETING}
