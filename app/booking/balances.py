"""What bookings have been paid and still cost, and what a partner's account still covers; all from the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from app.domain.booking import BookingState, PaymentState, payment_state
from app.domain.money import Money
from app.domain.partner import Partner
from app.ledger import Account, EntryKind, owed
from app.store.reads.owned import Owned, ids
from app.store.tables import BookingRow, EntryRow, PaymentRow, PaymentStatus

# Nothing is left to pay for what will not be travelled.
_OVER = {BookingState.REJECTED, BookingState.CANCELLED, BookingState.EXPIRED, BookingState.REFUNDED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Paid:
    """Of one booking, in minor units of its currency: captured less refunded, and reserved only."""

    captured: int = 0
    authorised: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """Where a booking's money stands. `due` is what is left to pay; below zero, what is to be given back."""

    paid: Money
    authorised: Money
    due: Money
    state: PaymentState


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """A partner's account in one currency: `owed` includes what payments under way have reserved."""

    limit: Money
    owed: Money
    available: Money


def paid(session: Session, keys: Sequence[Owned]) -> list[Paid]:
    """What has been paid for each booking: two statements, however many bookings."""
    captured = _captured(session, keys)
    authorised = _authorised(session, keys)
    return [Paid(captured=captured[owned], authorised=authorised[owned]) for owned in keys]


def balance(booking: BookingRow, money: Paid) -> Balance:
    """The booking's balance from what was paid and what it costs."""
    cost = Money(0 if booking.state in _OVER else booking.total_minor, booking.currency)
    captured, authorised = Money(money.captured, booking.currency), Money(money.authorised, booking.currency)
    return Balance(
        paid=captured,
        authorised=authorised,
        due=cost - captured,
        state=payment_state(cost, captured, authorised),
    )


def credit(session: Session, partner: Partner) -> list[Credit]:
    """The partner's account, one entry per currency it has credit in."""
    debts = {currency: owed(session, partner.id, currency) for currency in partner.credit}
    return [
        Credit(limit=limit, owed=debts[currency], available=max(limit - debts[currency], Money.zero(currency)))
        for currency, limit in partner.credit.items()
    ]


def _captured(session: Session, keys: Sequence[Owned]) -> dict[Owned, int]:
    """A payment is a credit of the booking's account, and a debit when it is given back."""
    query = (
        select(EntryRow.partner_id, EntryRow.booking_id, func.sum(EntryRow.amount_minor))
        .where(
            col(EntryRow.partner_id).in_({owned.partner_id for owned in keys}),
            col(EntryRow.booking_id).in_(ids(keys)),
            EntryRow.account == Account.BOOKING,
            EntryRow.kind == EntryKind.PAYMENT,
        )
        .group_by(col(EntryRow.partner_id), col(EntryRow.booking_id))
    )
    sums = {Owned(str(partner), str(booking)): -int(minor) for partner, booking, minor in session.exec(query)}
    return defaultdict(int, sums)


def _authorised(session: Session, keys: Sequence[Owned]) -> dict[Owned, int]:
    query = (
        select(PaymentRow.partner_id, PaymentRow.booking_id, func.sum(PaymentRow.amount_minor))
        .where(
            col(PaymentRow.partner_id).in_({owned.partner_id for owned in keys}),
            col(PaymentRow.booking_id).in_(ids(keys)),
            PaymentRow.status == PaymentStatus.AUTHORISED,
        )
        .group_by(col(PaymentRow.partner_id), col(PaymentRow.booking_id))
    )
    sums = {Owned(partner, booking): int(minor) for partner, booking, minor in session.exec(query)}
    return defaultdict(int, sums)
