"""What each fault does to a call: nothing happens, or it happens and is not told, or later, or otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.payment import DeclineReason
from carriers.sandbox import strikes
from carriers.sandbox.exchange import Json
from carriers.sandbox.faults import FaultKind
from carriers.sandbox.payments import once
from carriers.sandbox.payments.callbacks import announce
from carriers.sandbox.payments.charges import known_charge
from carriers.sandbox.payments.core import Answer, Call, Core
from carriers.sandbox.payments.errors import card_declined, rate_limited, unwell
from carriers.sandbox.payments.facts import Charge
from carriers.sandbox.payments.payer import charge_by_challenge, charge_by_secret, read_form
from carriers.sandbox.payments.routes import Route


@dataclass(frozen=True, slots=True)
class Strike(strikes.Strike[Core, Call, Answer]):
    """A fault meeting a call that has its effect once."""

    route: Route

    def act(self) -> Answer:
        """What the endpoint does without the fault."""
        return once.answer(self.core, self.route, self.call)


# None: no reply.
Outcome = Answer | None


def answer(core: Core, route: Route, call: Call) -> Outcome:
    """Answer the call, as the faults that are set let it be answered."""
    fault = core.facts.faults.take(route.name)
    if fault is None:
        return once.answer(core, route, call)
    return _STRIKES[fault.kind](Strike(core, fault, route, call))


def _later(strike: Strike, *, muted: bool) -> Outcome:
    what, about = _submission(strike) if strike.route.name == "forms.card" else _call(strike)
    strike.core.later(strike.core.ahead(strike.fault.seconds), what, about | {"muted": muted})
    return None


def _call(strike: Strike) -> tuple[str, Json]:
    call = strike.call
    return "call", {"endpoint": strike.route.name, "path": dict(call.path), "data": call.data, "key": call.key}


def _submission(strike: Strike) -> tuple[str, Json]:
    """What was typed, without the card's number: that is never kept."""
    form = read_form(strike.call.data, strike.core.now())
    return "submit", {"charge": _charge(strike).id, "card": form.card.token, "billing": form.billing}


def _late_effect(strike: Strike) -> Outcome:
    return _later(strike, muted=False)


def _callback_early(strike: Strike) -> Outcome:
    """The effect comes late and its callback at once: whoever looks then sees nothing yet, and hears no more."""
    announce(strike.core, "authorised", _charge(strike))
    return _later(strike, muted=True)


def _charge(strike: Strike) -> Charge:
    path = strike.call.path
    if strike.route.name == "forms.card":
        return charge_by_secret(strike.core, path["secret"])
    if strike.route.name == "forms.challenge":
        return charge_by_challenge(strike.core, path["secret"])
    return known_charge(strike.core, path["id"])


def _refused(strike: Strike) -> Outcome:
    return once.answer(strike.core, replace(strike.route, answer=_say_no), strike.call)


def _say_no(core: Core, call: Call) -> Answer:
    known_charge(core, call.path["id"])
    raise card_declined(DeclineReason.DECLINED)


def _rate_limited(strike: Strike) -> Outcome:
    raise rate_limited(strike.fault.wait_seconds, strike.core.ahead(strike.fault.seconds))


_STRIKES: dict[FaultKind, Callable[[Strike], Outcome]] = {
    **strikes.common(unwell),
    FaultKind.LATE_EFFECT: _late_effect,
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.REFUSED: _refused,
    FaultKind.CALLBACK_EARLY: _callback_early,
}
