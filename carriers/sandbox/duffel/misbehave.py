"""What each fault does to a call: nothing happens, or it happens and is not told, or later, or otherwise."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from carriers.sandbox import strikes
from carriers.sandbox.duffel import changing, magic, seats, services
from carriers.sandbox.duffel.cancellations import create_cancellation
from carriers.sandbox.duffel.core import Answer, Call, Core
from carriers.sandbox.duffel.errors import (
    DuffelError,
    offer_price_changed,
    order_not_created,
    rate_limited,
    unwell,
)
from carriers.sandbox.duffel.offers import known_offer
from carriers.sandbox.duffel.order_changes import known_change
from carriers.sandbox.duffel.orders import known_order, offer_to_book, reprice
from carriers.sandbox.duffel.routes import Route
from carriers.sandbox.duffel.search import Offer
from carriers.sandbox.exchange import Json
from carriers.sandbox.faults import Fault, FaultKind

Strike = strikes.Strike[Core, Call, Answer]
# None: no reply.
Outcome = Answer | None


def answer(core: Core, route: Route, call: Call) -> Outcome:
    """Answer the call, as the faults that are set or asked for by magic words let it be answered."""
    fault = core.facts.faults.take(route.name) or _magic_fault(core, route, call)
    if fault is None:
        return route.answer(core, call)
    return _STRIKES[fault.kind](Strike(core, fault, route, call))


# The endpoints whose magic names are those of an order's passengers.
_OF_ORDERS = frozenset(
    {
        "payments.create",
        "order_changes.confirm",
        "orders.add_services",
        "cancellations.create",
        "cancellations.confirm",
    }
)


def _magic_fault(core: Core, route: Route, call: Call) -> Fault | None:
    subject, names, offer = _subject(core, route, call)
    for name in names:
        fault = magic.fault_of_name(route.name, name)
        mark = f"{route.name}/{subject}/{name}"
        if fault and mark not in core.facts.magic_used:
            core.facts.magic_used.add(mark)
            return fault
    return magic.fault_of_route(route.name, offer.search.route if offer else None)


def _subject(core: Core, route: Route, call: Call) -> tuple[str, list[str], Offer | None]:
    """What is being booked, paid, changed, added to or cancelled, and the family names of its passengers."""
    if route.name in _OF_ORDERS:
        order = core.facts.orders.get(_order_id(core, call))
        return (order.id, _family_names(order.passengers), order.offer) if order else ("", [], None)
    if route.name != "orders.create":
        return "", [], None
    try:
        offer = offer_to_book(core, call.data)
    except DuffelError:
        return "", [], None
    return offer.id, _family_names(call.data.get("passengers")), offer


def _order_id(core: Core, call: Call) -> str:
    named = call.path.get("id") or str(call.data.get("order_id"))
    made = core.facts.changes.get(named) or core.facts.cancellations.get(named)
    return made.order_id if made else named


def _family_names(passengers: object) -> list[str]:
    people = passengers if isinstance(passengers, list) else []
    return [str(person.get("family_name")) for person in people if isinstance(person, dict)]


def _later(strike: Strike, what: str) -> None:
    about: Json = {"endpoint": strike.route.name, "path": dict(strike.call.path), "data": strike.call.data}
    strike.core.later(strike.core.ahead(strike.fault.seconds), what, about)


def _late_effect(strike: Strike) -> Outcome:
    _later(strike, "call")
    return None


def _not_created(_strike: Strike) -> Outcome:
    raise order_not_created()


def _accepted(strike: Strike, what: str) -> Outcome:
    # What is wrong with the request is still told at once.
    if strike.route.name == "orders.create":
        offer_to_book(strike.core, strike.call.data)
    _later(strike, what)
    message = "The request was accepted and we are working to confirm its outcome. Please do not retry it."
    return Answer({"message": message}, status=202)


def _accepted_created(strike: Strike) -> Outcome:
    return _accepted(strike, "call")


def _accepted_failed(strike: Strike) -> Outcome:
    return _accepted(strike, "fail_order")


def _rate_limited(strike: Strike) -> Outcome:
    raise rate_limited(strike.fault.wait_seconds, strike.core.ahead(strike.fault.seconds))


def _offer_of(strike: Strike) -> Offer:
    if strike.route.name == "orders.create":
        return offer_to_book(strike.core, strike.call.data)
    if strike.route.name == "order_changes.confirm":
        return known_change(strike.core, strike.call.path["id"]).offer.added[0].offer
    return known_offer(strike.core, strike.call.path["id"])


def _sold_out(strike: Strike) -> Outcome:
    seats.sell_out(strike.core, _offer_of(strike))
    return strike.act()


def _price_changed(strike: Strike) -> Outcome:
    if strike.route.name == "payments.create":
        reprice(known_order(strike.core, strike.call.data.get("order_id")), strike.fault.percent)
        return strike.act()
    if strike.route.name == "order_changes.confirm":
        changing.reprice(known_change(strike.core, strike.call.path["id"]), strike.fault.percent)
        return strike.act()
    offer_id, factors = _offer_of(strike).id, strike.core.facts.offer_factor
    factors[offer_id] = factors.get(offer_id, Decimal(1)) * (100 + strike.fault.percent) / 100
    if strike.route.name == "orders.create":
        raise offer_price_changed()
    return strike.act()


def _service_gone(strike: Strike) -> Outcome:
    """Somebody else takes the first of the services; without any, nothing is the matter."""
    wanted = _services_wanted(strike)
    if wanted:
        strike.core.facts.services_gone.add(wanted[0].service.mark)
    return strike.act()


def _services_wanted(strike: Strike) -> list[services.Choice]:
    if strike.route.name == "orders.create":
        return services.chosen_with_offer(strike.core, _offer_of(strike), strike.call.data)
    return services.chosen_with_order(strike.core, known_order(strike.core, strike.call.path["id"]), strike.call.data)


def _documents_later(strike: Strike) -> Outcome:
    strike.call.documents_after = timedelta(hours=strike.fault.hours)
    return strike.act()


def _quote_later(strike: Strike) -> Outcome:
    order_id = str(strike.call.data.get("order_id"))
    strike.core.facts.quoted_from[order_id] = strike.core.now() + timedelta(seconds=strike.fault.seconds)
    return strike.act()


def _stale_quote(strike: Strike) -> Outcome:
    """Somebody else asks for a quote of the same order just before."""
    create_cancellation(strike.core, Call(data={"order_id": _order_id(strike.core, strike.call)}))
    return strike.act()


_STRIKES: dict[FaultKind, Callable[[Strike], Outcome]] = {
    **strikes.common(unwell),
    FaultKind.LATE_EFFECT: _late_effect,
    FaultKind.ORDER_NOT_CREATED: _not_created,
    FaultKind.ACCEPTED_202_CREATED: _accepted_created,
    FaultKind.ACCEPTED_202_FAILED: _accepted_failed,
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.SOLD_OUT: _sold_out,
    FaultKind.PRICE_CHANGED: _price_changed,
    FaultKind.SERVICE_GONE: _service_gone,
    FaultKind.DOCUMENTS_LATER: _documents_later,
    FaultKind.QUOTE_LATER: _quote_later,
    FaultKind.STALE_QUOTE: _stale_quote,
}
