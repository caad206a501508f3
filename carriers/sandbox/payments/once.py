"""Idempotency keys: a key's first final answer is its answer for good, and its effect happens once."""

from hashlib import sha256

from carriers.sandbox.exchange import encode
from carriers.sandbox.payments.core import Answer, Call, Core
from carriers.sandbox.payments.errors import PaymentError, invalid, key_reused
from carriers.sandbox.payments.facts import Answered
from carriers.sandbox.payments.routes import Door, Route

_REPEATED = {"idempotent-replayed": "true"}


def answer(core: Core, route: Route, call: Call) -> Answer:
    """What the endpoint answers; for a key it knows, what that was answered before. `key_reused` for another input."""
    if route.door is not Door.KEY_AND_ONCE:
        return route.answer(core, call)
    if not call.key:
        raise invalid("An Idempotency-Key is needed.")
    known = core.facts.answered.get(call.key)
    if known is None:
        return _first(core, route, call)
    if known.asked != _asked(route, call):
        raise key_reused()
    return Answer(known.data, known.status, _REPEATED)


def _first(core: Core, route: Route, call: Call) -> Answer:
    asked = _asked(route, call)
    try:
        found = route.answer(core, call)
    except PaymentError as error:
        if error.final:
            core.facts.answered[call.key] = Answered(asked, error.status, error.as_json())
        raise
    core.facts.answered[call.key] = Answered(asked, found.status, found.data or {})
    return found


def _asked(route: Route, call: Call) -> str:
    content = {"endpoint": route.name, "path": dict(call.path), "data": dict(sorted(call.data.items()))}
    return sha256(encode(content)).hexdigest()
