"""What Duffel's answers mean to us: one table of documented codes, applied once.

By default we take the blame: a code that is not documented never becomes a Refusal. Sources:
duffel.com/docs/api/overview/errors, .../response-handling/order-and-booking-creation, and the errors documented with
orders, payments, order cancellations and order changes. Codes are unique across Duffel's error types, so they alone
are the keys.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.money import Money
from app.domain.refusals import CarrierRefused, InvalidInput, NotFound, OfferExpired, PriceChanged, ServiceGone, SoldOut
from app.wire.messages import Response
from app.wire.pacing import pause


class Meaning(StrEnum):
    """What a documented code says of the world. In each case nothing happened by this call."""

    SOLD_OUT = "SOLD_OUT"
    OFFER_EXPIRED = "OFFER_EXPIRED"
    PRICE_CHANGED = "PRICE_CHANGED"
    TOO_LATE = "TOO_LATE"
    REFUSED = "REFUSED"
    NOT_FOUND = "NOT_FOUND"
    INVALID_TRAVELLER = "INVALID_TRAVELLER"
    ALREADY_ATTEMPTED = "ALREADY_ATTEMPTED"
    ALREADY_PAID = "ALREADY_PAID"
    ALREADY_CANCELLED = "ALREADY_CANCELLED"
    STALE_QUOTE = "STALE_QUOTE"
    ALREADY_CHANGED = "ALREADY_CHANGED"
    NOT_CHANGEABLE = "NOT_CHANGEABLE"
    SERVICE_GONE = "SERVICE_GONE"


_M = Meaning
MEANINGS: Mapping[str, Meaning] = {
    "offer_no_longer_available": _M.SOLD_OUT,
    "offer_expired": _M.OFFER_EXPIRED,
    "price_changed": _M.PRICE_CHANGED,
    "payment_amount_does_not_match_order_amount": _M.PRICE_CHANGED,
    "past_payment_required_by_date": _M.TOO_LATE,
    "not_found": _M.NOT_FOUND,
    "order_not_created": _M.REFUSED,
    "insufficient_balance": _M.REFUSED,
    "payment_declined": _M.REFUSED,
    "schedule_changed": _M.REFUSED,
    "order_type_not_eligible_for_payment": _M.REFUSED,
    "order_not_cancellable": _M.REFUSED,
    "unsupported_action": _M.REFUSED,
    "services_not_allowed_for_order_type": _M.REFUSED,
    "ancillary_service_not_available": _M.SERVICE_GONE,
    "stale_airline_initiated_change_accept": _M.REFUSED,
    # Our own lost attempt most likely made it: to take these for a Refusal would orphan its order.
    "order_creation_already_attempted": _M.ALREADY_ATTEMPTED,
    "offer_request_already_booked": _M.ALREADY_ATTEMPTED,
    "already_paid": _M.ALREADY_PAID,
    "already_cancelled": _M.ALREADY_CANCELLED,
    "order_cancellation_stale": _M.STALE_QUOTE,
    "order_not_changeable": _M.NOT_CHANGEABLE,
    # The documented code, and the one that Duffel's test mode answers.
    "order_change_already_actioned": _M.ALREADY_CHANGED,
    "order_change_already_confirmed": _M.ALREADY_CHANGED,
}

_REASONS = {
    "order_not_created": "The airline could not create the order; nothing was booked.",
    "insufficient_balance": "The balance with Duffel does not cover this payment.",
    "payment_declined": "The payment was declined.",
    "schedule_changed": "The airline has changed this order, so it cannot be paid here.",
    "order_type_not_eligible_for_payment": "This order cannot be paid later.",
    "order_not_cancellable": "The airline does not let this order be cancelled here.",
    "order_not_changeable": "The airline does not let this order be changed here.",
    "unsupported_action": "The carrier does not allow this for the order as it is.",
    "stale_airline_initiated_change_accept": "The airline has changed the order once more: look at its latest change.",
    "already_cancelled": "The order is cancelled.",
    "services_not_allowed_for_order_type": "What is held unpaid can have no seats and bags yet.",
}
_FIELDS = {
    "title": "title",
    "given_name": "given_name",
    "family_name": "family_name",
    "born_on": "born_on",
    "gender": "gender",
    "email": "email",
    "phone_number": "phone",
    "identity_documents": "document",
    "loyalty_programme_accounts": "loyalty",
}
# The many codes of this type name a field; in the passengers it is what a traveller told us.
_VALIDATION = "validation_error"
_PASSENGERS = ("data", "passengers")

_SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR
# Nothing was done: Duffel guarantees it of 503, and a rate limit is checked before anything else.
_NOTHING_DONE = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
_NOT_LET_IN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
# The one code that vouches for a 5xx: no order was created and no payment taken.
_NOT_CREATED = "order_not_created"


class Declined(Exception):  # noqa: N818 - Duffel's no, before it is one of our errors
    """Duffel said no, with a documented code. `pointer` is where in our request the fault lies."""

    def __init__(self, meaning: Meaning, code: str, pointer: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.meaning = meaning
        self.code = code
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class _Error:
    type: str
    code: str
    pointer: tuple[str, ...]


def read(answer: Response, now: datetime) -> Any:  # noqa: ANN401 - JSON
    """The JSON of an answer to a read. Declined when Duffel said no, otherwise Trouble: a read changes nothing."""
    if answer.status in {HTTPStatus.OK, HTTPStatus.CREATED}:
        document = _document(answer)
        if document is not None:
            return document
        raise Trouble("Duffel's answer cannot be read.")
    raise _no(answer, now) or Trouble(f"Duffel answered with status {answer.status}.")


def written(answer: Response, now: datetime, *, accepted_delay: timedelta) -> Any:  # noqa: ANN401 - JSON
    """The JSON of an answer to a changing call: Declined, Trouble, or Unknown where it may yet have happened."""
    if answer.status == HTTPStatus.ACCEPTED:
        raise Unknown("Duffel has accepted the request and will tell its outcome later.", settle_delay=accepted_delay)
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        document = _document(answer)
        if document is not None:
            return document
        # A 200 may come before Duffel has the whole of it.
        raise Unknown("Duffel's answer cannot be read.", settle_delay=accepted_delay)
    raise _no(answer, now) or _unclear(answer.status)


def _unclear(status: int) -> Trouble | Unknown:
    """A 5xx may come after the effect. A 4xx comes before it; where its code is unknown, the fault is ours."""
    if status >= _SERVER_ERROR:
        return Unknown(f"Duffel answered with status {status}; it may have been done.")
    return Trouble(f"Duffel answered with status {status} and no documented code.")


def _no(answer: Response, now: datetime) -> Declined | Trouble | None:
    """What is certain not to have happened; None when that cannot be told."""
    if answer.status in _NOT_LET_IN:
        return Trouble("Duffel does not accept our access token: check the carrier's settings.")
    if answer.status in _NOTHING_DONE:
        return Trouble(f"Duffel is not available (status {answer.status}).", retry_after=pause(answer, now))
    known = filter(None, map(_declined, _errors(answer)))
    return next((no for no in known if answer.status < _SERVER_ERROR or no.code == _NOT_CREATED), None)


def _declined(error: _Error) -> Declined | None:
    meaning = MEANINGS.get(error.code)
    if meaning is None and error.type == _VALIDATION and error.pointer[:2] == _PASSENGERS:
        meaning = Meaning.INVALID_TRAVELLER
    return None if meaning is None else Declined(meaning, error.code, error.pointer)


def refusal(declined: Declined, carrier: str) -> Refusal:
    """Our error for a no that needs no further look at the carrier."""
    match declined.meaning:
        case Meaning.SOLD_OUT:
            return SoldOut(message="The carrier no longer sells this offer.")
        case Meaning.OFFER_EXPIRED:
            return OfferExpired(message="The carrier's offer has expired.")
        case Meaning.NOT_FOUND:
            return NotFound(message="The carrier does not know this order.")
        case Meaning.SERVICE_GONE:
            return ServiceGone(message="A seat or bag is no longer to be had.")
        case Meaning.INVALID_TRAVELLER:
            return InvalidInput(
                message="The carrier does not accept this traveller's details.", path=_path(declined.pointer)
            )
        case _:
            message = _REASONS.get(declined.code, "The carrier declined.")
            return CarrierRefused(message=message, carrier=carrier, reason=declined.code)


def price_changed(old: Money, new: Money) -> PriceChanged:
    """The carrier asks `new` where we had agreed on `old`."""
    return PriceChanged(message=f"The carrier now asks {new} instead of {old}.", old_total=old, new_total=new)


def offer_refusal(declined: Declined, carrier: str) -> Refusal:
    """As `refusal`, where what was asked about is an offer: one that Duffel has forgotten has expired."""
    if declined.meaning is Meaning.NOT_FOUND:
        return OfferExpired(message="The carrier no longer knows this offer.")
    return refusal(declined, carrier)


def _path(pointer: tuple[str, ...]) -> tuple[str, ...]:
    """`/data/passengers/0/phone_number` in our words."""
    where = pointer[2:4]
    return ("passengers", *where[:1], *(_FIELDS[name] for name in where[1:] if name in _FIELDS))


def _document(answer: Response) -> Any:  # noqa: ANN401 - JSON
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _errors(answer: Response) -> list[_Error]:
    document = _document(answer) or {}
    listed = document.get("errors")
    found = listed if isinstance(listed, list) else []
    return [_error(entry) for entry in found if isinstance(entry, dict)]


def _error(entry: Mapping[str, Any]) -> _Error:
    source = entry.get("source")
    pointer = str(source.get("pointer") or "") if isinstance(source, dict) else ""
    return _Error(
        str(entry.get("type", "")), str(entry.get("code", "")), tuple(part for part in pointer.split("/") if part)
    )
