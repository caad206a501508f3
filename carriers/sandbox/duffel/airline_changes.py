"""Changes from the airline's side: `/air/airline_initiated_changes`, and the control that makes an airline change.

The order shows a moved flight at once; accepting says that the customer agrees. What the airline no longer flies stays
on the order until that is cancelled or changed.
"""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from carriers.sandbox.duffel import answering, magic, seats
from carriers.sandbox.duffel.booked import BookedSlice
from carriers.sandbox.duffel.core import Answer, Call, Core, text_of
from carriers.sandbox.duffel.errors import invalid_state, not_found, not_included, required, wrong_format
from carriers.sandbox.duffel.facts import AirlineChange, Extra, Order, OrderState
from carriers.sandbox.duffel.orders import known_order
from carriers.sandbox.duffel.paging import page
from carriers.sandbox.duffel.show_order import airline_change_json, airline_changes, answers
from carriers.sandbox.duffel.timetable import later
from carriers.sandbox.duffel.webhooks import announce

_ACTIONS = ("accepted", "cancelled", "changed")
_MINUTES = 60
_MOST_MINUTES = 24 * 60


class Kind(StrEnum):
    """What an airline does to a flight."""

    MOVED = "moved"
    CANCELLED = "cancelled"


def list_changes(core: Core, call: Call) -> Answer:
    """`GET /air/airline_initiated_changes?order_id=`, newest first."""
    order_id = call.one("order_id")
    if order_id is not None:
        _change_when_read(core, known_order(core, order_id))
    found = airline_changes(core, order_id)
    return page(found, call, lambda change: change.id, lambda change: airline_change_json(core, change))


def _change_when_read(core: Core, order: Order) -> None:
    unchanged = not airline_changes(core, order.id)
    if order.offer.search.route == magic.CHANGED_WHEN_READ and order.state is OrderState.PAID and unchanged:
        change(core, order, order.slices[0], Kind.MOVED)


def accept_change(core: Core, call: Call) -> Answer:
    """`POST /air/airline_initiated_changes/{id}/actions/accept`: only the order's latest can be."""
    return _act(core, call, "accept", "accepted")


def update_change(core: Core, call: Call) -> Answer:
    """`PATCH /air/airline_initiated_changes/{id}`: tell what was settled with the airline itself."""
    action = text_of(call.data, "action_taken", "/data")
    if action not in _ACTIONS:
        raise not_included("/data/action_taken", _ACTIONS)
    return _act(core, call, "update", action)


def _act(core: Core, call: Call, by: str, action: str) -> Answer:
    found = core.facts.airline_changes.get(call.path["id"])
    if found is None:
        raise not_found()
    if found is not airline_changes(core, found.order_id)[0]:
        message = f"The change you tried to {by} is not the latest. Please retry the request with the latest one"
        raise invalid_state(f"stale_airline_initiated_change_{by}", "Stale airline-initiated change", message)
    if by not in answers(core, found):
        raise invalid_state("unsupported_action", "Unsupported action", f"The change does not support the action {by}.")
    answering.answer_airline(core, answering.unanswered(core, core.facts.orders[found.order_id]), action)
    return Answer(airline_change_json(core, found))


def make_changes(core: Core, call: Call) -> Answer:
    """`POST /_sandbox/airline_changes`: the airline moves or cancels a flight of every live order that has it.

    `kind` is `moved` (by `minutes`, an hour without them, below zero for earlier) or `cancelled`; `flight` names it as
    the ledger does, or `booking_reference` the order whose first journey it is.
    """
    kind, minutes = _kind(call), _minutes(call)
    found = _affected(core, call)
    if not found:
        raise not_found()
    made = [change(core, order, piece, kind, minutes) for order, piece in found]
    return Answer([airline_change_json(core, each) for each in made], status=201)


def _kind(call: Call) -> Kind:
    kind = text_of(call.data, "kind", "")
    if kind not in list(Kind):
        raise not_included("/kind", tuple(Kind))
    return Kind(kind)


def _minutes(call: Call) -> int:
    minutes = call.data.get("minutes", _MINUTES)
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < abs(minutes) <= _MOST_MINUTES:
        raise wrong_format("/minutes", f"Field 'minutes' must be a number up to {_MOST_MINUTES}, and not zero")
    return minutes


def _affected(core: Core, call: Call) -> list[tuple[Order, BookedSlice]]:
    """The orders and the journeys of theirs that have the flight and have not begun."""
    flight, reference = call.data.get("flight"), call.data.get("booking_reference")
    if not flight and not reference:
        raise required("/booking_reference")
    return [
        (order, piece)
        for order in core.facts.orders.values()
        if order.state in {OrderState.HELD, OrderState.PAID} and reference in {None, order.booking_reference}
        for piece in (order.slices if flight else order.slices[:1])
        if core.now() < piece.journey[0].departs and flight in {None, *(leg.key for leg in piece.journey)}
    ]


def change(core: Core, order: Order, before: BookedSlice, kind: str, minutes: int = _MINUTES) -> AirlineChange:
    """Let the airline move or cancel a journey of the order, and Duffel tell of it."""
    after = _moved(before, timedelta(minutes=minutes)) if kind == Kind.MOVED else None
    if after is not None:
        seats.free(core, [before])
        seats.take(core, [after])
        order.slices = tuple(after if piece is before else piece for piece in order.slices)
        order.extras = [_carried(extra, before, after) for extra in order.extras]
    made = AirlineChange(core.new_id("aic"), order.id, before, after, core.now())
    core.facts.airline_changes[made.id] = made
    announce(core, "order.airline_initiated_change_detected", made.id, {"id": order.id, "aic_id": made.id})
    return made


def _carried(extra: Extra, before: BookedSlice, after: BookedSlice) -> Extra:
    """The seat or bag on the moved flights, which have other keys where they were moved over midnight."""
    keys = {old.key: new.key for old, new in zip(before.journey, after.journey, strict=True)}
    marks = (new + extra.mark.removeprefix(old) for old, new in keys.items() if extra.mark.startswith(f"{old}/"))
    return replace(extra, flights=tuple(keys.get(key, key) for key in extra.flights), mark=next(marks, extra.mark))


def _moved(piece: BookedSlice, by: timedelta) -> BookedSlice:
    return replace(piece, journey=tuple(later(flight, by) for flight in piece.journey))
