"""The world's own truth, as JSON: what tests judge a gateway by."""

from hashlib import sha256

from app.domain.money import Money
from app.domain.tours import DepartureKey
from carriers.sandbox.exchange import Json, encode, maybe_stamp, stamp
from carriers.sandbox.octo.core import Core
from carriers.sandbox.octo.departures import places_left, taken
from carriers.sandbox.octo.facts import Booking, Cancellation, Change, Item, Move, Ticket

_FLEETING = frozenset({"id", "uuid", "supplier_reference", "created_at", "expires_at", "answer_by", "confirmed_at"})


def ledger(core: Core) -> Json:
    """Every booking of every operator, oldest first, and the departures they are about."""
    found = list(core.facts.bookings.values())
    keys = sorted({booking.key for booking in found}, key=repr)
    return {
        "now": stamp(core.now()),
        "bookings": [_booking(booking) for booking in found],
        "departures": [_departure(core, key) for key in keys],
    }


def fingerprint(core: Core) -> str:
    """A hash of the facts without ids, counters and times."""
    found = ledger(core)
    facts = [{name: value for name, value in each.items() if name not in _FLEETING} for each in found["bookings"]]
    return sha256(encode({"bookings": facts, "departures": found["departures"]})).hexdigest()


def _booking(booking: Booking) -> Json:
    return _what(booking) | {
        "id": booking.id,
        "uuid": booking.uuid,
        "status": booking.status,
        "supplier_reference": booking.supplier_reference,
        "reseller_reference": booking.reseller_reference,
        "people": [_person(booking, item) for item in booking.items],
        "amount": _amount(booking.total, booking.currency),
        "fees": _amount(booking.fees, booking.currency),
        "moves": [_move(booking, move) for move in booking.moves],
        "currency": booking.currency,
        "tickets": [_ticket(ticket) for ticket in booking.tickets],
        "changes": [_change(change) for change in booking.changes],
        "cancellation": booking.cancellation and _cancellation(booking.cancellation),
        "created_at": stamp(booking.created_at),
        "expires_at": maybe_stamp(booking.expires_at),
        "answer_by": maybe_stamp(booking.answer_by),
        "confirmed_at": maybe_stamp(booking.confirmed_at),
    }


def _what(booking: Booking) -> Json:
    return _named(booking.key) | {"region": booking.region, "plain": booking.plain}


def _named(key: DepartureKey) -> Json:
    day = key.starts_on.isoformat()
    return {"operator": key.operator, "product": key.tour, "option": key.option, "date": day}


def _person(booking: Booking, item: Item) -> Json:
    return {
        "uuid": item.uuid,
        "unit": item.unit,
        "reseller_reference": item.reseller_reference,
        "first_name": item.contact["firstName"],
        "last_name": item.contact["lastName"],
        "amount": _amount(item.price, booking.currency),
    }


def _move(booking: Booking, move: Move) -> Json:
    amounts = {"difference": move.difference, "fee": move.fee}
    return {name: _amount(minor, booking.currency) for name, minor in amounts.items()}


def _ticket(ticket: Ticket) -> Json:
    return {"number": ticket.number, "person": ticket.item, "state": "void" if ticket.void else "issued"}


def _change(found: Change) -> Json:
    return _named(found.before) | {"id": found.id, "answered": found.answered, "at": stamp(found.at)}


def _cancellation(found: Cancellation) -> Json:
    kept = {"refund": found.refund, "percent_kept": found.percent_kept}
    return kept | {"reason": found.reason, "at": stamp(found.at)}


def _departure(core: Core, key: DepartureKey) -> Json:
    return _named(key) | {"booked": taken(core)[key], "left": places_left(core, key)}


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency).amount)
