"""Judges the gateway by the world's own ledger: nothing doubled, nothing orphaned, every amount accounted for."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from app.domain import codec
from app.domain.booking import ItemState, headline
from app.domain.events import EventKind
from app.domain.money import Money
from app.store.account_tables import StatementLineRow, StatementRow
from app.store.partners import partner_of
from app.store.tables import (
    BookingRow,
    EntryRow,
    EventRow,
    ItemRow,
    OperationRow,
    OperationState,
    PartnerRow,
    PaymentRow,
    PaymentStatus,
    TicketRow,
)
from tests.booking.house import House

_PAID = {ItemState.CONFIRMED, ItemState.TICKETED}
_BUSY = {OperationState.OPEN, OperationState.STUCK}
_LIVE_ORDERS = {"held", "paid"}


@dataclass
class Books:
    """Our records, read in one transaction, beside the world's."""

    world: dict[str, Any]
    bank: dict[str, Any]
    partners: list[PartnerRow]
    bookings: list[BookingRow]
    items: list[ItemRow]
    operations: list[OperationRow]
    entries: list[EntryRow]
    payments: list[PaymentRow]
    tickets: list[TicketRow]
    refused: list[EventRow]
    statements: list[StatementRow]
    lines: list[StatementLineRow]

    @property
    def busy(self) -> set[str | None]:
        """Bookings that an operation is still changing."""
        return {row.booking_id for row in self.operations if row.state in _BUSY}

    def due(self, booking: BookingRow) -> int:
        """What it costs now, and what a provider would not give back of it: that is owed, and shown to everybody."""
        price = booking.total_minor if booking.state in {"CONFIRMED", "TICKETED"} else 0
        mine = [event for event in self.refused if event.booking_id == booking.id]
        return price + booking.kept_minor + sum(codec.load(Money, event.facts["amount"]).minor for event in mine)

    def payable(self, order: str) -> int:
        """How often the order was to be paid: once, and for every exchange that cost something."""
        changes = [change for change in self.world["changes"] if change["order_id"] == order]
        return 1 + sum(change["state"] == "confirmed" and Decimal(change["amount"]) > 0 for change in changes)

    def charges(self, order: str) -> list[Any]:
        return [charge for charge in self.world["charges"] if charge["order_id"] == order]


async def books(house: House) -> Books:
    """Everything to judge by."""

    def read(session: Session) -> dict[str, Any]:
        tables = {
            "partners": PartnerRow,
            "bookings": BookingRow,
            "items": ItemRow,
            "operations": OperationRow,
            "entries": EntryRow,
            "payments": PaymentRow,
            "tickets": TicketRow,
            "statements": StatementRow,
            "lines": StatementLineRow,
        }
        found: dict[str, Any] = {name: list(session.exec(select(table)).all()) for name, table in tables.items()}
        refused = select(EventRow).where(EventRow.kind == EventKind.REFUND_FAILED)
        return found | {"refused": list(session.exec(refused).all())}

    return Books(world=house.world.ledger(), bank=house.bank.ledger(), **await house.store.read(read))


async def complaints(house: House, *, quiet: bool = True) -> list[str]:
    """Every broken promise, in words. While not quiet, an open operation may still owe an explanation."""
    read = await books(house)
    found = [*_orders(read), *_doubles(read), *_items(read), *_headlines(read), *_balance(read), *_payments(read)]
    found += [*_charged(read), *_keys(read), *_credit(read), *_statements(read)]
    return [*found, *_unquiet(read), *_carrier_account(read)] if quiet else found


async def judge(house: House) -> None:
    """Fail when a promise is broken, now that nothing is under way."""
    assert await complaints(house) == []


def _orders(read: Books) -> Iterator[str]:
    """Every live order belongs to exactly one item in the fitting state, or to an operation still at work."""
    owner = {row.id: row.booking_id for row in read.operations}
    for order in read.world["orders"]:
        if order["state"] not in _LIVE_ORDERS:
            continue
        mine = [item for item in read.items if item.order_ref == order["order_id"]]
        fitting = _PAID if order["state"] == "paid" else {ItemState.HELD}
        good = [item for item in mine if item.state in fitting]
        booking = owner.get(order["metadata"]["faregate_key"].partition("/")[0])
        explained = booking in read.busy or any(item.stuck for item in mine)
        if len(good) != 1 and not explained:
            yield f"order {order['order_id']} is {order['state']}, and its items are {[i.state for i in mine]}"


