"""A booking in OCTO's shape, with what was granted."""

from collections import Counter
from dataclasses import replace

from carriers.sandbox.exchange import Json, maybe_stamp, stamp
from carriers.sandbox.octo import booking as bookings
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.departures import booked
from carriers.sandbox.octo.facts import Booking, Cancellation, Change, Item, Status
from carriers.sandbox.octo.show_availability import availability, terms
from carriers.sandbox.octo.show_money import pricing


def shown(core: Core, booking: Booking, call: Call) -> Json:
    """The booking as it stands; its departure as it is sold in the booking's own region."""
    found = _identity(booking) | _times(booking) | _what(core, booking, call)
    found |= {
        "cancellable": bookings.changeable(core, booking),
        "cancellation": booking.cancellation and _cancellation(booking.cancellation),
        "contact": booking.contact,
        "notes": booking.notes,
        "deliveryMethods": ["TICKET", "VOUCHER"],
        "voucher": _ticket(booking.supplier_reference) if _ticketed(booking) else None,
        "unitItems": [_item(booking, item, call) for item in booking.items],
    }
    if call.pricing:
        found["pricing"] = pricing(booking.total, booking.currency)
    return found | (_on_our_terms(booking) if call.departures else {})


def _identity(booking: Booking) -> Json:
    return {
        "id": booking.id,
        "uuid": booking.uuid,
        "testMode": True,
        "resellerReference": booking.reseller_reference,
        "supplierReference": booking.supplier_reference,
        "status": booking.status,
    }


def _times(booking: Booking) -> Json:
    return {
        "utcCreatedAt": stamp(booking.created_at),
        "utcUpdatedAt": stamp(booking.updated_at),
        "utcExpiresAt": maybe_stamp(booking.expires_at),
        "utcRedeemedAt": None,
        "utcConfirmedAt": maybe_stamp(booking.confirmed_at),
    }


def _what(core: Core, booking: Booking, call: Call) -> Json:
    found = booked(core, replace(call, region=booking.region), booking.key)
    return {
        "productId": booking.key.tour,
        "optionId": booking.key.option,
        "freesale": False,
        "availabilityId": bookings.before(core, booking, 0).isoformat(),
        "availability": found and availability(found, replace(call, region=booking.region), Counter()),
    }


def _cancellation(found: Cancellation) -> Json:
    return {"refund": found.refund, "reason": found.reason, "utcCancelledAt": stamp(found.at)}


def _change(found: Change) -> Json:
    before = {"optionId": found.before.option, "localDate": found.before.starts_on.isoformat()}
    return {"id": found.id, "utcMadeAt": stamp(found.at), "before": before, "accepted": found.accepted}


def _ticketed(booking: Booking) -> bool:
    return any(booking.valid_tickets)


def _item(booking: Booking, item: Item, call: Call) -> Json:
    ticket = next((each for each in booking.valid_tickets if each.item == item.uuid), None)
    found: Json = {
        "uuid": item.uuid,
        "resellerReference": item.reseller_reference,
        "supplierReference": item.supplier_reference,
        "unitId": item.unit,
        "status": booking.status,
        "utcRedeemedAt": None,
        "contact": item.contact,
        "ticket": ticket and _ticket(ticket.number),
    }
    return found | ({"pricing": pricing(item.price, booking.currency)} if call.pricing else {})


def _ticket(value: str) -> Json:
    options = [{"deliveryFormat": "QRCODE", "deliveryValue": value}]
    return {"redemptionMethod": "DIGITAL", "utcRedeemedAt": None, "deliveryOptions": options}


def _on_our_terms(booking: Booking) -> Json:
    return {
        "departureChange": booking.change and _change(booking.change),
        "departureTerms": terms(booking.terms, booking.currency),
        "region": booking.region,
        "utcAnswerBy": maybe_stamp(booking.answer_by if booking.status is Status.PENDING else None),
    }
