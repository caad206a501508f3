"""The double-entry ledger: every amount that moves, balanced per currency, in the transaction of its fact."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from sqlmodel import Session, col, func, select

from app.domain.itinerary import Price
from app.domain.money import Money
from app.domain.partner import Partner
from app.store.tables import EntryRow, PaymentMethod, PaymentRow, PaymentStatus


class Account(StrEnum):
    """The books that are kept.

    PARTNER is what it owes us, PROVIDER what a payment provider took for us, CARRIER what we owe it, BOOKING what is
    left to pay. BANK is what came in and went out as statements were settled, COMMISSION what partners earned on sales.
    """

    PARTNER = "PARTNER"
    PROVIDER = "PROVIDER"
    CARRIER = "CARRIER"
    BOOKING = "BOOKING"
    SALES = "SALES"
    FEES = "FEES"
    COST = "COST"
    LOSS = "LOSS"
    BANK = "BANK"
    COMMISSION = "COMMISSION"


class EntryKind(StrEnum):
    """Why an amount moved."""

    SALE = "SALE"
    SALE_REVERSED = "SALE_REVERSED"
    SALE_REFUNDED = "SALE_REFUNDED"
    EXCHANGE = "EXCHANGE"
    EXCHANGE_PAYMENT = "EXCHANGE_PAYMENT"
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    CARRIER_COST = "CARRIER_COST"
    CARRIER_REFUND = "CARRIER_REFUND"
    COMMISSION = "COMMISSION"
    SETTLEMENT = "SETTLEMENT"
    CREDIT_NOTE = "CREDIT_NOTE"


Line = tuple[Account, str, Money]

# What an item costs and what that is for; and what the partner earned on it.
_SOLD = (Account.BOOKING, Account.SALES, Account.FEES)
_COST = (Account.COST, Account.CARRIER)
_EARNED = (Account.COMMISSION, Account.PARTNER)
# What payments add to the booking's account.
PAYMENT_KINDS = (EntryKind.PAYMENT, EntryKind.EXCHANGE_PAYMENT)


class UnbalancedError(RuntimeError):
    """A bug: a posting whose lines do not add up to zero in each currency."""


class Author(Protocol):
    """Whose doing a posting is: the operation, and the booking and partner it belongs to, where there are."""

    @property
    def operation_id(self) -> str:
        """The operation that posts."""
        ...

    @property
    def partner_id(self) -> str | None:
        """The partner it concerns; None for what settles a carrier's account."""
        ...

    @property
    def booking_id(self) -> str | None:
        """The booking it is for; None for what settles an account."""
        ...


def post(
    session: Session,
    author: Author,
    kind: EntryKind,
    lines: Iterable[Line],
    at: datetime,
    item_id: str | None = None,
    *,
    about: str | None = None,
    statement_id: str | None = None,
) -> None:
    """Write one posting; UnbalancedError unless it sums to zero in every currency.

    `about` tells postings of one kind apart that are no item's: the payment's id. `statement_id` names the statement
    that it settles.
    """
    lines = [line for line in lines if line[2]]
    sums: dict[str, int] = defaultdict(int)
    for _, _, money in lines:
        sums[money.currency] += money.minor
    if any(sums.values()):
        raise UnbalancedError(f"{kind} is off by {dict(sums)}")
    posting = f"{author.operation_id}/{kind}/{about or item_id or ''}"
    session.add_all(
        EntryRow(
            posting=posting,
            partner_id=author.partner_id,
            booking_id=author.booking_id,
            item_id=item_id,
            account=account,
            party=party,
            amount_minor=money.minor,
            currency=money.currency,
            kind=kind,
            statement_id=statement_id,
            at=at,
        )
        for account, party, money in lines
    )


def sale(price: Price, partner_id: str, carrier: str) -> list[Line]:
    """What the customer owes for one item, and what it is for."""
    return [
        (Account.BOOKING, partner_id, price.total),
        (Account.SALES, carrier, -price.carrier_part),
        (Account.FEES, partner_id, -price.fee_total),
    ]


