"""What a statement bills, in lines: one for each booking and kind, the fees on it apart. They sum to its total."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlmodel import Session, col, func, select

from app.ledger import Account, EntryKind
from app.store.account_tables import AccountHolder, LineKind, StatementLineRow, StatementRow
from app.store.tables import BookingRow, EntryRow, ItemRow

# What settles an account is no line of it.
LINE_KINDS: Final[Mapping[EntryKind, LineKind]] = {
    EntryKind.SALE: LineKind.BOOKING,
    EntryKind.PAYMENT: LineKind.BOOKING,
    # Of a sale taken back, only what was earned on it was on an account.
    EntryKind.SALE_REVERSED: LineKind.COMMISSION,
    EntryKind.SALE_REFUNDED: LineKind.COMMISSION,
    EntryKind.EXCHANGE: LineKind.EXCHANGE,
    EntryKind.EXCHANGE_PAYMENT: LineKind.EXCHANGE,
    EntryKind.REFUND: LineKind.REFUND,
    EntryKind.COMMISSION: LineKind.COMMISSION,
    EntryKind.CARRIER_COST: LineKind.BOOKING,
    EntryKind.CARRIER_REFUND: LineKind.REFUND,
}
# Of one booking in one instant.
_ORDER: Final = list(LineKind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Billed:
    """One entry of the account: what it adds to the total, and how it is referred to."""

    operation_id: str
    kind: LineKind
    booking_id: str
    reference: str
    own_reference: str | None
    minor: int
    at: datetime


class _Key(NamedTuple):
    booking_id: str
    own_reference: str | None
    kind: LineKind


def billed(session: Session, statement: StatementRow) -> list[Billed]:
    """The entries that the statement bills, oldest first."""
    holder = AccountHolder(statement.holder)
    own = BookingRow.partner_reference if holder is AccountHolder.PARTNER else ItemRow.order_reference
    query = (
        select(EntryRow, BookingRow.reference, own)
        .join(BookingRow, col(BookingRow.id) == EntryRow.booking_id)
        .join(ItemRow, col(ItemRow.id) == EntryRow.item_id, isouter=True)
        .where(EntryRow.statement_id == statement.id, EntryRow.account == holder)
        .order_by(col(EntryRow.at), col(EntryRow.id))
    )
    sign = -1 if holder is AccountHolder.CARRIER else 1
    return [
        Billed(
            operation_id=_operation(entry.posting),
            kind=LINE_KINDS[EntryKind(entry.kind)],
            booking_id=str(entry.booking_id),
            reference=reference,
            own_reference=own_reference,
            minor=sign * entry.amount_minor,
            at=entry.at,
        )
        for entry, reference, own_reference in session.exec(query)
    ]


def fees(session: Session, statement: StatementRow) -> dict[tuple[str, str], int]:
    """The fees that the billed bookings were sold with, or given back, by booking and operation; none for carriers."""
    if statement.holder == AccountHolder.CARRIER:
        return {}
    bookings = select(EntryRow.booking_id).where(EntryRow.statement_id == statement.id)
    query = (
        select(EntryRow.booking_id, EntryRow.posting, func.sum(EntryRow.amount_minor))
        .where(
            col(EntryRow.booking_id).in_(bookings),
            EntryRow.account == Account.FEES,
            EntryRow.currency == statement.currency,
        )
        .group_by(col(EntryRow.booking_id), col(EntryRow.posting))
    )
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for booking, posting, minor in session.exec(query):
        sums[str(booking), _operation(posting)] -= int(minor)
    return sums


def lines(
    statement: StatementRow, entries: Sequence[Billed], charged: Mapping[tuple[str, str], int]
) -> list[StatementLineRow]:
    """The statement's lines, oldest first; what sums to nothing is none."""
    sums: defaultdict[_Key, int] = defaultdict(int)
    first: dict[_Key, Billed] = {}
    left = dict(charged)
    for entry in entries:
        for kind, minor in _apart(entry, left):
            key = _Key(entry.booking_id, entry.own_reference, kind)
            sums[key] += minor
            first.setdefault(key, entry)
    told = sorted(((key, first[key]) for key, minor in sums.items() if minor), key=_order)
    return [
        StatementLineRow(
            statement_id=statement.id,
            position=position,
            kind=key.kind,
            booking_id=key.booking_id,
            reference=entry.reference,
            own_reference=key.own_reference,
            amount_minor=sums[key],
            currency=statement.currency,
            at=entry.at,
        )
        for position, (key, entry) in enumerate(told, 1)
    ]


def _order(line: tuple[_Key, Billed]) -> tuple[datetime, str, int]:
    key, entry = line
    return entry.at, entry.reference, _ORDER.index(key.kind)


def _apart(entry: Billed, left: dict[tuple[str, str], int]) -> Iterator[tuple[LineKind, int]]:
    """The entry with the fees of its operation apart, as far as the entry covers them: some may be paid by card."""
    charge = 0
    if entry.kind is not LineKind.COMMISSION:
        owner = entry.booking_id, entry.operation_id
        charge = _covered(left.get(owner, 0), entry.minor)
        left[owner] = left.get(owner, 0) - charge
    yield entry.kind, entry.minor - charge
    yield LineKind.FEE, charge


def _covered(fee: int, amount: int) -> int:
    """As much of the fee as the amount holds; nothing where one is given and the other taken."""
    if fee * amount <= 0:
        return 0
    return min(fee, amount) if fee > 0 else max(fee, amount)


def _operation(posting: str) -> str:
    return posting.partition("/")[0]
