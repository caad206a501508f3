"""Callbacks: who gets them, events on their way, and the signature that binds each to its body."""

import base64
from datetime import timedelta
from hashlib import sha256

from carriers.sandbox.chance import base62
from carriers.sandbox.exchange import Json, encode, stamp
from carriers.sandbox.faults import CALLBACKS, FaultKind
from carriers.sandbox.outgoing import OutgoingWebhook
from carriers.sandbox.payments import keys
from carriers.sandbox.payments.core import Core
from carriers.sandbox.payments.facts import CallbackDelivery, Charge, Receiver

_TYPE = "payment-callback+jwt"
_LIFETIME = timedelta(minutes=5)
_AT_ONCE = (0.0,)


def announce(core: Core, kind: str, charge: Charge, copies: tuple[float, ...] = _AT_ONCE) -> None:
    """Queue the event for every receiver, one copy for each of these delays in seconds."""
    if core.muted:
        return
    event = {
        "event": core.new_id("ev"),
        "kind": f"payment.{kind}",
        "charge": charge.id,
        "payment": charge.payment,
        "created_at": stamp(core.now()),
    }
    copies = _as_faults_let(core, copies)
    for receiver in core.facts.receivers.values():
        for delay in copies:
            _send(core, receiver, event, delay)


def _as_faults_let(core: Core, copies: tuple[float, ...]) -> tuple[float, ...]:
    """When the copies go out after all: late, twice or never, where such a fault is set."""
    fault = core.facts.faults.take(CALLBACKS)
    if fault is None:
        return copies
    if fault.kind is FaultKind.CALLBACK_LOST:
        return ()
    return copies * 2 if fault.kind is FaultKind.CALLBACK_TWICE else tuple(delay + fault.seconds for delay in copies)


def _send(core: Core, receiver: Receiver, event: Json, delay: float) -> None:
    delivery = CallbackDelivery(
        id=core.new_id("dl"), url=receiver.url, event=event, created_at=core.now(), next_at=core.ahead(delay)
    )
    core.facts.deliveries[delivery.id] = delivery


def pending(core: Core) -> list[OutgoingWebhook]:
    """The deliveries that are due, each signed for this attempt."""
    return [_outgoing(core, delivery) for delivery in core.facts.deliveries.values() if delivery.due(core.now())]


def _outgoing(core: Core, delivery: CallbackDelivery) -> OutgoingWebhook:
    body = encode(delivery.event)
    headers = {"Content-Type": "application/json", "Payment-Signature": _signature(core, delivery, body)}
    return OutgoingWebhook(delivery.id, delivery.url, headers, body)


def _signature(core: Core, delivery: CallbackDelivery, body: bytes) -> str:
    digest = base64.urlsafe_b64encode(sha256(body).digest()).rstrip(b"=").decode()
    claims = {
        "iss": core.origin,
        "aud": delivery.url,
        "iat": int(core.now().timestamp()),
        "exp": int((core.now() + _LIFETIME).timestamp()),
        "jti": base62(22, core.facts.seed, delivery.id, delivery.attempts),
        "event": delivery.event["event"],
        "body": digest,
    }
    return keys.signed(core, _TYPE, claims)


def delivered(core: Core, delivery_id: str, status: int | None) -> None:
    """Note how the receiver answered (None: it did not); anything but a 2xx is tried again later."""
    delivery = core.facts.deliveries.get(delivery_id)
    if delivery is not None:
        delivery.note(status, core.now())


def register(core: Core, url: str) -> Receiver:
    """Send callbacks there too; an address that gets them already stays as it is."""
    known = next((receiver for receiver in core.facts.receivers.values() if receiver.url == url), None)
    if known is not None:
        return known
    receiver = Receiver(core.new_id("cb"), url)
    core.facts.receivers[receiver.id] = receiver
    return receiver
