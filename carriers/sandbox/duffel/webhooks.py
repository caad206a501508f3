"""Webhooks: receivers, events on their way, and Duffel's signature."""

import base64
import hmac
from hashlib import sha256

from carriers.sandbox.chance import base62
from carriers.sandbox.duffel.core import Answer, Call, Core, address_of, stamp
from carriers.sandbox.duffel.errors import not_found, not_included, required
from carriers.sandbox.duffel.facts import Webhook, WebhookDelivery
from carriers.sandbox.duffel.paging import page
from carriers.sandbox.exchange import Json, encode
from carriers.sandbox.outgoing import OutgoingWebhook

EVENTS = (
    "order.created", "order.creation_failed", "order.airline_initiated_change_detected", "air.order.changed",
    "order_cancellation.created", "order_cancellation.confirmed", "payment.created", "ping.triggered",
)  # fmt: skip


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`X-Duffel-Signature`: the HMAC-SHA256 of `<timestamp>.<body>` under the receiver's secret, in hex."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def announce(core: Core, kind: str, about: str, resource: Json) -> None:
    """Queue the event for every active receiver that wants it. `about` is its idempotency key."""
    for webhook in core.facts.webhooks.values():
        if webhook.active and kind in webhook.events:
            send(core, webhook, kind, about, resource)


def send(core: Core, webhook: Webhook, kind: str, about: str, resource: Json) -> None:
    """Queue the event for one receiver."""
    event = {
        "id": core.new_id("wev"),
        "type": kind,
        "api_version": "v2",
        "live_mode": False,
        "created_at": stamp(core.now()),
        "idempotency_key": about,
        "identity_organisation_id": f"org_0000{base62(18, core.seed, 'organisation')}",
        "data": {"object": resource},
    }
    delivery = WebhookDelivery(
        id=core.new_id("del"), webhook_id=webhook.id, event=event, created_at=core.now(), next_at=core.now()
    )
    core.facts.deliveries[delivery.id] = delivery


def pending(core: Core) -> list[OutgoingWebhook]:
    """The deliveries that are due."""
    due = [item for item in core.facts.deliveries.values() if item.due(core.now())]
    return [_outgoing(core, delivery) for delivery in due]


def _outgoing(core: Core, delivery: WebhookDelivery) -> OutgoingWebhook:
    webhook = core.facts.webhooks[delivery.webhook_id]
    body = encode(delivery.event)
    headers = {
        "Content-Type": "application/json",
        "X-Duffel-Signature": signature(webhook.secret, int(core.now().timestamp()), body),
    }
    return OutgoingWebhook(delivery.id, webhook.url, headers, body)


def delivered(core: Core, delivery_id: str, status: int | None) -> None:
    """Note how the receiver answered (None: it did not); anything but a 2xx is tried again later."""
    delivery = core.facts.deliveries.get(delivery_id)
    if delivery is not None:
        delivery.note(status, core.now())


def create_webhook(core: Core, call: Call) -> Answer:
    """`POST /air/webhooks`: the secret is told here and never again."""
    url, events = address_of(call.data), _events(call.data)
    webhook_id = core.new_id("end")
    secret = base64.b64encode(sha256(f"{core.seed}|{webhook_id}".encode()).digest()[:16]).decode()
    webhook = Webhook(webhook_id, url, events, secret, core.now())
    core.facts.webhooks[webhook_id] = webhook
    return Answer(_webhook_json(webhook) | {"secret": secret}, status=201)


def _events(data: Json) -> list[str]:
    events = data.get("events")
    if not events or not isinstance(events, list):
        raise required("/data/events")
    if not all(event in EVENTS for event in events):
        raise not_included("/data/events", EVENTS)
    return list(events)


def list_webhooks(core: Core, call: Call) -> Answer:
    """`GET /air/webhooks`."""
    return page(list(core.facts.webhooks.values()), call, lambda webhook: webhook.id, _webhook_json)


def update_webhook(core: Core, call: Call) -> Answer:
    """`PATCH /air/webhooks/{id}`: `active`, `url` or `events`."""
    webhook = _known(core, call)
    if "url" in call.data:
        webhook.url = address_of(call.data)
    if "events" in call.data:
        webhook.events = _events(call.data)
    webhook.active = bool(call.data.get("active", webhook.active))
    return Answer(_webhook_json(webhook))


def delete_webhook(core: Core, call: Call) -> Answer:
    """`DELETE /air/webhooks/{id}`: nothing more is sent to it."""
    webhook = _known(core, call)
    del core.facts.webhooks[webhook.id]
    deliveries = core.facts.deliveries
    for delivery in [item for item in deliveries.values() if item.webhook_id == webhook.id]:
        del deliveries[delivery.id]
    return Answer(None, status=204)


def ping_webhook(core: Core, call: Call) -> Answer:
    """`POST /air/webhooks/{id}/actions/ping`: a fake event."""
    webhook = _known(core, call)
    send(core, webhook, "ping.triggered", webhook.id, {})
    return Answer(None, status=204)


def list_deliveries(core: Core, call: Call) -> Answer:
    """`GET /air/webhooks/deliveries`, newest first."""
    found = list(reversed(core.facts.deliveries.values()))
    return page(found, call, lambda item: item.id, lambda item: _delivery_json(core, item))


def _known(core: Core, call: Call) -> Webhook:
    webhook = core.facts.webhooks.get(call.path["id"])
    if webhook is None:
        raise not_found()
    return webhook


def _webhook_json(webhook: Webhook) -> Json:
    return {
        "id": webhook.id,
        "live_mode": False,
        "active": webhook.active,
        "url": webhook.url,
        "events": webhook.events,
        "created_at": stamp(webhook.created_at),
        "updated_at": stamp(webhook.created_at),
    }


def _delivery_json(core: Core, delivery: WebhookDelivery) -> Json:
    return {
        "id": delivery.id,
        "live_mode": False,
        "endpoint_id": delivery.webhook_id,
        "event_id": delivery.event["id"],
        "type": delivery.event["type"],
        "url": core.facts.webhooks[delivery.webhook_id].url,
        "response_status_code": delivery.status,
        "delivery_success": delivery.succeeded,
        "created_at": stamp(delivery.created_at),
    }
