"""What belongs to bookings, for many of them at once."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from app.store.reads.owned import Owned, columns, fetched, grouped, ids, single
from app.store.tables import (
    BookingRow,
    EventRow,
    ItemRow,
    OperationRow,
    OperationState,
    PaymentRow,
    StepRow,
    TicketRow,
    TravellerRow,
)

# What the verb reads and how its input was hashed: long, and nobody else's business.
_VERBS_OWN = frozenset({"input", "input_hash"})
_WIRES_OWN = frozenset({"request", "answer"})


def bookings(session: Session, keys: Sequence[Owned]) -> list[BookingRow | None]:
    """Bookings by id."""
    return single(session, BookingRow, "id", keys)


def bookings_by_reference(session: Session, keys: Sequence[Owned]) -> list[BookingRow | None]:
    """Bookings by the reference people read out."""
    return single(session, BookingRow, "reference", keys)


def items(session: Session, keys: Sequence[Owned]) -> list[list[ItemRow]]:
    """Each booking's items, in their order; one that was exchanged before what it was exchanged for."""
    return grouped(session, ItemRow, "booking_id", keys, order=("position", "id"))


def travellers(session: Session, keys: Sequence[Owned]) -> list[list[TravellerRow]]:
    """Each booking's travellers as they are now, in their order."""
    current = col(TravellerRow.current).is_(True)
    return grouped(session, TravellerRow, "booking_id", keys, current, order=("position",))


def tickets(session: Session, keys: Sequence[Owned]) -> list[list[TicketRow]]:
    """Each booking's tickets, oldest first."""
    return grouped(session, TicketRow, "booking_id", keys, order=("issued_at", "id"))


def payments(session: Session, keys: Sequence[Owned]) -> list[list[PaymentRow]]:
    """Each booking's payments, oldest first."""
    return grouped(session, PaymentRow, "booking_id", keys, order=("created_at", "id"))


def timelines(session: Session, keys: Sequence[Owned]) -> list[list[EventRow]]:
    """Everything that happened to each booking, oldest first."""
    return grouped(session, EventRow, "booking_id", keys, order=("id",))


def open_operations(session: Session, keys: Sequence[Owned]) -> list[list[OperationRow]]:
    """What is under way on each booking, or waits for a person."""
    unfinished = col(OperationRow.state).in_([OperationState.OPEN, OperationState.STUCK])
    order = ("created_at", "id")
    return grouped(session, OperationRow, "booking_id", keys, unfinished, order=order, without=_VERBS_OWN)


def refused_operations(session: Session, keys: Sequence[Owned]) -> list[list[OperationRow]]:
    """What was begun on each booking and refused, oldest first."""
    refused = col(OperationRow.state) == OperationState.REFUSED
    order = ("created_at", "id")
    return grouped(session, OperationRow, "booking_id", keys, refused, order=order, without=_VERBS_OWN)


def operations(session: Session, keys: Sequence[Owned]) -> list[OperationRow | None]:
    """Operations by id."""
    return single(session, OperationRow, "id", keys, without=_VERBS_OWN)


def items_by_id(session: Session, keys: Sequence[Owned]) -> list[ItemRow | None]:
    """Items by id."""
    return single(session, ItemRow, "id", keys)


def travellers_by_id(session: Session, keys: Sequence[Owned]) -> list[TravellerRow | None]:
    """Travellers by id, as they are now."""
    return single(session, TravellerRow, "id", keys, col(TravellerRow.current).is_(True))


def tickets_by_id(session: Session, keys: Sequence[Owned]) -> list[TicketRow | None]:
    """Tickets by id."""
    return single(session, TicketRow, "id", keys)


def payments_by_id(session: Session, keys: Sequence[Owned]) -> list[PaymentRow | None]:
    """Payments by id."""
    return single(session, PaymentRow, "id", keys)


def steps(session: Session, keys: Sequence[Owned]) -> list[list[StepRow]]:
    """Each operation's steps in the order they were first asked."""
    query = (
        select(*columns(StepRow, _WIRES_OWN), col(OperationRow.partner_id))
        .join(OperationRow, col(OperationRow.id) == StepRow.operation_id)
        .where(
            col(OperationRow.partner_id).in_({owned.partner_id for owned in keys}),
            col(StepRow.operation_id).in_(ids(keys)),
        )
        .order_by(col(StepRow.asked_first_at), col(StepRow.name), col(StepRow.item_id))
    )
    found: dict[Owned, list[StepRow]] = {owned: [] for owned in keys}
    for row in fetched(session, StepRow, query):
        found[Owned(getattr(row, "partner_id"), row.operation_id)].append(row)  # noqa: B009 - of the other table
    return [found[owned] for owned in keys]
