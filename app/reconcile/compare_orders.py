"""Our items beside a carrier's orders: pure values in, differences out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.booking.differences import Difference, Subject
from app.domain.booking import ItemState
from app.domain.itinerary import Journey
from app.domain.money import Money
from app.reconcile.findings import Comparison
from app.store.aftersales_tables import DiscrepancyKind
from carriers.contract import CarrierOrder, ListedOrder, OrderState

_PAID = frozenset({ItemState.CONFIRMED, ItemState.TICKETED})
_LIVE = _PAID | {ItemState.REQUESTED, ItemState.HELD}
_ENDED = frozenset({OrderState.CANCELLED, OrderState.REJECTED})
_UNPAID = frozenset({OrderState.REQUESTED, OrderState.HELD})


@dataclass(frozen=True, kw_only=True, slots=True)
class OurOrder:
    """An item, and what its order should be.

    `own` when the item has this order; else the order only carries the key of a call of ours for the item. An operation
    that is `busy` with its booking, or was a moment ago, explains everything. `waiting` is one whose step still waits
    for this order's answer.
    """

    about: Subject
    state: ItemState
    total: Money
    journeys: tuple[Journey, ...]
    own: bool = True
    busy: bool = False
    waiting: str | None = None

    @property
    def live(self) -> bool:
        """Whether somebody counts on this order."""
        return self.own and self.state in _LIVE


Ours = Mapping[str, OurOrder]
# None where the carrier was asked for the order and knows none.
Theirs = Mapping[str, ListedOrder | None]


def compare(source: str, ours: Ours, theirs: Theirs, quiet_before: datetime) -> Comparison:
    """What both sides' records, by the orders' ids, disagree on. What is under way or too new is left for later."""
    young = {ref for ref, listed in theirs.items() if listed is not None and listed.created_at > quiet_before}
    busy = {ref for ref, our in ours.items() if our.busy}
    settled = (ours.keys() | theirs.keys()) - young - busy
    found = (_difference(source, ref, ours.get(ref), theirs[ref]) for ref in sorted(settled & theirs.keys()))
    waiting = (ours[ref].waiting for ref in busy & theirs.keys() - young if theirs[ref] is not None)
    return Comparison(
        looked_at=frozenset(settled & theirs.keys()),
        differences=tuple(difference for difference in found if difference is not None),
        nudged=frozenset(operation for operation in waiting if operation is not None),
        items=frozenset(
            str(our.about.item) for ref, our in ours.items() if ref in settled and _moved(our, theirs.get(ref))
        ),
    )


def _difference(source: str, ref: str, ours: OurOrder | None, listed: ListedOrder | None) -> Difference | None:
    if listed is None:
        return _missing(source, ref, ours)
    order = listed.order
    if ours is None:
        kind = None if order.state in _ENDED else DiscrepancyKind.UNKNOWN_ORDER
    else:
        kind = _disagreement(ours, order)
    if kind is None:
        return None
    return Difference(
        kind=kind,
        source=source,
        ref=ref,
        about=ours.about if ours else Subject(),
        ours=_our_facts(ours) if ours else {},
        theirs={"state": order.state, "reference": order.reference, "total": order.total},
        safe=ours is not None and _releasable(ours, order),
    )


def _missing(source: str, ref: str, ours: OurOrder | None) -> Difference | None:
    if ours is None or not ours.live:
        return None
    return Difference(
        kind=DiscrepancyKind.MISSING_ORDER, source=source, ref=ref, about=ours.about, ours=_our_facts(ours)
    )


def _disagreement(ours: OurOrder, order: CarrierOrder) -> DiscrepancyKind | None:
    """What an item and its order disagree on. A hold that has lapsed there ends here by itself."""
    lapsed = ours.state == ItemState.HELD and order.state in _ENDED
    if not (_fits(ours, order) or lapsed):
        return DiscrepancyKind.ORDER_STATE
    confirmed = ours.live and order.state is OrderState.CONFIRMED
    return DiscrepancyKind.ORDER_AMOUNT if confirmed and order.total != ours.total else None


def _fits(ours: OurOrder, order: CarrierOrder) -> bool:
    if not ours.live:
        return order.state in _ENDED
    if ours.state == ItemState.REQUESTED:
        # Whatever the operator has answered is heard at the next look.
        return order.state is not OrderState.CONFIRMED
    return order.state is (OrderState.CONFIRMED if ours.state in _PAID else OrderState.HELD)


def _releasable(ours: OurOrder, order: CarrierOrder) -> bool:
    """Whether nobody counts on the order. One we cancelled, and that is paid again, somebody else may count on."""
    return not ours.live and (order.state in _UNPAID or not ours.own)


def _moved(ours: OurOrder, listed: ListedOrder | None) -> bool:
    """Whether the carrier's order has other flights or times than the item that is travelled with it."""
    if listed is None or listed.order.state is not OrderState.CONFIRMED or not ours.journeys:
        return False
    if not ours.live or ours.state not in _PAID:
        return False
    return flights(ours.journeys) != flights(listed.order.journeys)


def flights(journeys: tuple[Journey, ...]) -> tuple[tuple[object, ...], ...]:
    """What is flown and when, in order; not what it is called by the carrier."""
    return tuple(
        (
            segment.marketing.code,
            segment.flight_number,
            segment.origin,
            segment.destination,
            segment.departs_at,
            segment.arrives_at,
        )
        for journey in journeys
        for segment in journey.segments
    )


def _our_facts(ours: OurOrder) -> dict[str, object]:
    return {"state": ours.state, "total": ours.total}
