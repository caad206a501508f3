"""What carriers are owed: for what they have confirmed, however that came about, and no more once it is taken back."""

from datetime import datetime

from sqlmodel import Session, select

from app import ledger
from app.domain.aftersales import RefundForm
from app.domain.booking import TicketStatus
from app.domain.money import Money
from app.journal.run import Claim
from app.store.tables import ItemRow, TicketRow
from carriers.contract import Cancelled, CarrierOrder, OrderState


def owe(session: Session, claim: Claim, row: ItemRow, cost: Money, at: datetime) -> None:
    """The carrier has confirmed the item for so much, of which some may be owed already."""
    before = ledger.item_cost(session, row.id)
    lines = ledger.carrier_cost(cost - before if before else cost, row.carrier)
    ledger.post(session, claim, ledger.EntryKind.CARRIER_COST, lines, at, row.id)


def owe_confirmed(session: Session, claim: Claim, row: ItemRow, order: CarrierOrder, at: datetime) -> None:
    """What some carriers confirm before it is paid is owed to them from then on."""
    if order.state is OrderState.CONFIRMED:
        owe(session, claim, row, order.total, at)


def take_back(session: Session, claim: Claim, row: ItemRow, cancelled: Cancelled, at: datetime) -> None:
    """What a confirmed order had cost comes back, or is our loss; its tickets are void."""
    if cancelled.cost is not None and ledger.item_cost(session, row.id) is None:
        # It was confirmed, and nobody had heard of that yet.
        owe(session, claim, row, cancelled.cost, at)
    cost = ledger.item_cost(session, row.id)
    if cost:
        # A voucher or credit is the travellers'; only money comes back to us.
        money = cancelled.refund if cancelled.form is RefundForm.MONEY else None
        lines = ledger.carrier_cancelled(cost, money or Money.zero(cost.currency), row.carrier)
        ledger.post(session, claim, ledger.EntryKind.CARRIER_REFUND, lines, at, row.id)
    for ticket in session.exec(select(TicketRow).where(TicketRow.item_id == row.id)).all():
        ticket.status = TicketStatus.VOID