def _doubles(read: Books) -> Iterator[str]:
    keys = Counter(order["metadata"]["faregate_key"] for order in read.world["orders"])
    yield from (f"{count} orders for {key}" for key, count in keys.items() if count > 1)
    charged = Counter(charge["order_id"] for charge in read.world["charges"])
    yield from (f"{count} charges for {order}" for order, count in charged.items() if count > read.payable(order))
    passengers = {order["order_id"]: order["passengers"] for order in read.world["orders"]}
    issued = Counter(document["order_id"] for document in read.world["documents"] if document["state"] != "exchanged")
    yield from (f"{count} tickets for {order}" for order, count in issued.items() if count > passengers[order])
    standing = [item for item in read.items if item.state != ItemState.EXCHANGED]
    references = Counter(item.order_ref for item in standing if item.order_ref)
    yield from (f"{count} items share {order}" for order, count in references.items() if count > 1)


def _items(read: Books) -> Iterator[str]:
    """What we say of each item is so in the world."""
    orders = {order["order_id"]: order for order in read.world["orders"]}
    documents = defaultdict(set)
    for document in read.world["documents"]:
        if document["state"] != "exchanged":
            documents[document["order_id"]].add(document["number"])
    for item in read.items:
        order = orders.get(item.order_ref or "")
        if item.booking_id in read.busy or item.stuck:
            continue
        once = len(read.charges(item.order_ref)) == read.payable(item.order_ref)
        if item.state in _PAID and not (order and order["state"] == "paid" and once):
            yield f"item {item.id} is {item.state}, and its order is {order}"
        if item.state == ItemState.TICKETED:
            ours = {ticket.number for ticket in read.tickets if ticket.item_id == item.id}
            if ours != documents[item.order_ref or ""]:
                yield f"item {item.id} has tickets {ours}, not {documents[item.order_ref or '']}"
        if (
            item.state == ItemState.HELD
            and item.inventory_held
            and not (order and order["state"] in {"held", "expired"})
        ):
            yield f"item {item.id} is HELD, and its order is {order}"


def _headlines(read: Books) -> Iterator[str]:
    for booking in read.bookings:
        states = [ItemState(item.state) for item in read.items if item.booking_id == booking.id]
        if booking.state != headline(states):
            yield f"booking {booking.id} is {booking.state}, its items {states}"


def _balance(read: Books) -> Iterator[str]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for entry in read.entries:
        sums[entry.posting, entry.currency] += entry.amount_minor
    yield from (f"posting {key} is off by {off}" for key, off in sums.items() if off)
    repeated = Counter((e.posting, e.account, e.party, e.currency, e.amount_minor > 0) for e in read.entries)
    yield from (f"{line} was posted {count} times" for line, count in repeated.items() if count > 1)


def _payments(read: Books) -> Iterator[str]:
    """What was taken is for what was sold, at most once, and the ledger has it at the right source."""
    for booking in read.bookings:
        if booking.id in read.busy or any(item.stuck for item in read.items if item.booking_id == booking.id):
            continue
        mine = [payment for payment in read.payments if payment.booking_id == booking.id]
        captured = [payment for payment in mine if payment.status == PaymentStatus.CAPTURED]
        taken = sum(payment.amount_minor - payment.refunded_minor for payment in captured)
        due = read.due(booking)
        # Less is taken only on a deposit, or where a provider would not let us take what it had authorised.
        failed = any(payment.status == PaymentStatus.FAILED and payment.charge for payment in mine)
        part = booking.deposit_minor is not None or failed
        if taken > due or (taken < due and not part):
            yield f"booking {booking.id} ({booking.state}) was paid {taken} of {due}"
        for method, account in (("ON_ACCOUNT", "PARTNER"), ("CARD", "PROVIDER")):
            by_method = sum(p.amount_minor - p.refunded_minor for p in captured if p.method == method)
            booked = sum(
                entry.amount_minor
                for entry in read.entries
                if entry.booking_id == booking.id and entry.account == account and entry.kind in _PAYMENTS
            )
            if booked != by_method:
                yield f"booking {booking.id} has {booked} in {account}, and payments of {by_method} {method}"


_PAYMENTS = {"PAYMENT", "EXCHANGE_PAYMENT", "REFUND"}
# What the provider says of a charge, for each thing we say of its payment.
_CHARGED = {
    "PENDING": {"open", "authorised", "closed"},
    "AUTHORISED": {"authorised"},
    "CAPTURED": {"captured"},
    "VOIDED": {"closed"},
    "EXPIRED": {"closed"},
    "FAILED": {"closed"},
}


