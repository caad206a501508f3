"""What each fault does to a call: nothing happens, or it happens and is not told, or later, or otherwise."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from app.domain.tours import DepartureKey
from carriers.sandbox import strikes
from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import Json
from carriers.sandbox.faults import FaultKind
from carriers.sandbox.octo import availability, booking_form, update
from carriers.sandbox.octo.bookings import known_booking
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.errors import rate_limited, unprocessable, unwell
from carriers.sandbox.octo.routes import Route

Strike = strikes.Strike[Core, Call, Answer]
# None: no reply.
Outcome = Answer | None


def answer(core: Core, route: Route, call: Call) -> Outcome:
    """Answer the call, as the faults that are set let it be answered."""
    fault = core.facts.faults.take(route.name)
    if fault is None:
        return route.answer(core, call)
    return _STRIKES[fault.kind](Strike(core, fault, route, call))


def _late_effect(strike: Strike) -> Outcome:
    call = strike.call
    about: Json = {
        "endpoint": strike.route.name,
        "operator": call.operator.code,
        "path": dict(call.path),
        "data": call.data,
        "granted": call.granted,
        "region": call.region,
    }
    strike.core.later(strike.core.ahead(strike.fault.seconds), "call", about)
    return None


def _rate_limited(strike: Strike) -> Outcome:
    raise rate_limited(strike.fault.wait_seconds)


def _refused(strike: Strike) -> Outcome:
    known_booking(strike.core, strike.call)
    raise unprocessable("The operator refuses this")


def _tickets_later(strike: Strike) -> Outcome:
    strike.call.tickets_after = timedelta(hours=strike.fault.hours)
    return strike.act()


def _sold_out(strike: Strike) -> Outcome:
    """Others take all the places that are left."""
    strike.core.facts.sold_out.update(_departures(strike))
    return strike.act()


def _price_changed(strike: Strike) -> Outcome:
    factors = strike.core.facts.price_factor
    for key in _departures(strike):
        factors[key] = factors.get(key, Decimal(1)) * (100 + strike.fault.percent) / 100
    return strike.act()


def _departures(strike: Strike) -> list[DepartureKey]:
    """The departures that the call is about."""
    core, call = strike.core, strike.call
    if strike.route.name == "bookings.create":
        return [booking_form.departure(core, call, call.data).key]
    if strike.route.name == "bookings.update":
        return [update.wanted(core, call, known_booking(core, call)).key]
    if strike.route.name == "availability.departures":
        return [found.key for found in availability.many(core, call)]
    return [found.key for found in availability.asked_for(core, call)]


_STRIKES: dict[FaultKind, Callable[[Strike], Outcome]] = {
    **strikes.common(unwell),
    FaultKind.LATE_EFFECT: _late_effect,
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.REFUSED: _refused,
    FaultKind.DOCUMENTS_LATER: _tickets_later,
    FaultKind.SOLD_OUT: _sold_out,
    FaultKind.PRICE_CHANGED: _price_changed,
}
