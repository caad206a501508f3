"""Orders: `/air/orders`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from carriers.sandbox.duffel import answering, booking, magic, seats, services
from carriers.sandbox.duffel.booking_form import ORDER_TYPES, check_amount, metadata, passengers, payment
from carriers.sandbox.duffel.core import Answer, Call, Core, list_of
from carriers.sandbox.duffel.errors import (
    DuffelError,
    invalid,
    invalid_state,
    not_found,
    not_included,
    offer_expired,
    offer_gone,
    offer_price_changed,
    required,
)
from carriers.sandbox.duffel.facts import Order, OrderState
from carriers.sandbox.duffel.fares import Price
from carriers.sandbox.duffel.offers import known_offer, price_of
from carriers.sandbox.duffel.paging import page
from carriers.sandbox.duffel.search import Offer
from carriers.sandbox.duffel.show_order import order_json
from carriers.sandbox.exchange import Json


def create_order(core: Core, call: Call) -> Answer:
    """`POST /air/orders`: buy (`instant`) or hold (`hold`, or `pay_later` as the JavaScript client calls it).

    The same offer may be ordered twice: Duffel has no idempotency, and warns that retrying an order may
    make a duplicate (duffel.com/docs/api/overview/response-handling).
    """
    offer = offer_to_book(core, call.data)
    people, notes, cost = passengers(offer, call.data), metadata(call.data), price_of(core, offer)
    limits = _hold_limits(offer, call.data)
    if limits is None:
        return _buy(core, call, offer, people, notes, cost)
    order = booking.open_order(core, offer, people, notes, cost)
    booking.hold(core, order, limits)
    return _created(core, order)


def _buy(core: Core, call: Call, offer: Offer, people: list[Json], notes: dict[str, str], cost: Price) -> Answer:
    chosen = services.chosen_with_offer(core, offer, call.data)
    full = cost.plus(services.price_of(chosen, cost.total.currency))
    amount, kind = payment(list_of(call.data, "payments", "/data")[0], "/data/payments/0")
    if amount != full.total and cost != offer.first_price():
        raise offer_price_changed()
    check_amount(amount, full.total, "/data/payments/0")
    if offer.search.route == magic.BALANCE_TOO_LOW:
        message = "There wasn't enough balance in the wallet for the operation."
        raise invalid_state("insufficient_balance", "Insufficient balance", message)
    order = booking.open_order(core, offer, people, notes, cost)
    services.book(core, order, chosen)
    booking.pay(core, order, amount, kind, _documents_after(offer, call))
    return _created(core, order)


def _documents_after(offer: Offer, call: Call) -> timedelta:
    late = timedelta(seconds=magic.DETAILS_AFTER_SECONDS)
    return late if offer.search.route == magic.DETAILS_LATER else call.documents_after


def _created(core: Core, order: Order) -> Answer:
    if order.offer.search.route == magic.DETAILS_LATER:
        # 200: confirmed with the airline, though not all of it is known here yet.
        core.later(core.ahead(magic.DETAILS_AFTER_SECONDS), "tell_created", {"order_id": order.id})
        return Answer(order_json(core, order), status=200)
    booking.tell_created(core, order)
    return Answer(order_json(core, order), status=201)


def offer_to_book(core: Core, data: Json) -> Offer:
    """The offer an order selects, while it can be booked."""
    selected = data.get("selected_offers")
    if not isinstance(selected, list) or not selected:
        raise required("/data/selected_offers")
    if len(selected) != 1 or not isinstance(selected[0], str):
        message = "Field 'selected_offers' must contain exactly one offer"
        raise invalid("/data/selected_offers", "validation_length", "Invalid length", message)
    offer = known_offer(core, selected[0])
    if core.now() >= offer.expires_at:
        raise offer_expired()
    if offer.search.route in {magic.OFFER_GONE, magic.PRICE_RISES} or not seats.available(core, offer):
        raise offer_gone()
    return offer


def _hold_limits(offer: Offer, data: Json) -> tuple[datetime, datetime | None] | None:
    kind = data.get("type") or "instant"
    if kind not in ORDER_TYPES:
        raise not_included("/data/type", ORDER_TYPES)
    if kind == "instant":
        return None
    if data.get("payments"):
        message = "Payments can't be provided for an order that is paid later"
        raise invalid("/data/payments", "payments_not_allowed_for_order_type", "Payments not allowed", message)
    if data.get("services"):
        message = "Services can't be provided for an order that is paid later"
        raise invalid("/data/services", "services_not_allowed_for_order_type", "Services not allowed", message)
    limits = offer.payment_limits()
    if limits is None:
        message = "The selected offer requires instant payment"
        raise invalid("/data/type", "not_valid_with_selected_offer", "Not valid with selected offer", message)
    return limits


def get_order(core: Core, call: Call) -> Answer:
    """`GET /air/orders/{id}`: always as the airline knows it now."""
    return Answer(order_json(core, known_order(core, call.path["id"])))


def update_order(core: Core, call: Call) -> Answer:
    """`PATCH /air/orders/{id}`: the metadata; the JavaScript client nests it under `options`."""
    order = known_order(core, call.path["id"])
    order.metadata = metadata(call.data.get("options") or call.data)
    return Answer(order_json(core, order))


def list_orders(core: Core, call: Call) -> Answer:
    """`GET /air/orders`, newest first, by the filters Duffel documents; metadata is not among them."""
    found = [order for order in reversed(core.facts.orders.values()) if _wanted(order, call)]
    return page(
        _sorted(core, found, call.one("sort")),
        call,
        lambda order: order.id,
        lambda order: order_json(core, order),
    )


def _wanted(order: Order, call: Call) -> bool:
    awaiting, names = call.one("awaiting_payment"), call.query.get("passenger_name[]", [])
    return (
        (awaiting is None or (order.state is OrderState.HELD) == (awaiting == "true"))
        and call.one("booking_reference") in {None, order.booking_reference}
        and call.one("offer_id") in {None, order.offer.id}
        and (not names or any(_named(order, name) for name in names))
    )


def _named(order: Order, name: str) -> bool:
    wanted = name.casefold()
    return any(wanted in f"{person['given_name']} {person['family_name']}".casefold() for person in order.passengers)


def _sorted(core: Core, found: list[Order], order: str | None) -> list[Order]:
    if order is None:
        return found
    key = _SORTS.get(order.removeprefix("-"))
    if key is None:
        raise not_included("/sort", tuple(_SORTS))
    return sorted(found, key=lambda item: key(core, item), reverse=order.startswith("-"))


def _by_limit(_core: Core, order: Order) -> datetime:
    return order.pay_by or order.created_at


def _by_creation(_core: Core, order: Order) -> datetime:
    return order.created_at


# `pay_by` is what the Python client still calls `payment_required_by`.
_SORTS: dict[str, Callable[[Core, Order], datetime]] = {
    "payment_required_by": _by_limit,
    "pay_by": _by_limit,
    "created_at": _by_creation,
}


def known_order(core: Core, order_id: object) -> Order:
    """The order with this id."""
    order = core.facts.orders.get(order_id) if isinstance(order_id, str) else None
    if order is None:
        raise not_found()
    return order


def not_eligible(core: Core, order: Order) -> DuffelError | None:
    """Why the order cannot be paid; None when it can."""
    if not order.held:
        message = "The order was paid when it was created"
        code = "order_type_not_eligible_for_payment"
        return invalid("/data/order_id", code, "Order type not eligible for payment", message)
    if order.state is OrderState.EXPIRED:
        message = "The order's `payment_required_by` date has elapsed."
        return invalid_state("past_payment_required_by_date", "Past payment required by date", message)
    if order.state is OrderState.CANCELLED:
        return already_cancelled()
    if order.state is OrderState.PAID:
        message = "The order you're paying for has already been paid for."
        return invalid_state("already_paid", "Order already paid", message)
    if answering.changed_by_airline(core, order):
        message = "The airline has changed the schedule of the order, please search again and create a new order."
        return invalid_state("schedule_changed", "Schedule changed", message)
    return None


def already_cancelled() -> DuffelError:
    """The order is cancelled."""
    message = "The provided order has already been cancelled."
    return invalid_state("already_cancelled", "Order already cancelled", message)


def reprice(order: Order, percent: int) -> None:
    """Let the airline change an unpaid order's price."""
    order.factor *= 1 + Decimal(percent) / 100
