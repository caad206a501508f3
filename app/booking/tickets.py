"""Tickets: written as the carrier issues them; those that come later are followed until they are there."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.booking import orders
from app.booking.desk import Tools
from app.booking.duties import Due, Duty, waiting
from app.booking.facts import balance_due_at, cost_of, move, offer_of, tell
from app.booking.funds import covered, payments_of
from app.booking.rests import rests
from app.domain import codec
from app.domain.booking import ItemState, TicketingStatus
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.tables import BookingRow, ItemRow, PaymentStatus, TicketRow
from carriers.contract import CarrierOrder

VERB = "follow-tickets@1"
_FIRST_CHECK = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(minutes=30)
# Airlines issue within minutes; three days cover manual queues and weekends. Then a person looks.
_GIVE_UP_AFTER = timedelta(hours=72)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowOrder:
    """The order to ask for tickets."""

    item: str
    carrier: str
    order: str


def write_tickets(tools: Tools, claim: Claim, row: ItemRow, order: CarrierOrder, session: Session) -> None:
    """Write what the carrier has issued so far; TICKETED once every passenger has a ticket.

    What a deposit confirmed has none before all of it is paid, or its payment reserved.
    """
    if _waits_for_balance(row, session):
        _wait_for_balance(tools, claim, row, session)
        return
    now = tools.clock.now()
    for ticket in _new_tickets(tools, row, order, session):
        session.add(ticket)
    session.flush()
    having = set(session.exec(select(TicketRow.traveller_id).where(TicketRow.item_id == row.id)).all())
    if having >= set(row.passengers):
        row.ticketing, row.check_tickets_at = TicketingStatus.ISSUED, None
        move(session, row, ItemState.TICKETED)
        tell(session, claim, EventKind.TICKETS_ISSUED, now, item_id=row.id, tickets=len(order.tickets))
    elif row.ticketing == TicketingStatus.NOT_STARTED:
        row.ticketing, row.check_tickets_at = TicketingStatus.PENDING, now + _FIRST_CHECK
        tell(session, claim, EventKind.TICKETS_PENDING, now, item_id=row.id, nextCheck=row.check_tickets_at)


async def follow(tools: Tools, run: Run) -> None:
    """The verb: read the order once; the next look is a fact with a deadline, not an open operation."""
    order = codec.load(FollowOrder, run.claim.input)

    def settle(session: Session, found: CarrierOrder) -> None:
        row = session.get_one(ItemRow, order.item)
        write_tickets(tools, run.claim, row, found, session)
        _look_again(tools, run.claim, row, session)

    def refused(session: Session, _refusal: Refusal) -> None:
        _look_again(tools, run.claim, session.get_one(ItemRow, order.item), session)

    request = orders.OrderRequest(carrier=order.carrier, order=order.order)
    with suppress(Refusal):
        await run.step(orders.read(tools, order.item, request, settle, refused=refused))


def _look_again(tools: Tools, claim: Claim, row: ItemRow, session: Session) -> None:
    """When to ask for missing tickets next; a person's turn once they are days late."""
    if row.ticketing != TicketingStatus.PENDING or row.check_tickets_at is None:
        return
    now = tools.clock.now()
    waited = now - _due_since(row, now, session)
    row.ticket_checks += 1
    row.check_tickets_at = now + min(max(waited / 2, _FIRST_CHECK), _LONGEST_PAUSE)
    if waited >= _GIVE_UP_AFTER:
        row.ticketing, row.check_tickets_at = TicketingStatus.FAILED, None
        row.stuck = "The carrier confirmed the order but has issued no tickets for three days."
        tell(session, claim, EventKind.TICKETS_FAILED, now, item_id=row.id)


def _waits_for_balance(row: ItemRow, session: Session) -> bool:
    offer = offer_of(row)
    if offer is None or offer.deposit is None:
        return False
    booking = session.get_one(BookingRow, row.booking_id)
    reserved = covered(session, booking, PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED)
    return bool(rests(session, booking, cost_of(booking) - reserved).get(row.id))


def _wait_for_balance(tools: Tools, claim: Claim, row: ItemRow, session: Session) -> None:
    """Nothing is looked at before the item is paid; whoever writes that payment makes the tickets due."""
    row.ticketing, row.check_tickets_at = TicketingStatus.PENDING, None
    tell(
        session,
        claim,
        EventKind.TICKETS_PENDING,
        tools.clock.now(),
        item_id=row.id,
        waitsFor="BALANCE",
        balanceDueAt=balance_due_at(row),
    )


def _due_since(row: ItemRow, now: datetime, session: Session) -> datetime:
    """Since when there could be tickets: since the order was confirmed and the booking paid."""
    paid = [each.settled_at for each in payments_of(session, row.booking_id, PaymentStatus.CAPTURED)]
    return max((at for at in (row.confirmed_at, *paid) if at is not None), default=now)


def _new_tickets(tools: Tools, row: ItemRow, order: CarrierOrder, session: Session) -> list[TicketRow]:
    """Rows for the tickets that are not written yet."""
    traveller_of = {reference: traveller for traveller, reference in row.passengers.items()}
    replaced = _replaced(row, session)
    known = set(session.exec(select(TicketRow.number).where(TicketRow.item_id == row.id)).all())
    return [
        TicketRow(
            id=tools.ids.new("tk"),
            partner_id=row.partner_id,
            booking_id=row.booking_id,
            item_id=row.id,
            traveller_id=traveller_of[ticket.passenger],
            number=ticket.number,
            replaces=replaced.get(traveller_of[ticket.passenger]),
            coupons={segment: state.value for segment, state in ticket.coupons.items()},
            issued_at=tools.clock.now(),
        )
        for ticket in order.tickets
        if ticket.number not in known and ticket.passenger in traveller_of
    ]


def _replaced(row: ItemRow, session: Session) -> Mapping[str, str]:
    """By traveller, the tickets of what was exchanged for this item; none where nothing was."""
    if row.replaces is None:
        return {}
    query = select(TicketRow.traveller_id, TicketRow.id).where(TicketRow.item_id == row.replaces)
    return dict(session.exec(query.order_by(col(TicketRow.issued_at))).all())


def _due(_tools: Tools, row: tuple[ItemRow, BookingRow]) -> Due:
    item, booking = row
    return Due(subject=f"{item.id}/{item.ticket_checks}", booking=booking, prepare=_prepare(item.id))


def _prepare(item_id: str) -> Callable[[Session, str], Prepared]:
    def prepare(session: Session, booking_id: str) -> Prepared:
        row = session.get_one(ItemRow, item_id, with_for_update=True)
        if row.state != ItemState.CONFIRMED or row.ticketing != TicketingStatus.PENDING or row.order_ref is None:
            raise NotFound(message="Issued or ended in the meantime.")
        order = FollowOrder(item=row.id, carrier=row.carrier, order=row.order_ref)
        return Prepared(booking_id=booking_id, input=codec.dump(order))

    return prepare


DUTY = Duty(
    verb=VERB,
    waiting=waiting(
        ItemRow,
        col(ItemRow.check_tickets_at),
        ItemRow.ticketing == TicketingStatus.PENDING,
        # What was exchanged or refunded before its tickets came gets none any more.
        ItemRow.state == ItemState.CONFIRMED,
    ),
    due=_due,
)
