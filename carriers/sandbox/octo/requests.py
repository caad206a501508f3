"""Departures on request: the operator answers after two hours, or at once when the control asks it to.

The family name of the lead traveller (the booking's contact, else the first person) says what it answers.
"""

from datetime import timedelta

from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import Json, stamp
from carriers.sandbox.octo import booking, read
from carriers.sandbox.octo.core import Core
from carriers.sandbox.octo.departures import places_left
from carriers.sandbox.octo.errors import bad_request, invalid_uuid
from carriers.sandbox.octo.facts import Booking, Status

REFUSED = "requestrefused"
UNANSWERED = "requestunanswered"
ANSWERED_AFTER = timedelta(hours=2)
ANSWERED_BY = timedelta(hours=48)


def ask(core: Core, asked: Booking) -> None:
    """Put the request to the operator, who answers by itself or lets the time pass."""
    asked.status = Status.PENDING
    asked.answer_by = min(core.now() + ANSWERED_BY, booking.shut(core, asked))
    about = {"operator": asked.key.operator, "uuid": asked.uuid}
    name = _lead(asked)
    core.later(asked.answer_by, "refuse", about)
    if name != UNANSWERED:
        core.later(core.now() + ANSWERED_AFTER, "refuse" if name == REFUSED else "accept", about)


def accept(core: Core, asked: Booking) -> None:
    """Grant the places, if they are still there: they wait for the payment."""
    if asked.status is not Status.PENDING:
        return
    if places_left(core, asked.key) < len(asked.items):
        booking.reject(core, asked)
    else:
        booking.hold(core, asked, None)


def list_requests(core: Core) -> Answer:
    """`GET /_sandbox/requests`: what waits for an answer."""
    return Answer({"requests": [_shown(asked) for asked in _waiting(core)]})


def answer_requests(core: Core, data: Json) -> Answer:
    """`POST /_sandbox/requests {accept, uuid?}`: answer one request at once, or all."""
    accepted, uuid = data.get("accept"), read.maybe_text(data, "uuid")
    if not isinstance(accepted, bool):
        raise bad_request("accept must be true or false")
    found = [asked for asked in _waiting(core) if uuid in {None, asked.uuid}]
    if uuid is not None and not found:
        raise invalid_uuid(uuid)
    for asked in found:
        (accept if accepted else booking.reject)(core, asked)
    return Answer({"requests": [_shown(asked) for asked in found]})


def _waiting(core: Core) -> list[Booking]:
    return [asked for asked in core.facts.bookings.values() if asked.status is Status.PENDING]


def _lead(asked: Booking) -> str:
    return str(asked.contact["lastName"] or asked.items[0].contact["lastName"] or "").lower()


def _shown(asked: Booking) -> Json:
    told = {"operator": asked.key.operator, "uuid": asked.uuid, "status": asked.status}
    return told | {"answerBy": stamp(asked.answer_by) if asked.answer_by else None}
