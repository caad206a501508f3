"""How a booking's facts change: items move by the table, the headline follows, the timeline tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from app.domain import codec
from app.domain.booking import OVER, ItemState, headline, moved
from app.domain.events import EventKind
from app.domain.itinerary import CarrierOffer, Journey, Price
from app.domain.money import Money, total
from app.domain.refusals import NotFound
from app.domain.tours import TourStay
from app.journal.run import Claim
from app.pricing.price import to_confirm
from app.store.tables import BookingRow, EventRow, ItemRow, OperationRow, OperationState

_LIVE = {ItemState.NEW, ItemState.REQUESTED, ItemState.HELD, ItemState.CONFIRMED, ItemState.TICKETED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who writes a line of the timeline: the operation, if one does, on whose booking, for whom."""

    partner_id: str
    booking_id: str
    operation_id: str | None
    actor: str


def owned_booking(session: Session, partner_id: str, booking_id: str) -> BookingRow:
    """The partner's booking, locked; NotFound also when it is another partner's."""
    row = session.get(BookingRow, booking_id, with_for_update=True)
    if row is None or row.partner_id != partner_id:
        raise NotFound(message="No booking with this id exists.", path=("input", "bookingId"))
    return row


def items_of(session: Session, booking_id: str) -> list[ItemRow]:
    """The booking's items in their order."""
    query = select(ItemRow).where(ItemRow.booking_id == booking_id).order_by(col(ItemRow.position))
    return list(session.exec(query).all())


def standing_items(session: Session, booking_id: str) -> list[ItemRow]:
    """The booking's items in their order, without those that others replaced, and what was to replace them in vain."""
    return _standing(items_of(session, booking_id))


def live_rows(session: Session, booking_id: str) -> list[ItemRow]:
    """The booking's items in their order that are still to be travelled."""
    return [item for item in standing_items(session, booking_id) if item.state in _LIVE]


def _standing(items: Sequence[ItemRow]) -> list[ItemRow]:
    return [
        item
        for item in items
        if item.state != ItemState.EXCHANGED and not (item.state == ItemState.REJECTED and item.replaces)
    ]


def counted_items(session: Session, booking_id: str) -> list[ItemRow]:
    """The booking's items in their order that make what it is, and costs."""
    return _counted(items_of(session, booking_id))


def _counted(items: Sequence[ItemRow]) -> list[ItemRow]:
    """The standing ones; what is to take another's place counts once that has gone, and not where both have ended."""
    standing = _standing(items)
    first = {item.id for item in standing if item.state in _LIVE} or {item.id for item in standing}
    return [item for item in standing if item.replaces not in first]


def busy_bookings() -> Any:  # noqa: ANN401 - SQL
    """The ids of bookings that an operation is changing: whatever else is due for them waits."""
    return select(OperationRow.booking_id).where(
        col(OperationRow.state).in_([OperationState.OPEN, OperationState.STUCK]),
        col(OperationRow.booking_id).is_not(None),
    )


def price_of(item: ItemRow) -> Price:
    """What the customer pays for the item."""
    return codec.load(Price, item.price)


def offer_of(item: ItemRow) -> CarrierOffer | None:
    """The carrier's offer as it was last checked."""
    return codec.load(CarrierOffer, item.offer) if item.offer else None


def stay_of(item: ItemRow) -> TourStay | None:
    """The departure that the item is for; None where it is for flights."""
    offer = offer_of(item)
    return offer.stay if offer else None


def tell(
    session: Session,
    author: Author | Claim,
    kind: EventKind,
    at: datetime,
    *,
    item_id: str | None = None,
    **facts: object,
) -> None:
    """Add one line to the booking's timeline."""
    session.add(
        EventRow(
            partner_id=author.partner_id,
            booking_id=str(author.booking_id),
            item_id=item_id,
            operation_id=author.operation_id,
            kind=kind,
            actor=author.actor,
            facts={name: codec.dump(_in_utc(value)) for name, value in facts.items() if value is not None},
            at=at,
        )
    )


def _in_utc(value: object) -> object:
    """An instant as every timeline tells it, also where terms say it by the clock of a place."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def move(session: Session, item: ItemRow, state: ItemState) -> None:
    """Move the item, and its booking's headline with it. ForbiddenMoveError where the table allows no move."""
    item.state = moved(ItemState(item.state), state)
    refresh(session, item.booking_id)


def refresh(session: Session, booking_id: str) -> None:
    """Compute the booking's headline facts anew from its items."""
    booking = session.get_one(BookingRow, booking_id, with_for_update=True)
    items = items_of(session, booking_id)
    counted = _counted(items)
    live = [item for item in counted if item.state in _LIVE] or counted
    booking.state = headline(ItemState(item.state) for item in counted)
    booking.total_minor = total((price_of(item).total for item in live), booking.currency).minor
    booking.departs_at = earliest(*(offer.departs_at for item in live if (offer := offer_of(item))))
    booking.kept_minor = sum(item.kept_minor for item in items)
    booking.version += 1


def cost_of(booking: BookingRow) -> Money:
    """What the booking costs: its live items, and what refunds left to be paid for others."""
    live = 0 if booking.state in OVER else booking.total_minor
    return Money(live + booking.kept_minor, booking.currency)


def deposit_minor(items: Sequence[ItemRow]) -> int | None:
    """What confirms the items together, in minor units of the selling currency; None where that takes the total."""
    priced = [(price_of(item), offer_of(item)) for item in items]
    if not any(offer and offer.deposit for _, offer in priced):
        return None
    return sum(deposit_of(price, offer).minor for price, offer in priced)


def deposit_of(price: Price, offer: CarrierOffer | None) -> Money:
    """What of the selling price confirms the offer, or has; all of it where nothing is known."""
    if price.deposit is not None:
        return price.deposit
    return to_confirm(offer, price.total) if offer else price.total


def balance_due_at(item: ItemRow) -> datetime | None:
    """When the rest of the item has to be paid; None where all of it is at once, or the carrier does not say."""
    offer = offer_of(item)
    return offer.balance_due_at if offer else None


def _flight_keys(journeys: tuple[Journey, ...]) -> str:
    """Marketing code, number and local date of each flight, between blanks."""
    keys = (
        f"{segment.marketing.code}{segment.flight_number}/{segment.departs_at:%Y-%m-%d}"
        for journey in journeys
        for segment in journey.segments
    )
    return f" {' '.join(keys)} "


def travel_keys(journeys: tuple[Journey, ...], stay: TourStay | None) -> str:
    """What tells that somebody travels twice at once: the keys of the flights, and of each night on a tour."""
    return f"{_flight_keys(journeys)}{' '.join(_nights(stay))} " if stay else _flight_keys(journeys)


def _nights(stay: TourStay) -> list[str]:
    """Another tour can begin as this one ends; one of a single day takes that day."""
    first = stay.key.starts_on
    return [f"tour/{first + timedelta(days=night)}" for night in range(max((stay.ends_on - first).days, 1))]


def earliest(*instants: datetime | None) -> datetime | None:
    """The earliest of those that are known."""
    return min((instant for instant in instants if instant is not None), default=None)


def before(instant: datetime | None, margin: timedelta) -> datetime | None:
    """The instant less a margin, where there is one."""
    return None if instant is None else instant - margin
