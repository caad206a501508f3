"""Order cancellations: `/air/order_cancellations`, a quote first and then its confirmation."""

from datetime import timedelta

from carriers.sandbox.duffel import booking, magic
from carriers.sandbox.duffel.core import Answer, Call, Core, text_of
from carriers.sandbox.duffel.errors import invalid_state, not_found
from carriers.sandbox.duffel.facts import Cancellation, Order, OrderState
from carriers.sandbox.duffel.orders import already_cancelled, known_order
from carriers.sandbox.duffel.paging import page
from carriers.sandbox.duffel.show_order import cancellation_json
from carriers.sandbox.duffel.webhooks import announce

_QUOTE_LIFE = timedelta(minutes=30)


def create_cancellation(core: Core, call: Call) -> Answer:
    """`POST /air/order_cancellations`: what cancelling would give back. Nothing is cancelled yet."""
    order = known_order(core, text_of(call.data, "order_id", "/data"))
    _check(core, order)
    refund, told = booking.refund_of(core, order)
    quote_id = core.new_id("ore")
    now = core.now()
    quote = Cancellation(quote_id, order.id, now, now + _QUOTE_LIFE, refund, told, _refund_to(order))
    core.facts.cancellations[quote.id] = quote
    announce(core, "order_cancellation.created", quote.id, {"id": quote.id, "order_id": order.id})
    return Answer(cancellation_json(core, quote), status=201)


def _check(core: Core, order: Order) -> None:
    if order.state in {OrderState.CANCELLED, OrderState.EXPIRED}:
        raise already_cancelled()
    if not booking.can_cancel(core, order):
        message = "The order can no longer be cancelled: its first flight has departed."
        raise invalid_state("unsupported_action", "Unsupported action", message)


def _refund_to(order: Order) -> str:
    if order.state is OrderState.HELD:
        return "awaiting_payment"
    if order.offer.search.route == magic.AIRLINE_CREDITS:
        return "airline_credits"
    return order.paid_type or "balance"


def confirm_cancellation(core: Core, call: Call) -> Answer:
    """`POST /air/order_cancellations/{id}/actions/confirm`: cancel, and move the money back."""
    quote = _known(core, call)
    order = core.facts.orders[quote.order_id]
    _check(core, order)
    if quote is not _latest(core, order) or core.now() >= quote.expires_at or _outdated(order, quote):
        message = "The cancellation is not the latest one of its order or has expired, please create a new one."
        raise invalid_state("order_cancellation_stale", "Order cancellation is stale", message)
    booking.cancel(core, order, quote)
    announce(core, "order_cancellation.confirmed", quote.id, {"id": quote.id, "order_id": order.id})
    return Answer(cancellation_json(core, quote))


def _outdated(order: Order, quote: Cancellation) -> bool:
    # An order that was paid after the quote has other money to give back.
    return (order.state is OrderState.HELD) != (quote.to == "awaiting_payment")


def _latest(core: Core, order: Order) -> Cancellation | None:
    of_order = (quote for quote in reversed(core.facts.cancellations.values()) if quote.order_id == order.id)
    return next(of_order, None)


def get_cancellation(core: Core, call: Call) -> Answer:
    """`GET /air/order_cancellations/{id}`."""
    return Answer(cancellation_json(core, _known(core, call)))


def list_cancellations(core: Core, call: Call) -> Answer:
    """`GET /air/order_cancellations?order_id=`, newest first."""
    order_id = call.one("order_id")
    quotes = [quote for quote in reversed(core.facts.cancellations.values()) if order_id in {None, quote.order_id}]
    return page(quotes, call, lambda quote: quote.id, lambda quote: cancellation_json(core, quote))


def _known(core: Core, call: Call) -> Cancellation:
    quote = core.facts.cancellations.get(call.path["id"])
    if quote is None:
        raise not_found()
    return quote
