"""What is still to be paid after deposits, item by item."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlmodel import Session

from app.booking.facts import balance_due_at, deposit_of, offer_of, price_of, standing_items
from app.domain.booking import ItemState
from app.domain.money import Money, total
from app.store.tables import BookingRow, ItemRow

_SOLD = {ItemState.CONFIRMED, ItemState.TICKETED}
_FIRST = datetime.min.replace(tzinfo=UTC)


def rests(session: Session, booking: BookingRow, unpaid: Money) -> Mapping[str, Money]:
    """By id, what is still to be paid of each item that a deposit confirmed, where so much of the booking is `unpaid`.

    Payments are the booking's, and pay what is due first: what is left to pay of it is of the items that are due last.
    """
    sold = [item for item in standing_items(session, booking.id) if item.state in _SOLD]
    latest = sorted(filter(_on_deposit, sold), key=lambda item: balance_due_at(item) or _FIRST, reverse=True)
    left = {item.id: _rest(item) for item in latest}
    unpaid = max(unpaid, Money.zero(booking.currency))
    if len(left) < len(sold):
        # What else is not paid, such as a card that failed, is nothing that a deposit allows.
        unpaid = min(unpaid, total(left.values(), booking.currency))
    return _shared(left, unpaid)


def _shared(left: Mapping[str, Money], unpaid: Money) -> Mapping[str, Money]:
    """The amount over the items in their order, each up to what is left of it; whatever is more is the first one's."""
    shares = {}
    for item, rest in left.items():
        shares[item] = min(rest, unpaid)
        unpaid -= shares[item]
    return {item: share + unpaid if item == next(iter(shares)) else share for item, share in shares.items()}


def _on_deposit(item: ItemRow) -> bool:
    offer = offer_of(item)
    return offer is not None and offer.deposit is not None


def _rest(item: ItemRow) -> Money:
    """What its deposit leaves of the item's price."""
    price = price_of(item)
    return max(price.total - deposit_of(price, offer_of(item)), Money.zero(price.currency))
