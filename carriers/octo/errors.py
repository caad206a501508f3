"""What OCTO's errors mean to us: one table of documented codes, applied once.

By default we take the blame: a code that is not documented never becomes a Refusal. Source: the error schemas of the
OCTO specification. Suppliers answer most of them with status 400, so the codes alone are the keys.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.money import Money
from app.domain.refusals import CarrierRefused, NotFound, OfferExpired, PriceChanged
from app.wire.facts import Json
from app.wire.messages import Response
from app.wire.pacing import TOO_MANY, pause

# The header that says which capabilities an answer is written with.
CAPABILITIES = "octo-capabilities"


class Meaning(StrEnum):
    """What a documented code says of the world. In each case nothing happened by this call."""

    OFFER_GONE = "OFFER_GONE"
    NOT_FOUND = "NOT_FOUND"
    REFUSED = "REFUSED"


_M = Meaning
MEANINGS: Mapping[str, Meaning] = {
    "INVALID_PRODUCT_ID": _M.OFFER_GONE,
    "INVALID_OPTION_ID": _M.OFFER_GONE,
    "INVALID_UNIT_ID": _M.OFFER_GONE,
    "INVALID_AVAILABILITY_ID": _M.OFFER_GONE,
    "INVALID_BOOKING_UUID": _M.NOT_FOUND,
    "UNPROCESSABLE_ENTITY": _M.REFUSED,
}
# They say that the operator does not let us in, whatever their status.
NOT_LET_IN = frozenset({"UNAUTHORIZED", "FORBIDDEN"})
_CLOSED_DOOR = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
# It may have come after the effect, whatever its status.
SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class Declined(Exception):  # noqa: N818 - the operator's no, before it is one of our errors
    """The operator said no, with a documented code."""

    def __init__(self, meaning: Meaning, code: str) -> None:
        super().__init__(code)
        self.meaning = meaning
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's JSON, and the capabilities it is written with."""

    data: Any
    granted: frozenset[str]


def read(answer: Response, now: datetime) -> Answer:
    """The answer to a read. Declined when the operator said no, otherwise Trouble: a read changes nothing."""
    if answer.status == HTTPStatus.OK:
        found = _answer(answer)
        if found is not None:
            return found
        raise Trouble("The operator's answer cannot be read.")
    raise _no(answer, now) or Trouble(f"The operator answered with status {answer.status}.")


def written(answer: Response, now: datetime) -> Answer:
    """The answer to a changing call: Declined, Trouble, or Unknown where it may yet have happened."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        found = _answer(answer)
        if found is not None:
            return found
        raise Unknown("The operator's answer cannot be read.")
    raise _no(answer, now) or _unclear(answer)


def _unclear(answer: Response) -> Trouble | Unknown:
    """A 5xx may come after the effect. A 4xx comes before it; where its code is unknown, the fault is ours."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or _code(answer) == SERVER_ERROR:
        return Unknown(f"The operator answered with status {answer.status}; it may have been done.")
    return Trouble(f"The operator answered with status {answer.status} and no code that says why.")


def _no(answer: Response, now: datetime) -> Declined | Trouble | None:
    """What is certain not to have happened; None when that cannot be told."""
    code = _code(answer)
    if answer.status in _CLOSED_DOOR or code in NOT_LET_IN:
        return Trouble("The operator does not accept our access token: check the carrier's settings.")
    if answer.status == TOO_MANY:
        return Trouble("The operator wants to be asked less often.", retry_after=pause(answer, now))
    meaning = MEANINGS.get(code) if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else None
    return None if meaning is None else Declined(meaning, code)


def refusal(declined: Declined, carrier: str) -> Refusal:
    """Our error for a no that needs no further look at the operator."""
    if declined.meaning is Meaning.OFFER_GONE:
        return OfferExpired(message="The operator no longer sells this as it was offered.")
    if declined.meaning is Meaning.NOT_FOUND:
        return NotFound(message="The operator does not know this booking.")
    return CarrierRefused(message="The operator declined.", carrier=carrier, reason=declined.code)


def price_changed(old: Money, new: Money) -> PriceChanged:
    """The operator asks `new` where we had agreed on `old`."""
    return PriceChanged(message=f"The operator now asks {new} instead of {old}.", old_total=old, new_total=new)


def _answer(answer: Response) -> Answer | None:
    data = _json(answer)
    if not isinstance(data, dict | list):
        return None
    told = answer.headers.get(CAPABILITIES, "")
    return Answer(data, frozenset(name.strip() for name in told.split(",") if name.strip()))


def _code(answer: Response) -> str:
    data = _json(answer)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _json(answer: Response) -> Json | list[Json] | None:
    try:
        found: Json | list[Json] = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found
