"""A card payment's outcome as partners' backends are told it: plain fields, and a token that vouches for them."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from app.delivery.addresses import origin_of
from app.delivery.due import Due, Told
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.payment import BillingAddress
from app.signing.digest import canonical
from app.signing.encoding import to_text
from app.signing.tokens import Tokens
from app.wire.messages import Request

TOKEN_TYPE: Final = "payment-callback+jwt"  # noqa: S105 - a media type
LIFETIME: Final = timedelta(minutes=5)

_SUCCESS, _FAILURE = "success", "failure"
STATUS: Final[Mapping[str, str]] = {
    EventKind.PAYMENT_CAPTURED: _SUCCESS,
    EventKind.PAYMENT_DECLINED: _FAILURE,
    EventKind.PAYMENT_EXPIRED: _FAILURE,
    EventKind.PAYMENT_VOIDED: _FAILURE,
    EventKind.PAYMENT_FAILED: _FAILURE,
}


def payment_callback(due: Due, billed: BillingAddress, selling_company: str, tokens: Tokens, now: datetime) -> Request:
    """The request; every attempt has a fresh token, about the same event.

    The token's audience is the origin of the endpoint's URL: what one host was told proves nothing to another.
    """
    content = _content(due.told, billed, selling_company)
    token = tokens.sign(
        {"event": due.id, "sha256": content_hash(content)},
        typ=TOKEN_TYPE,
        audience=origin_of(due.target.url),
        lifetime=LIFETIME,
        now=now,
    )
    body = canonical({**content, "authToken": token})
    return Request(method="POST", url=due.target.url, headers={"content-type": "application/json"}, body=body)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content in canonical JSON, in base64url.

    Where names are ASCII and all values text, as here, our canonical form is that of RFC 8785.
    """
    return to_text(hashlib.sha256(canonical(content)).digest())


def _content(told: Told, billed: BillingAddress, selling_company: str) -> dict[str, Any]:
    amount = Money(**told.facts["amount"])
    return {
        "status": STATUS[told.kind],
        "amount": str(amount.amount),
        "currency": amount.currency,
        "bookingId": told.booking_id,
        "sellingCompany": selling_company,
        "transactionId": str(told.facts["payment"]),
        "billingAddress": {
            "line1": _writable(billed.line1),
            "line2": _writable(billed.line2),
            "city": _writable(billed.city),
            "country": _writable(billed.country),
            "state": _writable(billed.state),
            "postCode": _writable(billed.post_code),
        },
    }


def _writable(typed: str) -> str:
    """What a payer typed, without halves of characters: nobody must keep the outcome from being told."""
    return typed.encode(errors="replace").decode()