def payment_on_account(amount: Money, partner_id: str) -> list[Line]:
    """The booking is paid, and the partner owes it."""
    return [(Account.PARTNER, partner_id, amount), (Account.BOOKING, partner_id, -amount)]


def payment_by_card(amount: Money, partner_id: str, provider: str) -> list[Line]:
    """The booking is paid, and the provider has the money."""
    return [(Account.PROVIDER, provider, amount), (Account.BOOKING, partner_id, -amount)]


def sold(session: Session, item_id: str) -> list[Line]:
    """What the item costs by now, and what that is for."""
    return _lines(session, item_id, _SOLD)


def cost(session: Session, item_id: str) -> list[Line]:
    """What the carrier was owed for the item by now."""
    return _lines(session, item_id, _COST)


def earned(session: Session, item_id: str) -> list[Line]:
    """What the partner has earned on the item by now."""
    return _lines(session, item_id, _EARNED)


def reverse_sale(session: Session, author: Author, item_id: str, at: datetime) -> None:
    """Take back what was posted as the item was sold: what it costs, and what the partner earned on it."""
    for lines, kind in ((sold(session, item_id), EntryKind.SALE), (earned(session, item_id), EntryKind.COMMISSION)):
        about = f"{item_id}/{kind}"
        post(session, author, EntryKind.SALE_REVERSED, reversed_lines(lines), at, item_id, about=about)


def refund_sale(
    session: Session, author: Author, item_id: str, at: datetime, *, carrier_part: Money, fees: Money, price: Price
) -> None:
    """So much less is owed for the item at this price, of the carrier's part and of the fees; less was earned too."""
    lines = [(account, party, _less(account, carrier_part, fees)) for account, party, _ in sold(session, item_id)]
    share = _share(carrier_part, price.commissionable)
    back = [(account, party, -amount.times(share)) for account, party, amount in earned(session, item_id)]
    post(session, author, EntryKind.SALE_REFUNDED, lines, at, item_id)
    post(session, author, EntryKind.SALE_REFUNDED, back, at, item_id, about=f"{item_id}/{EntryKind.COMMISSION}")


def _less(account: Account, carrier_part: Money, fees: Money) -> Money:
    match account:
        case Account.SALES:
            return carrier_part
        case Account.FEES:
            return fees
        case _:
            return -(carrier_part + fees)


def _share(carrier_part: Money, commissionable: Money) -> Decimal:
    """What part of the commission goes back: change fees, on which nothing is earned, are the last to come back."""
    return min(Decimal(carrier_part.minor) / commissionable.minor, Decimal(1)) if commissionable else Decimal(0)


def _lines(session: Session, item_id: str, accounts: Sequence[Account]) -> list[Line]:
    query = (
        select(EntryRow.account, EntryRow.party, EntryRow.currency, func.sum(EntryRow.amount_minor))
        .where(EntryRow.item_id == item_id, col(EntryRow.account).in_(accounts))
        .group_by(col(EntryRow.account), col(EntryRow.party), col(EntryRow.currency))
        .order_by(col(EntryRow.account), col(EntryRow.party))
    )
    return [
        (Account(account), party, Money(int(minor), currency))
        for account, party, currency, minor in session.exec(query)
    ]


def reversed_lines(lines: Iterable[Line]) -> list[Line]:
    """The lines that take these back."""
    return [(account, party, -amount) for account, party, amount in lines]


def services_sale(amount: Money, partner_id: str, carrier: str) -> list[Line]:
    """What the customer owes for services that are added to an item."""
    return [(Account.BOOKING, partner_id, amount), (Account.SALES, carrier, -amount)]


