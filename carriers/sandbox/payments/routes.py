"""The endpoints: method and path, the name that faults go by, what answers, and what a caller must bring."""

from dataclasses import dataclass
from enum import Enum

from carriers.sandbox import routes
from carriers.sandbox.payments import api, browser
from carriers.sandbox.payments.core import Answer, Call, Core


class Door(Enum):
    """What a caller must bring: a bearer key, that and an idempotency key, or nothing."""

    KEY = "key"
    KEY_AND_ONCE = "key and once"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Route(routes.Route[Core, Call, Answer]):
    """One endpoint, and its door."""

    door: Door = Door.KEY


_ONCE, _OPEN = Door.KEY_AND_ONCE, Door.OPEN
ROUTES = routes.Routes(
    Route("POST", "/v1/charges", "charges.open", api.open_charge, _ONCE),
    Route("GET", "/v1/charges", "charges.list", api.list_charges),
    Route("GET", "/v1/charges/{id}", "charges.get", api.get_charge),
    Route("POST", "/v1/charges/{id}/close", "charges.close", api.close_charge, _ONCE),
    Route("POST", "/v1/charges/{id}/void", "charges.void", api.void_charge, _ONCE),
    Route("POST", "/v1/charges/{id}/capture", "charges.capture", api.capture_charge, _ONCE),
    Route("POST", "/v1/charges/{id}/refunds", "charges.refund", api.refund_charge, _ONCE),
    Route("POST", "/v1/charges/{id}/authorise", "charges.authorise", api.authorise_charge, _ONCE),
    Route("GET", "/v1/charges/{id}/billing", "charges.billing", api.get_billing),
    Route("POST", "/v1/callbacks", "callbacks.register", api.register_callbacks),
    Route("GET", "/.well-known/jwks.json", "keys.list", api.list_keys, _OPEN),
    Route("POST", "/_sandbox/keys", "keys.rotate", api.rotate_keys, _OPEN),
    Route("DELETE", "/_sandbox/keys", "keys.retire", api.retire_keys, _OPEN),
    Route("GET", "/pay/{secret}/state", "forms.state", browser.form_state, _OPEN),
    Route("POST", "/pay/{secret}/cards", "forms.card", browser.submit_card, _OPEN),
    Route("POST", "/challenge/{secret}", "forms.challenge", browser.answer_challenge, _OPEN),
)
