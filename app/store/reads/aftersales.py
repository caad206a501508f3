"""What carriers were asked for after the sale, for many bookings or operations at once."""

from collections.abc import Sequence

from sqlmodel import Session

from app.store.aftersales_tables import CarrierChangeRow, QuoteRow
from app.store.reads.owned import Owned, grouped, single

_OLDEST_FIRST = ("created_at", "id")


def quotes(session: Session, keys: Sequence[Owned]) -> list[list[QuoteRow]]:
    """Each booking's quotes, oldest first."""
    return grouped(session, QuoteRow, "booking_id", keys, order=_OLDEST_FIRST)


def quotes_of_operations(session: Session, keys: Sequence[Owned]) -> list[list[QuoteRow]]:
    """The quotes that each operation asked for, in their order."""
    return grouped(session, QuoteRow, "operation_id", keys, order=_OLDEST_FIRST)


def quotes_by_id(session: Session, keys: Sequence[Owned]) -> list[QuoteRow | None]:
    """Quotes by id."""
    return single(session, QuoteRow, "id", keys)


def carrier_changes(session: Session, keys: Sequence[Owned]) -> list[list[CarrierChangeRow]]:
    """What carriers changed of each booking, oldest first."""
    return grouped(session, CarrierChangeRow, "booking_id", keys, order=("found_at", "id"))


def carrier_changes_by_id(session: Session, keys: Sequence[Owned]) -> list[CarrierChangeRow | None]:
    """Carriers' changes by id."""
    return single(session, CarrierChangeRow, "id", keys)
