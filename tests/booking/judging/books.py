"""Our records and the worlds' own, read once for every judgement."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from sqlmodel import Session, col, select

from app.booking.balances import balance, paid
from app.domain import codec
from app.domain.booking import ItemState, PaymentState
from app.domain.events import EventKind
from app.domain.itinerary import Price
from app.domain.money import Money
from app.store.account_tables import StatementLineRow, StatementRow
from app.store.aftersales_tables import CarrierChangeRow, QuoteRow
from app.store.reads.owned import Owned
from app.store.tables import (
    BookingRow,
    EntryRow,
    EventRow,
    ItemRow,
    OperationRow,
    OperationState,
    PartnerRow,
    PaymentRow,
    TicketRow,
)
from tests.booking.judging.departures import BY_OPERATOR, together

PAID = {ItemState.CONFIRMED, ItemState.TICKETED}
LIVE = PAID | {ItemState.NEW, ItemState.REQUESTED, ItemState.HELD}
LIVE_ORDERS = {"requested", "held", "paid"}
# What a carrier gives the travellers to travel with is none of our money.
_CREDIT = {"voucher", "airline_credits"}
_BUSY = {OperationState.OPEN, OperationState.STUCK}
_TOLD = (EventKind.PAYMENT_REFUNDED, EventKind.REFUND_FAILED, EventKind.ITEM_REFUNDED)


class Ledger(Protocol):
    """A world that tells its own truth."""

    def ledger(self) -> Any: ...


class Judged(Protocol):
    """What is judged: a store, the carrier's world and the payment provider's."""

    @property
    def store(self) -> Any: ...

    @property
    def world(self) -> Ledger: ...

    @property
    def tours(self) -> Ledger: ...

    @property
    def bank(self) -> Ledger: ...


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
    quotes: list[QuoteRow]
    carrier_changes: list[CarrierChangeRow]
    told: list[EventRow]
    added: list[EventRow]
    statements: list[StatementRow]
    lines: list[StatementLineRow]
    shown: dict[str, PaymentState]

    @cached_property
    def busy(self) -> set[str | None]:
        """Bookings that an operation is still changing, or that nobody has answered that the operator gave them up."""
        at_work = {row.booking_id for row in self.operations if row.state in _BUSY}
        return at_work | {item.booking_id for item in self.items if item.order_ref in self.given_up}

    @cached_property
    def given_up(self) -> set[str | None]:
        """Orders that the operator ended by itself, and that stand with us until somebody has answered that."""
        ended = {found["order_id"] for found in self.world["cancellations"] if found["id"] == BY_OPERATOR}
        return {item.order_ref for item in self.items if item.state in PAID and item.order_ref in ended}

    @cached_property
    def unsettled(self) -> set[str | None]:
        """Bookings that nothing can be said of yet: busy ones, and those where a person has to act."""
        return self.busy | {item.booking_id for item in self.items if item.stuck}

    @cached_property
    def first_of(self) -> dict[str, str]:
        """By item, the first one of those that it took the place of."""
        before = {item.id: item.replaces for item in self.items}

        def first(item: str) -> str:
            replaced = before.get(item)
            return first(replaced) if replaced else item

        return {item.id: first(item.id) for item in self.items}

    def settled_bookings(self) -> Iterator[tuple[BookingRow, list[ItemRow]]]:
        """Every booking that can be judged whole, with its items."""
        for booking in self.bookings:
            if booking.id not in self.unsettled:
                yield booking, [item for item in self.items if item.booking_id == booking.id]

    def due(self, booking: BookingRow) -> int:
        """What it costs now: what is sold, and what refunds left to be paid for."""
        price = booking.total_minor if booking.state in PAID else 0
        return price + booking.kept_minor

    def owed_back(self, booking: BookingRow) -> int:
        """What providers would not give back when it was tried last: that stays owed, and shown to everybody."""
        mine = [event for event in self.told if event.booking_id == booking.id]
        tries = [event for event in mine if event.kind != EventKind.ITEM_REFUNDED]
        last = tries[-1].operation_id if tries else None
        failed = [event for event in tries if event.kind == EventKind.REFUND_FAILED and event.operation_id == last]
        return sum(money(event.facts["amount"]).minor for event in failed)

    def on_deposit(self, item: ItemRow) -> bool:
        """Whether a deposit confirmed the item, and the rest was to be paid later."""
        return (item.offer or {}).get("deposit") is not None

    def payable(self, order: str) -> int:
        """How often the order was to be paid: once, for every exchange that cost something, and for services added."""
        return 1 + self._additions(order) + sum(Decimal(change["amount"]) > 0 for change in self.changes(order))

    def _additions(self, order: str) -> int:
        """How often services were added to the order, or may have been, while an operation still finds that out."""
        mine = {item.id: item.booking_id in self.busy for item in self.items if item.order_ref == order}
        quotes = (quote.facts["item"] for quote in self.quotes_used("SERVICES"))
        asked = sum(mine.get(item, False) for item in quotes)
        return asked or sum(event.item_id in mine for event in self.added)

    def charges(self, order: str) -> list[Any]:
        return [charge for charge in self.world["charges"] if charge["order_id"] == order]

    def refunds(self, order: str) -> list[Any]:
        """What came back to us as money."""
        return [found for found in self.world["refunds"] if found["order_id"] == order and found["to"] not in _CREDIT]

    def changes(self, order: str) -> list[Any]:
        """The exchanges that were made."""
        return [
            change for change in self.world["changes"] if change["order_id"] == order and change["state"] == "confirmed"
        ]

    def quotes_used(self, kind: str) -> list[QuoteRow]:
        return [quote for quote in self.quotes if quote.kind == kind and quote.used_by is not None]


def money(facts: Any) -> Money:
    """An amount as the journal and the timeline hold it."""
    return codec.load(Money, facts)


def price_of(item: ItemRow) -> Price:
    return codec.load(Price, item.price)


def in_minor(entry: Any) -> int:
    """The amount of a line in the carrier's ledger, in minor units."""
    return Money.of(entry["amount"], entry["currency"]).minor


_TABLES: dict[str, Any] = {
    "partners": PartnerRow,
    "bookings": BookingRow,
    "items": ItemRow,
    "operations": OperationRow,
    "entries": EntryRow,
    "payments": PaymentRow,
    "tickets": TicketRow,
    "quotes": QuoteRow,
    "carrier_changes": CarrierChangeRow,
    "statements": StatementRow,
    "lines": StatementLineRow,
}


async def books(house: Judged) -> Books:
    """Everything to judge by."""

    def read(session: Session) -> dict[str, Any]:
        found: dict[str, Any] = {name: list(session.exec(select(table)).all()) for name, table in _TABLES.items()}
        told = select(EventRow).where(col(EventRow.kind).in_(_TOLD)).order_by(col(EventRow.id))
        added = select(EventRow).where(EventRow.kind == EventKind.SERVICES_ADDED)
        return found | {
            "told": list(session.exec(told).all()),
            "added": list(session.exec(added).all()),
            "shown": _shown(session, found["bookings"]),
        }

    world = together(house.world.ledger(), house.tours.ledger())
    return Books(world=world, bank=house.bank.ledger(), **await house.store.read(read))


def _shown(session: Session, bookings: list[BookingRow]) -> dict[str, PaymentState]:
    """What clients are told of each booking's money."""
    moved = paid(session, [Owned(booking.partner_id, booking.id) for booking in bookings])
    return {booking.id: balance(booking, each).state for booking, each in zip(bookings, moved, strict=True)}
