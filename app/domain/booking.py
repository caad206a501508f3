"""The states of a booking: fulfilment, ticketing and payment, each on an axis of its own."""

from collections.abc import Iterable
from enum import StrEnum

from app.domain.money import Money


class ItemState(StrEnum):
    """How far one carrier's part of a booking has come."""

    NEW = "NEW"
    REQUESTED = "REQUESTED"
    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    TICKETED = "TICKETED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"
    EXCHANGED = "EXCHANGED"


class TicketingStatus(StrEnum):
    """Where an item's tickets are."""

    NOT_STARTED = "NOT_STARTED"
    PENDING = "PENDING"
    ISSUED = "ISSUED"
    FAILED = "FAILED"


class TicketStatus(StrEnum):
    """What a ticket is still good for."""

    VALID = "VALID"
    USED = "USED"
    REFUNDED = "REFUNDED"
    EXCHANGED = "EXCHANGED"
    VOID = "VOID"


class PaymentState(StrEnum):
    """What has been paid; derived from the ledger, never edited."""

    UNPAID = "UNPAID"
    AUTHORISED = "AUTHORISED"
    PART_PAID = "PART_PAID"
    PAID = "PAID"
    REFUND_DUE = "REFUND_DUE"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"
    REFUNDED = "REFUNDED"


class BookingState(StrEnum):
    """A booking's headline, computed from its items."""

    NEW = "NEW"
    REQUESTED = "REQUESTED"
    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    TICKETED = "TICKETED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"


_S = ItemState
MOVES: dict[ItemState, frozenset[ItemState]] = {
    _S.NEW: frozenset({_S.REQUESTED, _S.HELD, _S.REJECTED, _S.CANCELLED}),
    _S.REQUESTED: frozenset({_S.HELD, _S.CONFIRMED, _S.REJECTED, _S.CANCELLED, _S.EXPIRED}),
    _S.HELD: frozenset({_S.CONFIRMED, _S.TICKETED, _S.CANCELLED, _S.EXPIRED, _S.REJECTED, _S.EXCHANGED}),
    _S.CONFIRMED: frozenset({_S.TICKETED, _S.CANCELLED, _S.REFUNDED, _S.EXCHANGED}),
    _S.TICKETED: frozenset({_S.CANCELLED, _S.REFUNDED, _S.EXCHANGED}),
    _S.REJECTED: frozenset(),
    # Cancelled at the carrier first; refunded once the money is back where it came from.
    _S.CANCELLED: frozenset({_S.REFUNDED}),
    _S.EXPIRED: frozenset(),
    _S.REFUNDED: frozenset(),
    _S.EXCHANGED: frozenset(),
}

# Nothing is left to pay for what will not be travelled.
OVER = frozenset({BookingState.REJECTED, BookingState.CANCELLED, BookingState.EXPIRED, BookingState.REFUNDED})
# A booking is only as far as its slowest live item.
_PROGRESS = (_S.NEW, _S.REQUESTED, _S.HELD, _S.CONFIRMED, _S.TICKETED)
# With nothing live left, the headline is what the traveller feels most; what waits for its money is not refunded yet.
_ENDINGS = (_S.CANCELLED, _S.REFUNDED, _S.EXPIRED, _S.REJECTED)


class ForbiddenMoveError(RuntimeError):
    """A bug: an item was moved where the table allows no move."""


def moved(old: ItemState, new: ItemState) -> ItemState:
    """The new state, if the table allows the move; staying is always allowed. ForbiddenMoveError otherwise."""
    if new != old and new not in MOVES[old]:
        raise ForbiddenMoveError(f"an item cannot move from {old} to {new}")
    return new


def headline(items: Iterable[ItemState]) -> BookingState:
    """A booking's state from its items': the slowest live one, or the ending when none is live."""
    states = set(items)
    live = next((state for state in _PROGRESS if state in states), None)
    ending = next((state for state in _ENDINGS if state in states), ItemState.NEW)
    return BookingState((live or ending).value)


def payment_state(total: Money, paid: Money, authorised: Money, refunded: Money) -> PaymentState:
    """Where a booking's money stands: what it costs, what was captured less refunds, what is reserved, the refunds.

    What is missing or too much comes before what was given back, since somebody has to act on it.
    """
    if not paid:
        return _nothing_paid(authorised, refunded)
    if paid != total:
        return PaymentState.REFUND_DUE if paid > total else PaymentState.PART_PAID
    return PaymentState.PARTLY_REFUNDED if refunded else PaymentState.PAID


def _nothing_paid(authorised: Money, refunded: Money) -> PaymentState:
    if authorised:
        return PaymentState.AUTHORISED
    return PaymentState.REFUNDED if refunded else PaymentState.UNPAID
