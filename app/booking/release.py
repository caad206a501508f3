"""Release: cancel orders nobody will use, and end their items. Used by cancel, expiry and every undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from app.booking import orders
from app.booking.costs import take_back
from app.booking.desk import Tools
from app.booking.facts import move, tell
from app.domain.booking import ItemState
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.store.tables import ItemRow
from carriers.contract import Cancelled

_EVENTS = {
    ItemState.REJECTED: EventKind.ITEM_REJECTED,
    ItemState.CANCELLED: EventKind.ITEM_CANCELLED,
    ItemState.EXPIRED: EventKind.ITEM_EXPIRED,
    ItemState.EXCHANGED: EventKind.ITEM_CANCELLED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveItem:
    """An item to end; `order` is the carrier's order to cancel or request to withdraw, None where there is none."""

    item: str
    carrier: str
    order: str | None


async def release(tools: Tools, run: Run, items: Sequence[LiveItem], state: ItemState, *, reason: str) -> list[Refusal]:
    """End the items in `state`: those with an order once the carrier has cancelled it, the others at once.

    A cancellation the carrier refuses marks that item stuck while the others go on; answers those refusals.
    """
    for item in items:
        if item.order is None:
            await run.record("release", bool, partial(_end_unordered, tools, run.claim, item, state, reason), item.item)
    answers = await run.each([_cancel(tools, run.claim, item, state, reason) for item in items if item.order])
    return [answer for answer in answers if isinstance(answer, Refusal)]


def _end_unordered(tools: Tools, claim: Claim, item: LiveItem, state: ItemState, reason: str, session: Session) -> bool:
    _end(tools, claim, session.get_one(ItemRow, item.item), state, reason, session)
    return True


def _cancel(
    tools: Tools, claim: Claim, item: LiveItem, state: ItemState, reason: str
) -> Step[orders.OrderRequest, Cancelled]:
    def settle(session: Session, cancelled: Cancelled) -> None:
        row = session.get_one(ItemRow, item.item)
        take_back(session, claim, row, cancelled, tools.clock.now())
        _end(tools, claim, row, state, reason, session)

    def refused(session: Session, refusal: Refusal) -> None:
        row = session.get_one(ItemRow, item.item)
        row.stuck = f"The carrier refused to cancel its order: {refusal.message}"
        tell(session, claim, EventKind.ITEM_STUCK, tools.clock.now(), item_id=row.id, reason=refusal.code)

    request = orders.OrderRequest(carrier=item.carrier, order=item.order or "")
    return orders.cancel(tools, item.item, request, settle, refused)


def _end(tools: Tools, claim: Claim, row: ItemRow, state: ItemState, reason: str, session: Session) -> None:
    row.check_tickets_at = row.check_request_at = row.stuck = None
    move(session, row, state)
    tell(session, claim, _EVENTS[state], tools.clock.now(), item_id=row.id, reason=reason)
