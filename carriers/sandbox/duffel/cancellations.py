"""Order cancellations: `/air/order_cancellations`, a quote first and then its confirmation."""

from datetime import UTC, datetime, timedelta

from carriers.sandbox.duffel import booking, magic, unused
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
    now = core.now()
    if now < core.facts.quoted_from.get(order.id, now):
        return Answer({"message": "The airline is still working out what it gives back."}, status=202)
    refund, told = booking.refund_of(core, order)
    quote = Cancellation(core.new_id("ore"), order.id, now, _valid_until(order, now), refund, told, _refund_to(order))
    core.facts.cancellations[quote.id] = quote
    announce(core, "order_cancellation.created", quote.id, {"id": quote.id, "order_id": order.id})
    return Answer(cancellation_json(core, quote), status=201)


def _check(core: Core, order: Order) -> None:
    if order.state in {OrderState.CANCELLED, OrderState.EXPIRED}:
        raise already_cancelled()
    if not booking.can_cancel(core, order):
        message = "The order can no longer be cancelled: its flights have departed, or its fare does not allow it."
        raise invalid_state("unsupported_action", "Unsupported action", message)


def _valid_until(order: Order, now: datetime) -> datetime:
    """A quote holds for a while, and not beyond what changes it: the void window's end, the next departure."""
    window = booking.void_window(order)
    ends = [now + _QUOTE_LIFE, *unused.departures(order, now), *([window] if window and now < window else [])]
    return min(ends).astimezone(UTC)


def _refund_to(order: Order) -> str:
    if order.state is OrderState.HELD:
        return "awaiting_payment"
    if order.offer.search.route == magic.AIRLINE_CREDITS:
        return "airline_credits"
    if order.offer.search.route == magic.VOUCHERS:
        return "voucher"
    return order.paid_type or "balance"


def confirm_cancellation(core: Core, call: Call) -> Answer:
    """`POST /air/order_cancellations/{id}/actions/confirm`: cancel, and move the money back."""
    quote = _known(core, call)
    order = core.facts.orders[quote.order_id]
    _check(core, order)
    if quote is not _latest(core, order) or core.now() >= quote.expires_at or _outdated(core, order, quote):
        message = "The cancellation is not the latest one of its order or has expired, please create a new one."
        raise invalid_state("order_cancellation_stale", "Order cancellation is stale", message)
    booking.cancel(core, order, quote)
    announce(core, "order_cancellation.confirmed", quote.id, {"id": quote.id, "order_id": order.id})
    return Answer(cancellation_json(core, quote))


def _outdated(core: Core, order: Order, quote: Cancellation) -> bool:
    """Whether the order was paid or changed after the quote, so that something else is to be given back."""
    return booking.refund_of(core, order) != (quote.refund, quote.told) or _refund_to(order) != quote.to


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
