"""Whether a booking can be paid, how much of it, and whether what is reserved covers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from app.booking.facts import cost_of, live_rows, offer_of, price_of, standing_items
from app.booking.funds import Fund, covered, fund_of, left_to_pay, payments_of
from app.booking.people import current_rows, versions
from app.booking.services import chosen_of
from app.domain import codec
from app.domain.aftersales import CarrierChange, ServiceChoice
from app.domain.booking import BookingState, ItemState
from app.domain.itinerary import FareConditions, Price
from app.domain.money import Money
from app.domain.refusals import BalanceDue, InvalidInput, PaymentTooLate, RequestPending, WrongState
from app.store.aftersales_tables import CarrierChangeRow, ChangeState
from app.store.tables import BookingRow, ItemRow, PaymentStatus

# A guarantee that ends while we ask is none.
_SOON = timedelta(minutes=1)
# With something left to pay, these can still be paid: the rest after a deposit, what could not be captured.
_CONFIRMED = {BookingState.CONFIRMED, BookingState.TICKETED}


@dataclass(frozen=True, kw_only=True, slots=True)
class PayItem:
    """One item to confirm. `order` is the held order to pay; None buys `offer` at once, with `services`."""

    item: str
    carrier: str
    order: str | None
    offer: str
    price: Price
    guaranteed: bool
    reversible: bool
    passengers: Mapping[str, str]
    services: tuple[ServiceChoice, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PayOrder:
    """All that fulfilling a booking reads.

    `items` are to be confirmed, none where that was done before. `shown` is the total everybody agreed to, `highest`
    what it may become without asking; `captured` is paid already, and `funds` are reserved for the rest.
    """

    items: tuple[PayItem, ...]
    travellers: Mapping[str, int]
    shown: Money
    highest: Money
    captured: Money
    funds: tuple[Fund, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """What to do with what is reserved: fulfil the `order`, `release` funds nobody needs, or let them wait for more."""

    order: PayOrder | None = None
    release: tuple[Fund, ...] = ()
    waiting: tuple[Fund, ...] = ()


def cover(session: Session, booking: BookingRow, now: datetime, highest: Money | None = None) -> Cover:
    """Whether the booking's reserved payments cover it by now, or are for nothing."""
    funds = tuple(map(fund_of, payments_of(session, booking.id, PaymentStatus.AUTHORISED)))
    items = standing_items(session, booking.id)
    captured = covered(session, booking, PaymentStatus.CAPTURED)
    shown = cost_of(booking)
    highest = highest or shown
    held = booking.state == BookingState.HELD and not any(_ended(item) for item in items)
    if not (held or (booking.state in _CONFIRMED and captured < shown)):
        return Cover(release=funds)
    reserved = covered(session, booking, PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED)
    # What the price may move by is reserved too, and pays nothing.
    if held and reserved - (highest - shown) < needed(booking, now):
        return Cover(waiting=funds)
    order = PayOrder(
        items=tuple(_pay_item(item, now) for item in items) if held else (),
        travellers=versions(current_rows(session, booking.id)) if held else {},
        shown=shown,
        highest=highest,
        captured=captured,
        funds=funds,
    )
    return Cover(order=order)


def needed(booking: BookingRow, now: datetime) -> Money:
    """What has to be paid before anything is confirmed: the deposit, as long as one does, else everything."""
    deposit = None if _balance_is_due(booking, now) else booking.deposit_minor
    return Money(booking.total_minor if deposit is None else deposit, booking.currency)


def amount_to_pay(session: Session, booking: BookingRow, wanted: Money | None, now: datetime) -> Money:
    """What a payment of the booking is for: `wanted`, or all that is left.

    PaymentTooLate, RequestPending, WrongState, InvalidInput or BalanceDue when it cannot be paid, or not just so much.
    """
    _check_payable(booking, standing_items(session, booking.id), now)
    _check_not_given_up(session, booking)
    left = left_to_pay(session, booking)
    if left.minor <= 0:
        raise _wrong(booking, _whole(booking))
    amount = left if wanted is None else wanted
    if amount.currency != left.currency:
        raise InvalidInput(message=f"This booking is paid in {left.currency}.", path=("input", "amount", "currency"))
    if not Money.zero(left.currency) < amount <= left:
        raise InvalidInput(message=f"Pay more than nothing, and at most the {left} left.", path=("input", "amount"))
    if amount < left and booking.balance_due_at is not None and _balance_is_due(booking, now):
        raise BalanceDue(
            message=f"A deposit could be paid until {booking.balance_due_at:%Y-%m-%d %H:%M} UTC; pay the {left}.",
            path=("input", "amount"),
            required=left,
            due_at=booking.balance_due_at,
        )
    return amount


