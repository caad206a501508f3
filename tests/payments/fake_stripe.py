"""Our own Stripe, for what localstripe gets wrong: keys that replay, every decline, lost answers, refund events.

It answers as docs.stripe.com/api says of version 2026-10-28.endive, and keeps to one promise that tests are built on:
what is under a key is answered again for a day, a decline and a fault included.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from urllib.parse import parse_qsl, urlsplit

from app.wire.messages import Request, Response
from app.wire.transport import NoAnswer, NotSent

KEY_LIFE = timedelta(days=1)
SECRET_KEY = "sk_test_of_the_tests"
WEBHOOK_SECRET = "whsec_of_the_tests"

# docs.stripe.com/testing: what each test card does. A form's confirmation token stands for one of them, once.
DECLINES = {
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "pm_card_chargeDeclinedFraudulent": ("card_declined", "fraudulent"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}
CHALLENGED = "pm_card_threeDSecure2Required"
GOOD = "pm_card_visa"
ADDRESS = {
    "line1": "1 High Street",
    "line2": None,
    "city": "London",
    "state": None,
    "country": "GB",
    "postal_code": "N1 9GU",
}
_CANCELLABLE = {"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"}


class Refused(Exception):  # noqa: N818 - a fact
    """Stripe's error as the endpoints raise it."""

    def __init__(self, status, code=None, **facts):
        kind = "card_error" if status == 402 else "invalid_request_error"
        self.status = status
        self.body = {"error": {"type": kind, "message": f"no: {code}"} | ({"code": code} if code else {}) | facts}


