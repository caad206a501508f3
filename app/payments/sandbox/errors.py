"""What the provider's answers mean to us: one table of documented codes, applied once (docs/payments.md).

By default we take the blame: a code that is not documented never becomes a Refusal.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.payment import DeclineReason
from app.domain.refusals import CaptureRefused, NotFound, PaymentDeclined, RefundRefused, WrongState
from app.payments.contract import PaymentVerb
from app.wire.messages import Response
from app.wire.pacing import pause

Json = Mapping[str, Any]


class Incomplete(Exception):  # noqa: N818 - a fact
    """An answer lacks what we need, or cannot be read."""


class Declined(Exception):  # noqa: N818 - the provider's no, before it is one of our errors
    """The provider said no, with a documented code; nothing happened by this call."""

    def __init__(self, code: str, facts: Json) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


NOT_FOUND, NO_BILLING = "charge_not_found", "billing_not_found"
CARD_DECLINED, WRONG_STATE, TOO_LARGE = "card_declined", "wrong_state", "amount_too_large"
_DOCUMENTED = frozenset({NOT_FOUND, NO_BILLING, CARD_DECLINED, WRONG_STATE, TOO_LARGE})
# Nothing was done: both are checked before anything else.
_NOTHING_DONE = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})


def read(answer: Response, now: datetime) -> Json:
    """The JSON of an answer to a read. Declined when the provider said no, otherwise Trouble."""
    try:
        return _content(answer, now)
    except Incomplete as error:
        raise Trouble(str(error)) from None


def written(answer: Response, now: datetime) -> Json:
    """The JSON of an answer to a changing call: Declined, Trouble, or Unknown where it may yet have happened."""
    try:
        return _content(answer, now)
    except Incomplete as error:
        unclear = Trouble if _client_error(answer) else Unknown
        raise unclear(str(error)) from None


def _content(answer: Response, now: datetime) -> Json:
    document = _document(answer)
    if answer.status in {HTTPStatus.OK, HTTPStatus.CREATED} and document is not None:
        return document
    if answer.status == HTTPStatus.UNAUTHORIZED:
        raise Trouble("The payment provider does not accept our key: check its settings.")
    if answer.status in _NOTHING_DONE:
        raise Trouble(
            f"The payment provider is not available (status {answer.status}).", retry_after=pause(answer, now)
        )
    error = (document or {}).get("error")
    if _client_error(answer) and isinstance(error, dict) and error.get("code") in _DOCUMENTED:
        raise Declined(error["code"], error)
    raise Incomplete(f"The payment provider answered with status {answer.status} and nothing that we know.")


def _client_error(answer: Response) -> bool:
    return HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR


def _document(answer: Response) -> Json | None:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def refusal(no: Declined, verb: PaymentVerb) -> Refusal:
    """Our error for a no to this verb."""
    if no.code == NOT_FOUND:
        return unknown_charge()
    return _REFUSALS.get(verb, _wrong_state)(no)


def unknown_charge() -> NotFound:
    """The provider has no such charge."""
    return NotFound(message="The payment provider does not know this charge.")


def _not_authorised(no: Declined) -> Refusal:
    if no.code != CARD_DECLINED:
        return _wrong_state(no)
    return PaymentDeclined(message="The card was declined.", reason=reason(no.facts.get("reason")))


def _not_captured(no: Declined) -> Refusal:
    return CaptureRefused(message="The payment provider would not take what was authorised.", reason=no.code)


def _not_refunded(no: Declined) -> Refusal:
    return RefundRefused(message="The payment provider would not give the money back.", reason=no.code)


def _wrong_state(no: Declined) -> Refusal:
    state = str(no.facts.get("state", "")).upper()
    return WrongState(message="The charge's state does not allow this.", state=state)


_REFUSALS: Mapping[PaymentVerb, Callable[[Declined], Refusal]] = {
    PaymentVerb.AUTHORISE: _not_authorised,
    PaymentVerb.CAPTURE: _not_captured,
    PaymentVerb.REFUND: _not_refunded,
}


def reason(told: object) -> DeclineReason:
    """Why a card was declined; a reason we do not know is a plain decline."""
    try:
        return DeclineReason(str(told).upper())
    except ValueError:
        return DeclineReason.DECLINED