def reversible(conditions: FareConditions) -> bool:
    """Whether a confirmed order can be cancelled for nothing. What the carrier does not tell is not relied on."""
    refund = conditions.refund
    return refund is not None and refund.allowed and refund.fee is not None and not refund.fee


def _pay_item(row: ItemRow, now: datetime) -> PayItem:
    offer = offer_of(row)
    assert offer is not None  # noqa: S101 - a held item was checked
    guaranteed = row.price_guaranteed_until is not None and row.price_guaranteed_until - _SOON > now
    return PayItem(
        item=row.id,
        carrier=row.carrier,
        order=row.order_ref,
        offer=offer.ref,
        price=price_of(row),
        guaranteed=guaranteed and row.order_ref is not None,
        reversible=reversible(offer.conditions),
        passengers=row.passengers,
        services=chosen_of(row) if row.order_ref is None else (),
    )


def _check_payable(booking: BookingRow, items: Sequence[ItemRow], now: datetime) -> None:
    if booking.state in _CONFIRMED:
        if booking.balance_due_at is not None and _balance_is_due(booking, now):
            raise too_late(booking.balance_due_at)
        return
    late = booking.state == BookingState.EXPIRED or (booking.pay_by is not None and booking.pay_by <= now)
    if late and booking.pay_by is not None and booking.state in {BookingState.HELD, BookingState.EXPIRED}:
        raise too_late(booking.pay_by)
    if booking.state == BookingState.REQUESTED:
        raise _unanswered(items)
    if booking.state != BookingState.HELD:
        raise _wrong(booking, _whole(booking))
    if any(_ended(item) for item in items):
        raise _wrong(booking, "Part of this booking has ended already, so it can only be cancelled.")


def _check_not_given_up(session: Session, booking: BookingRow) -> None:
    """Nobody pays the rest of what its carrier has cancelled."""
    query = select(CarrierChangeRow).where(
        CarrierChangeRow.booking_id == booking.id, CarrierChangeRow.state == ChangeState.OPEN
    )
    given_up = {row.item_id for row in session.exec(query) if codec.load(CarrierChange, row.facts).cancelled}
    if given_up and given_up >= {item.id for item in live_rows(session, booking.id)}:
        raise _wrong(booking, "The carrier has cancelled this, see `changes`: refund or exchange it, for no fee.")


def _ended(item: ItemRow) -> bool:
    return item.state != ItemState.HELD or bool(item.stuck)


def too_late(pay_by: datetime) -> PaymentTooLate:
    """The time to pay is over."""
    return PaymentTooLate(
        message=f"This booking had to be paid by {pay_by:%Y-%m-%d %H:%M} UTC. Search and reserve again.",
        path=("input", "bookingId"),
        pay_by=pay_by,
    )


def _unanswered(items: Sequence[ItemRow]) -> RequestPending:
    # All of them have to be accepted.
    answers = [item.answer_by for item in items if item.state == ItemState.REQUESTED and item.answer_by is not None]
    return RequestPending(
        message="The operator has not answered the request yet; this booking can be paid once it is accepted.",
        path=("input", "bookingId"),
        answer_by=max(answers, default=None),
    )


def _balance_is_due(booking: BookingRow, now: datetime) -> bool:
    return booking.balance_due_at is not None and booking.balance_due_at <= now


def _whole(booking: BookingRow) -> str:
    return f"Only a booking with something left to pay can be paid; this one is {booking.state}."


def _wrong(booking: BookingRow, message: str) -> WrongState:
    return WrongState(message=message, path=("input", "bookingId"), state=booking.state)