def _charged(read: Books) -> Iterator[str]:
    """At the payment provider: one charge for each payment, and no booking charged for more than it is."""
    keys = Counter(charge["payment"] for charge in read.bank["charges"])
    yield from (f"{count} charges for payment {payment}" for payment, count in keys.items() if count > 1)
    charge_of = {charge["payment"]: charge for charge in read.bank["charges"]}
    net: dict[str, int] = defaultdict(int)
    for payment in read.payments:
        charge = charge_of.get(payment.id)
        if payment.method != "CARD" or charge is None:
            continue
        net[payment.booking_id] += charge["net_minor"]
        if payment.booking_id in read.busy:
            continue
        taken = payment.amount_minor - payment.refunded_minor if payment.status == PaymentStatus.CAPTURED else 0
        # Nobody has the form of a charge that came into being after we had given it up.
        unknown = {"open"} if payment.charge is None else set()
        if charge["state"] not in _CHARGED[payment.status] | unknown or charge["net_minor"] != taken:
            yield f"payment {payment.id} is {payment.status} of {taken}, and the provider says {charge}"
    for booking in read.bookings:
        most = read.due(booking)
        if booking.id not in read.busy and net[booking.id] > most:
            yield f"booking {booking.id} ({booking.state}) was charged {net[booking.id]} of {most}"


def _keys(read: Books) -> Iterator[str]:
    """What a client asked for once, however often it said so, was done once."""
    keys = Counter((row.partner_id, row.key) for row in read.operations)
    yield from (f"{count} operations for the key {key}" for key, count in keys.items() if count > 1)


def _credit(read: Books) -> Iterator[str]:
    """No partner owes, or has under way, more than was agreed."""
    used: dict[tuple[str, str], int] = defaultdict(int)
    for entry in read.entries:
        if entry.account == "PARTNER":
            used[entry.party, entry.currency] += entry.amount_minor
    for payment in read.payments:
        if payment.status == PaymentStatus.AUTHORISED and payment.method == "ON_ACCOUNT":
            used[payment.partner_id, payment.currency] += payment.amount_minor
    limits = {row.id: partner_of(row).credit for row in read.partners}
    for (partner, currency), minor in used.items():
        if minor > limits[partner].get(currency, Money.zero(currency)).minor:
            yield f"{partner} owes {minor} {currency}, more than its credit"


def _statements(read: Books) -> Iterator[str]:
    """Every statement is the sum of the entries it bills, all of its own account and cycle, and of its lines."""
    for statement in read.statements:
        account = statement.holder, statement.party, statement.currency
        billed = [entry for entry in read.entries if entry.statement_id == statement.id]
        if any((e.account, e.party, e.currency) != account or e.at >= statement.ends_at for e in billed):
            yield f"statement {statement.id} bills what is none of its own"
        sign = -1 if statement.holder == "CARRIER" else 1
        entries = sign * sum(entry.amount_minor for entry in billed)
        lines = sum(line.amount_minor for line in read.lines if line.statement_id == statement.id)
        if not statement.total_minor == entries == lines:
            yield f"statement {statement.id} is {statement.total_minor}, its entries {entries}, its lines {lines}"


def _unquiet(read: Books) -> Iterator[str]:
    yield from (f"operation {row.id} ({row.verb}) is open" for row in read.operations if row.state == "OPEN")
    stuck = {row.booking_id for row in read.operations if row.state == OperationState.STUCK}
    held = {row.id for row in read.bookings if row.state == "HELD"}
    for payment in read.payments:
        # A part payment waits for the rest as long as its booking is held.
        if payment.status == PaymentStatus.AUTHORISED and payment.booking_id not in stuck | held:
            yield f"payment {payment.id} still reserves money"
        if payment.status == PaymentStatus.PENDING and payment.check_at is None and payment.booking_id not in stuck:
            yield f"nobody looks at the form of payment {payment.id} any more"


def _carrier_account(read: Books) -> Iterator[str]:
    """What we say we owe the carrier is what it took less what it gave back as money."""
    if any(row.state == OperationState.STUCK for row in read.operations):
        return
    world: dict[str, int] = defaultdict(int)
    for charge in read.world["charges"]:
        world[charge["currency"]] += Money.of(charge["amount"], charge["currency"]).minor
    for refund in read.world["refunds"]:
        if refund["to"] not in {"voucher", "airline_credits"}:
            world[refund["currency"]] -= Money.of(refund["amount"], refund["currency"]).minor
    ours: dict[str, int] = defaultdict(int)
    for entry in read.entries:
        if entry.account == "CARRIER":
            ours[entry.currency] -= entry.amount_minor
    for currency in world.keys() | ours.keys():
        if world[currency] != ours[currency]:
            yield f"the carrier took {world[currency]} {currency}, and we say {ours[currency]}"
