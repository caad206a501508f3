"""Settle a discrepancy: an operator says why it need not be looked at any more, once per key.

It is written in the transaction that opens the operation; nothing is left to do after, and neither side is changed.
"""

from dataclasses import dataclass

from sqlmodel import Session

from app.booking.desk import Desk, Outcome
from app.booking.discrepancies import settle
from app.domain.partner import Scope, Viewer
from app.domain.refusals import InvalidInput, NotFound, WrongState
from app.journal.journal import Prepared
from app.journal.run import Run
from app.store.aftersales_tables import DiscrepancyRow, DiscrepancyState

VERB = "settle-discrepancy@1"
_PATH = ("input", "discrepancyId")


@dataclass(frozen=True, kw_only=True, slots=True)
class SettleWish:
    """The discrepancy, and why it is settled."""

    discrepancy_id: str
    reason: str


async def take_settlement(desk: Desk, viewer: Viewer, key: str, wish: SettleWish) -> Outcome:
    """Settle it; NotFound, InvalidInput without a reason, WrongState once it is settled. Access to operators only."""
    viewer.need(Scope.INTERNAL)

    def prepare(session: Session, _operation_id: str) -> Prepared:
        if not wish.reason.strip():
            raise InvalidInput(message="Say why it is settled.", path=("input", "reason"))
        row = _open(session, wish.discrepancy_id)
        settle(session, row, viewer.actor, wish.reason, desk.tools.clock.now())
        return Prepared(booking_id=None, input={"discrepancy": row.id})

    return await desk.take(desk.opening(viewer, VERB, key, wish), prepare)


async def settled(_tools: object, _run: Run) -> None:
    """The verb: everything was written when the operation opened."""


def _open(session: Session, discrepancy_id: str) -> DiscrepancyRow:
    row = session.get(DiscrepancyRow, discrepancy_id, with_for_update=True)
    if row is None:
        raise NotFound(message="No discrepancy with this id exists.", path=_PATH)
    if row.state != DiscrepancyState.OPEN:
        raise WrongState(message="This discrepancy is settled already.", path=_PATH, state=row.state)
    return row
