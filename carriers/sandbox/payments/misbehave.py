"""What each fault does to a call: nothing happens, or it happens and is not told, or later, or otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from app.domain.payment import DeclineReason
from carriers.sandbox.exchange import Json
from carriers.sandbox.faults import Fault, FaultKind
from carriers.sandbox.payments import once
from carriers.sandbox.payments.callbacks import announce
from carriers.sandbox.payments.charges import known_charge
from carriers.sandbox.payments.core import Answer, Call, Core
from carriers.sandbox.payments.errors import PaymentError, card_declined, rate_limited, unwell
from carriers.sandbox.payments.facts import Charge
from carriers.sandbox.payments.payer import charge_by_challenge, charge_by_secret, read_form
from carriers.sandbox.payments.routes import Route


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault meeting a call."""

    core: Core
    fault: Fault
    route: Route
    call: Call

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


def _time_out(_strike: Strike) -> Outcome:
    return None


def _effect(strike: Strike) -> None:
    try:
        strike.act()
    except PaymentError:
        # It was refused; nobody will hear of that either.
        return


def _lost_reply(strike: Strike) -> Outcome:
    _effect(strike)
    return None


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


def _unclear(status: int) -> Callable[[Strike], Outcome]:
    def strike_with(strike: Strike) -> Outcome:
        if strike.fault.effect:
            _effect(strike)
        raise unwell(status)

    return strike_with


def _error_503(_strike: Strike) -> Outcome:
    raise unwell(503)


def _rate_limited(strike: Strike) -> Outcome:
    until = strike.core.now() + timedelta(seconds=strike.fault.seconds)
    raise rate_limited(max(1, round(strike.fault.seconds)), until)


def _slow(strike: Strike) -> Outcome:
    found = strike.act()
    return replace(found, delay_seconds=found.delay_seconds + strike.fault.seconds)


_STRIKES: dict[FaultKind, Callable[[Strike], Outcome]] = {
    FaultKind.TIME_OUT_BEFORE: _time_out,
    FaultKind.LOST_REPLY: _lost_reply,
    FaultKind.LATE_EFFECT: _late_effect,
    FaultKind.ERROR_500: _unclear(500),
    FaultKind.UNCLEAR_502: _unclear(502),
    FaultKind.ERROR_503: _error_503,
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.SLOW: _slow,
    FaultKind.REFUSED: _refused,
    FaultKind.CALLBACK_EARLY: _callback_early,
}
