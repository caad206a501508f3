"""What is still to be paid after deposits, item by item."""

from collections.abc import Mapping

from sqlmodel import Session

from app import ledger
from app.booking.facts import offer_of, price_of, standing_items
from app.domain.booking import ItemState
from app.domain.money import Money, total
from app.pricing.price import to_confirm
from app.store.tables import BookingRow, ItemRow

_SOLD = {ItemState.CONFIRMED, ItemState.TICKETED}


def rests(session: Session, booking: BookingRow) -> Mapping[str, Money]:
    """By id, what is still to be paid of each item that a deposit confirmed; zero once everything is paid.

    Payments are the booking's: what is left to pay of it is shared in proportion to what the deposits left.
    """
    sold = [item for item in standing_items(session, booking.id) if item.state in _SOLD]
    left = {item.id: rest for item in sold if (rest := _rest(item)) is not None}
    whole = total(left.values(), booking.currency)
    unpaid = max(ledger.outstanding(session, booking.id, booking.currency), Money.zero(booking.currency))
    # What else is not paid, such as a card that failed, is nothing that a deposit allows.
    unpaid = unpaid if len(left) == len(sold) else min(unpaid, whole)
    parts = unpaid.split([rest.minor for rest in left.values()]) if whole else []
    return dict(zip(left, parts, strict=False))


def _rest(item: ItemRow) -> Money | None:
    """What its deposit leaves of the item's price; None where none was agreed."""
    offer, price = offer_of(item), price_of(item).total
    if offer is None or offer.deposit is None:
        return None
    return max(price - to_confirm(offer, price), Money.zero(price.currency))