@dataclass
class FakeStripe:
    """A transport that ends in this process. `faults` are raised or answered once each, by the end of a path.

    The path is that of a changing call, or of a read where it begins with `GET`.

    A fault is a status answered instead of acting, `lost` (it acts, and the answer is lost), `refused` (no connection),
    a status in a tuple, answered once it has acted, or the bytes it then answers with.
    """

    clock: object
    intents: dict = field(default_factory=dict)
    refunds: dict = field(default_factory=dict)
    charges: dict = field(default_factory=dict)
    tokens: dict = field(default_factory=dict)
    address: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    declines_captures: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def send(self, request: Request, timeout) -> Response:
        """One attempt, as the wire makes it."""
        self.sent.append(request)
        parts = urlsplit(request.url)
        fault = self._fault(request.method, parts.path)
        if fault == "refused":
            raise NotSent("ConnectionRefusedError")
        fields = _tree(parse_qsl((request.body or b"").decode() or parts.query))
        response = self._answered(request, parts.path, fields, fault)
        if fault == "lost":
            raise NoAnswer("TimeoutError")
        return replace(response, body=fault) if isinstance(fault, bytes) else response

    def token(self, card=GOOD, address=None):
        """A confirmation token, as the form makes one of what was typed."""
        name = f"ctoken_{next(self.numbers)}"
        self.tokens[name] = (card, address or ADDRESS)
        return name

    def challenge(self, ref, *, passed):
        """What the payer makes of the issuer's question."""
        intent = self.intents[ref]
        if intent["status"] != "requires_action":
            return
        if passed:
            self._reserve(intent)
        else:
            self._decline(intent, "payment_intent_authentication_failure", None)

    def lapse(self, ref):
        """The authorisation ends, because nobody captured it in time."""
        self._cancel(self.intents[ref])

    def give_back(self, ref, amount):
        """A refund that somebody makes in the dashboard."""
        return self._refund({"payment_intent": ref, "amount": str(amount)})

    def make(self, metadata, amount=1_000):
        """An intent that another system on the same account makes."""
        wish = {"capture_method": "manual", "allowed_payment_method_types": ["card"], "currency": "gbp"}
        return self._create(wish | {"amount": str(amount), "metadata": metadata})

    def _fault(self, method, path):
        reads = method == "GET"
        of_this = (each for each in self.faults if each[0].startswith("GET") is reads)
        found = next((each for each in of_this if path.endswith(each[0].removeprefix("GET"))), None)
        if found:
            self.faults.remove(found)
        return found[1] if found else None

    def _answered(self, request, path, fields, fault):
        if request.headers["Authorization"] != f"Bearer {SECRET_KEY}":
            return _json(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}})
        if request.method == "GET" and not isinstance(fault, int):
            return self._act("GET", path, fields)
        if fault == 429:
            body = {"error": {"type": "invalid_request_error", "code": "rate_limit"}}
            return _json(429, body, {"retry-after": "60"})
        if request.method == "GET":
            return _json(fault, {"error": {"type": "api_error", "message": "our fault"}})
        return self._once(request.headers["Idempotency-Key"], path, fields, fault)

    def _once(self, key, path, fields, fault):
        kept = self.answers.get(key)
        if kept and self.clock.now() < kept[2] + KEY_LIFE:
            if kept[0] != (path, fields):
                return _json(400, {"error": {"type": "idempotency_error", "message": "another input"}})
            return Response(
                status=kept[1].status, body=kept[1].body, headers=kept[1].headers | {"idempotent-replayed": "true"}
            )
        if isinstance(fault, int):
            response = _json(fault, {"error": {"type": "api_error", "message": "our fault"}})
        else:
            response = self._act("POST", path, fields)
            if isinstance(fault, tuple):
                response = _json(fault[0], {"error": {"type": "api_error", "message": "our fault"}})
        self.answers[key] = ((path, fields), response, self.clock.now())
        return response

    def _act(self, method, path, fields):
        try:
            return _json(200, self._route(method, path, fields))
        except Refused as no:
            return _json(no.status, no.body)

    def _route(self, method, path, fields):
        parts = path.removeprefix("/v1/").split("/")
        if parts == ["payment_intents"]:
            return self._create(fields) if method == "POST" else self._listed(path, self.intents, fields)
        if parts == ["charges"]:
            return self._listed(path, self.charges[fields["payment_intent"]], fields)
        if parts == ["refunds"]:
            return self._refund(fields) if method == "POST" else self._refunds_listed(path, fields)
        intent = self.intents.get(parts[1])
        if intent is None:
            raise Refused(404, "resource_missing", param="intent")
        verbs = {"confirm": self._confirm, "capture": self._capture, "cancel": self._cancel}
        if method == "POST":
            verbs[parts[2]](intent, fields)
        return intent

    def _create(self, fields):
        assert (fields["capture_method"], fields["allowed_payment_method_types"]) == ("manual", ["card"])
        if int(fields["amount"]) < 30:
            raise Refused(400, "amount_too_small", param="amount")
        ref = f"pi_{next(self.numbers)}"
        self.intents[ref] = {
            "id": ref,
            "object": "payment_intent",
            "status": "requires_payment_method",
            "amount": int(fields["amount"]),
            "amount_received": 0,
            "currency": fields["currency"],
            "client_secret": f"{ref}_secret_{next(self.numbers)}",
            "created": int(self.clock.now().timestamp()),
            "metadata": fields["metadata"],
            "latest_charge": None,
            "last_payment_error": None,
        }
        return self.intents[ref]

    def _confirm(self, intent, fields):
        if intent["status"] not in {"requires_payment_method", "requires_action"}:
            raise Refused(400, "payment_intent_unexpected_state")
        card, self.address = self._card(fields)
        if card == CHALLENGED:
            intent["status"] = "requires_action"
        elif card in DECLINES:
            self._decline(intent, *DECLINES[card])
            code, decline_code = DECLINES[card]
            raise Refused(402, code, **({"decline_code": decline_code} if decline_code else {}))
        else:
            self._reserve(intent)

    def _card(self, fields):
        if "confirmation_token" in fields:
            card = self.tokens.pop(fields["confirmation_token"], None)
            if card is None:
                raise Refused(400, "resource_missing", param="confirmation_token")
            return card
        card = fields["payment_method"]
        if card not in {GOOD, CHALLENGED, *DECLINES}:
            raise Refused(400, "resource_missing", param="payment_method")
        return card, ADDRESS

    def _charge(self, intent, status):
        charge = {
            "id": f"ch_{next(self.numbers)}",
            "status": status,
            "billing_details": {"name": "Amelia Earhart", "address": self.address},
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": "visa",
                    "last4": "4242",
                    "capture_before": int((self.clock.now() + timedelta(days=7)).timestamp()),
                },
            },
        }
        intent["latest_charge"] = charge
        self.charges.setdefault(intent["id"], {})[charge["id"]] = charge

    def _reserve(self, intent):
        self._charge(intent, "succeeded")
        intent |= {"status": "requires_capture", "last_payment_error": None}
        self._tell("payment_intent.amount_capturable_updated", intent)

    def _decline(self, intent, code, decline_code):
        self._charge(intent, "failed")
        error = {"code": code, "decline_code": decline_code}
        intent |= {"status": "requires_payment_method", "last_payment_error": error}
        self._tell("payment_intent.payment_failed", intent)

    def _capture(self, intent, fields):
        if intent["status"] != "requires_capture":
            raise Refused(400, "payment_intent_unexpected_state")
        if self.declines_captures:
            raise Refused(402, "card_declined")
        amount = int(fields["amount_to_capture"])
        if amount > intent["amount"]:
            raise Refused(400, None, param="amount_to_capture")
        intent["metadata"] |= fields.get("metadata", {})
        intent |= {"status": "succeeded", "amount_received": amount}
        self._tell("payment_intent.succeeded", intent)

    def _cancel(self, intent, fields=None):
        if intent["status"] not in _CANCELLABLE:
            raise Refused(400, "payment_intent_unexpected_state")
        intent["status"] = "canceled"
        self._tell("payment_intent.canceled", intent)

    def _refund(self, fields):
        intent = self.intents[fields["payment_intent"]]
        given = sum(refund["amount"] for refund in self._of(intent["id"]) if refund["status"] != "failed")
        amount = int(fields["amount"])
        if intent["status"] != "succeeded":
            raise Refused(400, "payment_intent_unexpected_state")
        if given + amount > intent["amount_received"]:
            raise Refused(400, "charge_already_refunded" if given == intent["amount_received"] else None)
        refund = {
            "id": f"re_{next(self.numbers)}",
            "object": "refund",
            "status": "succeeded",
            "created": int(self.clock.now().timestamp()),
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": fields.get("metadata", {}),
        }
        self.refunds[refund["id"]] = refund
        self._tell("refund.created", refund)
        return refund

    def _refunds_listed(self, path, fields):
        if "payment_intent" not in fields:
            return self._listed(path, self.refunds, fields)
        if fields["payment_intent"] not in self.intents:
            raise Refused(404, "resource_missing", param="payment_intent")
        return self._listed(path, {each["id"]: each for each in self._of(fields["payment_intent"])}, fields)

    def _of(self, ref):
        return [refund for refund in self.refunds.values() if refund["payment_intent"] == ref]

    def _listed(self, url, objects, fields):
        """The newest first, a page at a time."""
        since = int(fields.get("created", {}).get("gte", 0))
        found = [each for each in reversed(objects.values()) if each.get("created", since) >= since]
        after = fields.get("starting_after")
        begin = next((place + 1 for place, each in enumerate(found) if each["id"] == after), 0)
        page = found[begin : begin + int(fields["limit"])]
        return {"object": "list", "url": url, "data": page, "has_more": begin + len(page) < len(found)}

    def callback(self, event):
        """The event as Stripe delivers it: headers and body."""
        body = json.dumps(event).encode()
        return {"Stripe-Signature": signed(body, int(self.clock.now().timestamp()))}, body

    def _tell(self, kind, subject):
        self.events.append({"id": f"evt_{next(self.numbers)}", "type": kind, "data": {"object": dict(subject)}})


def signed(body, at, secret=WEBHOOK_SECRET):
    """The value of Stripe-Signature (docs.stripe.com/webhooks#verify-manually)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _json(status, document, headers=None):
    return Response(status=status, body=json.dumps(document).encode(), headers=headers or {})


def _tree(pairs):
    """`metadata[key]` and `expand[0]` as the tree they are."""
    tree = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+", name)
        if rest and rest[0].isdigit():
            tree.setdefault(first, []).append(value)
        elif rest:
            tree.setdefault(first, {})[rest[0]] = value
        else:
            tree[first] = value
    return tree
