"""What an airline owes while nobody has answered what it changed by itself, and how that ends."""

from collections.abc import Iterable

from app.domain.money import Money, total
from carriers.sandbox.duffel.booked import shares
from carriers.sandbox.duffel.core import Core
from carriers.sandbox.duffel.facts import AirlineChange, Order
from carriers.sandbox.duffel.fares import Price


def unanswered(core: Core, order: Order) -> list[AirlineChange]:
    """The airline's latest change of each journey, where nothing was done about it yet; newest first."""
    changes = [change for change in core.facts.airline_changes.values() if change.order_id == order.id]
    latest = {change.before.id: change for change in changes}
    return [change for change in reversed(changes) if change.action_taken is None and change in latest.values()]


def changed_by_airline(core: Core, order: Order) -> bool:
    """Whether the airline changed the order and nobody has accepted it: then it gives all back, and changes are free.

    What was moved counts as accepted once it leaves; what was cancelled never does.
    """
    return any(change.after is None or core.now() < change.departs for change in unanswered(core, order))


def not_flown(core: Core, order: Order, cost: Price) -> Money:
    """What has been paid for journeys that have not begun, or never will."""
    missing = {change.before.id for change in unanswered(core, order) if change.after is None}
    own = zip(order.slices, shares(order.slices, cost), strict=True)
    left = (share.total for piece, share in own if piece.id in missing or core.now() < piece.journey[0].departs)
    return total(left, cost.total.currency)


def answer_airline(core: Core, changes: Iterable[AirlineChange], action: str) -> None:
    """Note what the customer did about the airline's changes: `accepted`, `cancelled` or `changed`."""
    for change in changes:
        change.action_taken, change.action_taken_at = action, core.now()
