"""Release an order that carries our key and that nobody has: where it is held, or gives everything back."""

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, select

from app.aftersales import steps
from app.booking import orders
from app.booking.desk import SYSTEM, Tools
from app.booking.discrepancies import settle
from app.domain import codec
from app.domain.aftersales import RefundForm, Rule, RuleGround
from app.domain.booking import ItemState
from app.domain.refusals import NotFound, NotRefundable
from app.journal.journal import Prepared
from app.journal.run import Run
from app.journal.steps import nothing
from app.store.aftersales_tables import DiscrepancyRow, DiscrepancyState
from app.store.tables import ItemRow
from carriers.contract import Cancelled, OrderState

VERB = "release-orphan@1"
_DONE = "The order, which no item has, was cancelled."
_LIVE = {ItemState.REQUESTED, ItemState.HELD, ItemState.CONFIRMED, ItemState.TICKETED}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseOrder:
    """The order to release, and the item it was made for."""

    discrepancy: str
    item: str
    carrier: str
    order: str


def prepare(discrepancy: str, session: Session, booking_id: str) -> Prepared:
    """NotFound where it was settled in the meantime, or somebody has the order after all."""
    row = session.get_one(DiscrepancyRow, discrepancy, with_for_update=True)
    having = select(ItemRow.state).where(ItemRow.carrier == row.source, ItemRow.order_ref == row.ref)
    if row.state != DiscrepancyState.OPEN or _LIVE & set(map(ItemState, session.exec(having))):
        raise NotFound(message="Settled in the meantime.")
    order = ReleaseOrder(discrepancy=row.id, item=row.item_id or "", carrier=row.source, order=row.ref)
    return Prepared(booking_id=booking_id, input=codec.dump(order))


async def release_order(tools: Tools, run: Run) -> None:
    """The verb: see how it is by now, and cancel it; where it is paid, only if that gives all of it back as money."""
    order = codec.load(ReleaseOrder, run.claim.input)
    request = orders.OrderRequest(carrier=order.carrier, order=order.order)
    done = partial(_settle, tools, run.claim.operation_id, order.discrepancy)
    found = await run.step(orders.read(tools, order.item, request, lambda _session, _order: None, nothing))
    if found.state is not OrderState.CONFIRMED:
        await run.step(orders.cancel(tools, order.item, request, done, nothing))
        return
    asked = steps.RefundRequest(carrier=order.carrier, order=order.order, stay=found.stay)
    terms = await run.step(steps.quote_refund(tools, order.item, asked))
    if (terms.refund, terms.form) != (found.total, RefundForm.MONEY):
        raise NotRefundable(
            message="Cancelling this order does not give everything back: a person decides.",
            rule=Rule(ground=RuleGround.CARRIER_DECIDES, allowed=True),
        )
    confirmed = steps.TermsRequest(carrier=order.carrier, terms=terms.ref)
    await run.step(steps.refund(tools, order.item, confirmed, done))


def _settle(tools: Tools, operation: str, discrepancy: str, session: Session, _cancelled: Cancelled) -> None:
    row = session.get_one(DiscrepancyRow, discrepancy, with_for_update=True)
    if row.state == DiscrepancyState.OPEN:
        settle(session, row, SYSTEM, _DONE, tools.clock.now(), operation)
