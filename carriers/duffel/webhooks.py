"""Duffel's webhooks: verified on the raw body, then heard.

`X-Duffel-Signature: t=<unix time>,v1=<hex>` carries HMAC-SHA256 of `<t>.<body>` under the receiver's secret
(duffel.com/docs/guides/receiving-webhooks).
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.errors import Access, AccessCode
from carriers.contract import Heard, HeardKind
from carriers.duffel import hear

_HEADER = "x-duffel-signature"
_SIGNATURE = re.compile(r"t=(?P<time>\d{1,11}),v1=(?P<digest>[0-9a-fA-F]{64})")
# Deliveries are repeated for 72 hours, and Duffel does not say that it signs them anew.
_OLDEST = timedelta(hours=73)
_CLOCK_SKEW = timedelta(minutes=5)
_KINDS = {
    "order.created": HeardKind.ORDER_CREATED,
    "order.creation_failed": HeardKind.ORDER_FAILED,
    "order.updated": HeardKind.ORDER_UPDATED,
    "air.order.changed": HeardKind.ORDER_CHANGED,
    "order.airline_initiated_change_detected": HeardKind.ORDER_CHANGED,
    "order_cancellation.confirmed": HeardKind.ORDER_UPDATED,
    "payment.created": HeardKind.ORDER_UPDATED,
}


def heard(headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime) -> Sequence[Heard]:
    """The events of one delivery; Access when it is not Duffel's, too old, or unreadable. Other types are ignored."""
    _verify(headers, body, secret, now)
    try:
        event = json.loads(body)
        kind = _KINDS.get(event["type"])
        return () if kind is None else _events(event["id"], kind, event["data"]["object"])
    except (LookupError, TypeError, ValueError, AttributeError):
        raise _refused("The event cannot be read.") from None


def _events(event: str, kind: HeardKind, subject: Mapping[str, Any]) -> Sequence[Heard]:
    """A hint is worth passing on when it names an order, or an attempt of ours."""
    order, key = _order_of(subject), hear.key_of(subject)
    return (Heard(event=event, kind=kind, order=order, key=key),) if order or key else ()


def _order_of(subject: Mapping[str, Any]) -> str | None:
    """The order itself, or what belongs to one."""
    named = subject.get("order_id")
    own = str(subject.get("id", ""))
    return str(named) if named else own if own.startswith("ord_") else None


def _verify(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    sent = next((value for name, value in headers.items() if name.lower() == _HEADER), "")
    parts = _SIGNATURE.fullmatch(sent.strip())
    if parts is None:
        raise _refused("The signature is missing or malformed.")
    signed = f"{parts['time']}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(digest, parts["digest"].lower()):
        raise _refused("The signature does not fit the body.")
    age = now - datetime.fromtimestamp(int(parts["time"]), UTC)
    if not -_CLOCK_SKEW <= age <= _OLDEST:
        raise _refused("The signature is too old.")


def _refused(message: str) -> Access:
    return Access(AccessCode.UNAUTHENTICATED, message)
