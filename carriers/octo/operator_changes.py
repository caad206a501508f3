"""What the operator changed of a booking by itself: told by what it says, and accepted where it asks for that.

Our capability tells a departure that was cancelled or moved, and is told what was accepted. Plain OCTO can say that a
booking is cancelled, or show another departure than was booked; that is agreed to by travelling.
"""

from collections.abc import Sequence
from datetime import datetime

from app.domain.aftersales import CarrierChange, ChangeAction
from app.domain.clock import Clock
from app.domain.recovery import Call
from app.domain.refusals import CarrierRefused
from app.domain.tours import TourStay
from app.wire.account import path
from app.wire.facts import instant
from carriers.contract import CarrierOrder, OrderState
from carriers.octo import say
from carriers.octo.bookings import Bookings
from carriers.octo.errors import Declined
from carriers.octo.facts import whole
from carriers.octo.hear import Booking

_ALL = (ChangeAction.ACCEPT, ChangeAction.EXCHANGE, ChangeAction.REFUND)


class OperatorChanges:
    """The operator's own changes of one account's bookings; `carrier` is its code."""

    def __init__(self, bookings: Bookings, clock: Clock, carrier: str) -> None:
        self._bookings = bookings
        self._clock = clock
        self._carrier = carrier

    async def listed(self, order: str, agreed: TourStay | None) -> Sequence[CarrierChange]:
        """What makes the booking differ from what was agreed: one change at most."""
        found = await self._bookings.explained(await self._bookings.read(order, agreed))
        change = _change(found, agreed or found.stay, self._clock.now())
        return () if change is None else (change,)

    async def accept(self, order: str, change: str, call: Call) -> CarrierOrder:
        """Accept a move; one accepted before is success. CarrierRefused where it is not how the booking stands."""
        found = await self._bookings.explained(await self._bookings.read(order))
        if found.order.state is not OrderState.CONFIRMED or found.stay is None or _ref(found, found.stay) != change:
            raise self._stale()
        if found.change is None or found.change.accepted:
            return found.order
        if found.change.cancelled:
            raise self._stale()
        try:
            body = say.acceptance(change)
            made = await self._bookings.change("PATCH", path("bookings", order), body, call)
        except Declined:
            raise self._stale() from None
        return (await self._bookings.explained_if_told(made)).order

    def _stale(self) -> CarrierRefused:
        message = "The operator has changed this booking once more; look at it again."
        return CarrierRefused(message=message, carrier=self._carrier, reason="changed")


def _change(found: Booking, agreed: TourStay | None, now: datetime) -> CarrierChange | None:
    if found.ended:
        return _ended(found, agreed)
    if found.order.state is not OrderState.CONFIRMED:
        return None
    if found.change is not None and found.change.cancelled:
        return CarrierChange(
            ref=found.change.ref,
            order=found.order.ref,
            found_at=found.change.made_at,
            replaced=agreed,
            actions=(ChangeAction.EXCHANGE, ChangeAction.REFUND),
        )
    stay = found.stay
    return _moved(found, agreed, stay, now) if stay and agreed and stay.key != agreed.key else None


def _ended(found: Booking, agreed: TourStay | None) -> CarrierChange:
    """What is cancelled at the operator cannot be exchanged there any more."""
    with whole("cancellation"):
        done = found.data.get("cancellation") or {}
        ended_at = instant(done.get("utcCancelledAt") or found.data["utcUpdatedAt"])
    return CarrierChange(
        ref=f"{found.order.ref}:cancelled",
        order=found.order.ref,
        found_at=ended_at,
        replaced=agreed,
        actions=(ChangeAction.REFUND,),
    )


def _moved(found: Booking, agreed: TourStay, stay: TourStay, now: datetime) -> CarrierChange:
    """Another departure, until it leaves. Plain OCTO lets it be given back or exchanged freely before its cut-off."""
    told, cutoff_at = found.change, found.booked.cutoff_at if found.booked else None
    free = told is not None or (cutoff_at is not None and now < cutoff_at)
    return CarrierChange(
        ref=_ref(found, stay),
        order=found.order.ref,
        found_at=told.made_at if told else now,
        replaced=agreed,
        stay=stay,
        actions=_ALL if free else (ChangeAction.ACCEPT,),
        deadline=stay.departs_at,
        taken=ChangeAction.ACCEPT if told is not None and told.accepted else None,
    )


def _ref(found: Booking, stay: TourStay) -> str:
    """The operator's id of the change; in plain OCTO, what the booking is for now."""
    day = stay.key.starts_on.isoformat()
    return found.change.ref if found.change else f"{found.order.ref}:{stay.key.option}:{day}"
