"""Stripe's webhooks: the signature on the raw body is verified before anything is read.

`Stripe-Signature: t=<unix time>,v1=<hex>`. A delivery that is repeated is signed anew, so an old signature is a replay
(docs.stripe.com/webhooks#verify-official-libraries).
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import stripe

from app.domain.errors import Access, AccessCode
from app.payments.contract import HeardPayment

_HEADER: Final = "stripe-signature"
# One time and any schemes, in plain letters: what the library reads more leniently is not Stripe's.
_FORM: Final = re.compile(r"t=(?P<time>\d{1,11})(,v\d=[0-9A-Za-z]{1,128})+", re.ASCII)
_TOLERANCE: Final = timedelta(minutes=5)
# docs.stripe.com/api/events/types
_KINDS: Final[Mapping[str, str]] = {
    "payment_intent.amount_capturable_updated": "payment.authorised",
    "payment_intent.payment_failed": "payment.declined",
    "payment_intent.succeeded": "payment.captured",
    "payment_intent.canceled": "payment.closed",
    "charge.refunded": "payment.refunded",
    "refund.created": "payment.refunded",
    "refund.updated": "payment.refunded",
    "refund.failed": "payment.refunded",
}
_INTENT: Final = "payment_intent"


def heard(headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime) -> Sequence[HeardPayment]:
    """The events of one delivery; Access when it is not Stripe's, too old, or unreadable. Other types are ignored."""
    _verify(headers, body, secret, now)
    try:
        event = json.loads(body)
        kind = _KINDS.get(event["type"])
        return () if kind is None else _events(event["id"], kind, event["data"]["object"])
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        raise _refused("The event cannot be read.") from None


def _events(event: str, kind: str, subject: Mapping[str, Any]) -> Sequence[HeardPayment]:
    """A hint is worth passing on when it is about a PaymentIntent."""
    ref = subject["id"] if subject.get("object") == _INTENT else subject.get(_INTENT)
    if not ref:
        return ()
    if not isinstance(event, str) or not isinstance(ref, str):
        raise TypeError("an id is text")
    return (HeardPayment(event=event, kind=kind, charge=ref),)


def _verify(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    sent = next((value for name, value in headers.items() if name.lower() == _HEADER), "").strip()
    form = _FORM.fullmatch(sent)
    if form is None:
        raise _refused("The signature is missing or malformed.")
    try:
        stripe.WebhookSignature.verify_header(body, sent, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        raise _refused("The signature does not fit the body.") from None
    if abs(now - datetime.fromtimestamp(int(form["time"]), UTC)) > _TOLERANCE:
        raise _refused("The signature is too old, or from the future.")


def _refused(message: str) -> Access:
    return Access(AccessCode.UNAUTHENTICATED, message)