def commission(amount: Money, partner: Partner) -> list[Line]:
    """What the partner earns on a sale: its percentage of what is `commissionable` in it, rounded half to even."""
    earned = amount.times(partner.commission_percent / 100)
    return [(Account.COMMISSION, partner.id, earned), (Account.PARTNER, partner.id, -earned)]


def carrier_cost(cost: Money, carrier: str) -> list[Line]:
    """What we owe a carrier for what it confirmed."""
    return [(Account.COST, carrier, cost), (Account.CARRIER, carrier, -cost)]


def carrier_refunded(refund: Money, carrier: str) -> list[Line]:
    """What a carrier gives back of what it had charged."""
    return [(Account.CARRIER, carrier, refund), (Account.COST, carrier, -refund)]


def carrier_cancelled(cost: Money, refund: Money, carrier: str) -> list[Line]:
    """A confirmed order taken back: what the carrier keeps is the gateway's loss, never the traveller's.

    A refund in another currency than the cost lessens the loss in its own.
    """
    same = refund.currency == cost.currency
    loss = [cost - refund] if same else [cost, -refund]
    returned = [(Account.CARRIER, carrier, refund), (Account.COST, carrier, -cost)]
    return [*returned, *((Account.LOSS, carrier, amount) for amount in loss)]


def settled(kind: EntryKind, account: Account, party: str, amount: Money) -> list[Line]:
    """Less is owed on the account: money went over the bank, or a credit note was issued for it.

    We bear what we credit a partner; what a carrier credits us, it had charged too much.
    """
    credited = Account.LOSS if account is Account.PARTNER else Account.COST
    against = Account.BANK if kind is EntryKind.SETTLEMENT else credited
    moved = amount if account is Account.PARTNER else -amount
    return [(against, party, moved), (account, party, -moved)]


def owed(session: Session, partner_id: str, currency: str) -> Money:
    """What the partner owes on account, credit reserved by payments under way included.

    In one statement: between two, a payment could be captured and be seen in neither.
    """
    booked = select(func.coalesce(func.sum(EntryRow.amount_minor), 0)).where(
        EntryRow.account == Account.PARTNER, EntryRow.party == partner_id, EntryRow.currency == currency
    )
    reserved = select(func.coalesce(func.sum(PaymentRow.amount_minor), 0)).where(
        PaymentRow.partner_id == partner_id,
        PaymentRow.currency == currency,
        PaymentRow.method == PaymentMethod.ON_ACCOUNT,
        PaymentRow.status == PaymentStatus.AUTHORISED,
    )
    both = select(booked.scalar_subquery() + reserved.scalar_subquery())
    return Money(int(session.exec(both).one()), currency)


def item_cost(session: Session, item_id: str) -> Money | None:
    """What we owe the carrier for this item so far; None when nothing was confirmed."""
    query = (
        select(EntryRow.currency, func.sum(EntryRow.amount_minor))
        .where(EntryRow.item_id == item_id, EntryRow.account == Account.COST)
        .group_by(col(EntryRow.currency))
    )
    row = session.exec(query).first()
    return Money(int(row[1]), row[0]) if row else None


def paid(session: Session, booking_id: str, currency: str) -> Money:
    """What the booking was paid, less what was given back of it."""
    query = select(func.coalesce(func.sum(EntryRow.amount_minor), 0)).where(
        EntryRow.booking_id == booking_id,
        EntryRow.account == Account.BOOKING,
        EntryRow.currency == currency,
        col(EntryRow.kind).in_([*PAYMENT_KINDS, EntryKind.REFUND]),
    )
    return Money(-int(session.exec(query).one()), currency)


def outstanding(session: Session, booking_id: str, currency: str) -> Money:
    """What is left to pay of all that was sold in the booking; below zero, what has to be given back."""
    query = select(func.coalesce(func.sum(EntryRow.amount_minor), 0)).where(
        EntryRow.booking_id == booking_id, EntryRow.account == Account.BOOKING, EntryRow.currency == currency
    )
    return Money(int(session.exec(query).one()), currency)
