"""The rest after a deposit: how much has to be paid by when, which tickets wait for it, and when they no longer do."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from app import ledger
from app.booking.facts import balance_due_at, deposit_of, earliest, live_rows, offer_of, price_of
from app.booking.rests import rests
from app.domain.booking import ItemState, TicketingStatus
from app.domain.money import Money, total
from app.store.tables import BookingRow, ItemRow


def due_by(items: Sequence[ItemRow], at: datetime, currency: str) -> Money:
    """What has to be paid of the items by then: the deposit of each whose rest is due later, the others whole."""
    return total((_due(item, at) for item in items), currency)


def short_by(session: Session, booking: BookingRow, at: datetime) -> Money:
    """What has to be paid by then and is not; zero where enough was."""
    due = due_by(live_rows(session, booking.id), at, booking.currency)
    return max(due - paid_of_live(session, booking), Money.zero(booking.currency))


def unpaid_rows(session: Session, booking: BookingRow, now: datetime) -> list[ItemRow]:
    """The items whose rest was due by now, where all that was paid does not cover what was due by then."""
    items, paid = live_rows(session, booking.id), paid_of_live(session, booking)
    limits = {item.id: at for item in items if (at := balance_due_at(item)) is not None and at <= now}
    return [item for item in items if item.id in limits and due_by(items, limits[item.id], booking.currency) > paid]


def paid_of_live(session: Session, booking: BookingRow) -> Money:
    """What was paid of what is still to be travelled: all that was, less what refunds kept of the rest."""
    return ledger.paid(session, booking.id, booking.currency) - Money(booking.kept_minor, booking.currency)


def follow_balance(session: Session, booking_id: str, now: datetime) -> None:
    """Money moved, or what the booking costs: by when more is to be paid, and whether tickets still wait for that."""
    booking = session.get_one(BookingRow, booking_id, with_for_update=True)
    if booking.deposit_minor is None:
        return
    items = live_rows(session, booking_id)
    set_balance_due(booking, _next_due(session, booking, items))
    left = rests(session, booking, ledger.outstanding(session, booking_id, booking.currency))
    for item in items:
        pending = item.state == ItemState.CONFIRMED and item.ticketing == TicketingStatus.PENDING
        if pending and not left.get(item.id):
            item.check_tickets_at = item.check_tickets_at or now


def set_balance_due(booking: BookingRow, at: datetime | None) -> None:
    """The rest is due then; of another limit than the one that was warned of, a warning is news again."""
    if booking.balance_due_at != at:
        booking.balance_due_at, booking.balance_warned_at = at, None


def _next_due(session: Session, booking: BookingRow, items: Sequence[ItemRow]) -> datetime | None:
    """The first instant by which more has to be paid than was; None once there is none."""
    paid = paid_of_live(session, booking)
    limits = {at for item in items if (at := balance_due_at(item)) is not None}
    return earliest(*(at for at in limits if due_by(items, at, booking.currency) > paid))


def _due(item: ItemRow, at: datetime) -> Money:
    price, offer, limit = price_of(item), offer_of(item), balance_due_at(item)
    return price.total if limit is not None and limit <= at else deposit_of(price, offer)
