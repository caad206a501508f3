"""A booking's event as Standard Webhooks tell it (https://www.standardwebhooks.com, version 1)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.delivery.due import Due, Told
from app.delivery.secrets import PREFIX
from app.domain.money import Money
from app.wire.messages import Request


def event_type(kind: str) -> str:
    """The name of an event kind in webhooks: its first word is the subject, PAYMENT_CAPTURED is `payment.captured`."""
    return kind.lower().replace("_", ".", 1)


def webhook(due: Due, secrets: Sequence[str], now: datetime) -> Request:
    """The request, signed with each of the secrets."""
    body = json.dumps(_payload(due.told), ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = str(int(now.timestamp()))
    headers = {
        "content-type": "application/json",
        "webhook-id": due.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, due.id, timestamp, body) for secret in secrets),
    }
    return Request(method="POST", url=due.target.url, headers=headers, body=body)


def _payload(told: Told) -> dict[str, Any]:
    data = {
        "bookingId": told.booking_id,
        "reference": told.reference,
        "eventKind": told.kind,
        "itemId": told.item_id,
        "operationId": told.operation_id,
        "facts": {name: _fact(value) for name, value in told.facts.items()},
    }
    return {
        "type": event_type(told.kind),
        "timestamp": told.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {name: value for name, value in data.items() if value is not None},
    }


def _fact(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The fact, amounts written as everywhere in the API."""
    if isinstance(value, Mapping) and value.keys() == {"minor", "currency"}:
        return {"amount": str(Money(**value).amount), "currency": value["currency"]}
    return value


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode('ascii')}"
