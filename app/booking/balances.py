"""What bookings have been paid and still cost, and what a partner's account still covers; all from the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from app.booking.facts import cost_of
from app.domain.booking import PaymentState, payment_state
from app.domain.money import Money
from app.domain.partner import Partner
from app.ledger import PAYMENT_KINDS, Account, EntryKind, owed
from app.store.reads.owned import Owned, ids
from app.store.tables import BookingRow, EntryRow, PaymentRow, PaymentStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Paid:
    """Of one booking, in minor units of its currency: captured, reserved only, and given back of what was captured."""

    captured: int = 0
    authorised: int = 0
    refunded: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """Where a booking's money stands. `paid` is captured less refunded.

    `due` is what is left to pay; below zero, what is to be given back.
    """

    paid: Money
    authorised: Money
    refunded: Money
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
    moved = _moved(session, keys)
    authorised = _authorised(session, keys)
    return [
        Paid(
            captured=-sum(moved[owned, kind] for kind in PAYMENT_KINDS),
            authorised=authorised[owned],
            refunded=moved[owned, EntryKind.REFUND],
        )
        for owned in keys
    ]


def balance(booking: BookingRow, money: Paid) -> Balance:
    """The booking's balance from what was paid and what it costs."""
    cost = cost_of(booking)
    captured, authorised, refunded = (
        Money(minor, booking.currency) for minor in (money.captured, money.authorised, money.refunded)
    )
    kept = captured - refunded
    return Balance(
        paid=kept,
        authorised=authorised,
        refunded=refunded,
        due=cost - kept,
        state=payment_state(cost, kept, authorised, refunded),
    )


def credit(session: Session, partner: Partner) -> list[Credit]:
    """The partner's account, one entry per currency it has credit in."""
    debts = {currency: owed(session, partner.id, currency) for currency in partner.credit}
    return [
        Credit(limit=limit, owed=debts[currency], available=max(limit - debts[currency], Money.zero(currency)))
        for currency, limit in partner.credit.items()
    ]


def _moved(session: Session, keys: Sequence[Owned]) -> dict[tuple[Owned, str], int]:
    """By kind: a payment is a credit of the booking's account, a refund a debit."""
    query = (
        select(EntryRow.partner_id, EntryRow.booking_id, EntryRow.kind, func.sum(EntryRow.amount_minor))
        .where(
            col(EntryRow.partner_id).in_({owned.partner_id for owned in keys}),
            col(EntryRow.booking_id).in_(ids(keys)),
            EntryRow.account == Account.BOOKING,
            col(EntryRow.kind).in_([*PAYMENT_KINDS, EntryKind.REFUND]),
        )
        .group_by(col(EntryRow.partner_id), col(EntryRow.booking_id), col(EntryRow.kind))
    )
    sums = {
        (Owned(str(partner), str(booking)), kind): int(minor) for partner, booking, kind, minor in session.exec(query)
    }
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
