"""Duffel's airline-initiated changes (duffel.com/docs/api/airline-initiated-changes): told, and accepted."""

from collections.abc import Sequence

from app.domain.aftersales import CarrierChange, ChangeAction
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.recovery import Call
from app.wire.account import path
from app.wire.facts import Json, instant, text
from carriers.contract import CarrierOrder
from carriers.duffel import errors, hear
from carriers.duffel.calls import Calls
from carriers.duffel.errors import Declined
from carriers.duffel.facts import whole
from carriers.duffel.journeys import journeys
from carriers.duffel.reading import reading

_CHANGES = ("air", "airline_initiated_changes")
_PAGE = "200"
# "update" only notes what was settled with the airline itself: nothing that we could do.
_ACTIONS = {"accept": ChangeAction.ACCEPT, "change": ChangeAction.EXCHANGE, "cancel": ChangeAction.REFUND}
_TAKEN = {"accepted": ChangeAction.ACCEPT, "changed": ChangeAction.EXCHANGE, "cancelled": ChangeAction.REFUND}


class AirlineChanges:
    """The airline-initiated changes of one account; `carrier` is its code."""

    def __init__(self, calls: Calls, carrier: str) -> None:
        self._calls = calls
        self._carrier = carrier

    async def listed(self, order: str) -> Sequence[CarrierChange]:
        """The order's changes, newest first."""
        with reading(self._carrier):
            answer = await self._calls.get(path(*_CHANGES), {"order_id": order, "limit": _PAGE})
            found = [heard(data) for data in hear.page(answer)[0]]
        return sorted(found, key=lambda change: change.found_at, reverse=True)

    async def accept(self, order: str, change: str, call: Call) -> CarrierOrder:
        """Accept the change; one accepted before is success. Only the latest of an order can be."""
        try:
            await self._calls.change(path(*_CHANGES, change, "actions", "accept"), None, call)
        except Declined as no:
            if not await self._is_accepted(order, change):
                raise errors.refusal(no, self._carrier) from None
        try:
            with reading(self._carrier):
                return hear.order(hear.content(await self._calls.get(path("air", "orders", order))))
        except (Refusal, Trouble):
            raise Unknown("The change was accepted, and the order could not be read afterwards.") from None

    async def _is_accepted(self, order: str, change: str) -> bool:
        known = await self.listed(order)
        return any(each.ref == change and each.taken is ChangeAction.ACCEPT for each in known)


def heard(data: Json) -> CarrierChange:
    """One change. Duffel names no deadline: the departure ends the choice, since then nothing can be accepted."""
    with whole("airline-initiated change"):
        removed = journeys(data["removed"])
        added = journeys(data["added"]) if data["added"] else ()
        return CarrierChange(
            ref=text(data["id"]),
            order=text(data["order_id"]),
            found_at=instant(data["created_at"]),
            removed=removed,
            added=added,
            actions=tuple(_ACTIONS[action] for action in data["available_actions"] if action in _ACTIONS),
            deadline=min(journey.departs_at for journey in added or removed),
            taken=None if data["action_taken"] is None else _TAKEN[data["action_taken"]],
        )
