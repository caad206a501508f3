"""Payments: `/air/payments`."""

from carriers.sandbox.duffel import booking, magic
from carriers.sandbox.duffel.booking_form import check_amount, payment
from carriers.sandbox.duffel.core import Answer, Call, Core, text_of
from carriers.sandbox.duffel.errors import DuffelError, invalid, invalid_state, not_found
from carriers.sandbox.duffel.orders import known_order, not_eligible
from carriers.sandbox.duffel.paging import page
from carriers.sandbox.duffel.show_order import payment_json
from carriers.sandbox.duffel.webhooks import announce


def create_payment(core: Core, call: Call) -> Answer:
    """`POST /air/payments`: pay a held order; the amount must be its price now."""
    order = known_order(core, text_of(call.data, "order_id", "/data"))
    amount, kind = payment(call.data.get("payment"), "/data/payment")
    refused = not_eligible(core, order)
    if refused:
        raise refused
    cost = booking.current_price(core, order)
    if amount != cost.total and cost != order.agreed:
        raise _price_changed()
    check_amount(amount, cost.total, "/data/payment")
    if order.offer.search.route == magic.BALANCE_TOO_LOW:
        message = "There wasn't enough balance in the wallet for the operation."
        raise invalid_state("insufficient_balance", "Insufficient balance", message)
    charge = booking.pay(core, order, amount, kind, call.documents_after)
    announce(core, "payment.created", charge.id, {"id": charge.id, "order_id": order.id})
    return Answer(payment_json(charge), status=201)


def _price_changed() -> DuffelError:
    message = "The price of the order has changed, please retrieve the order for its new price."
    return invalid("/data/payment/amount", "price_changed", "Price changed", message)


def get_payment(core: Core, call: Call) -> Answer:
    """`GET /air/payments/{id}`."""
    charge = core.facts.charges.get(call.path["id"])
    if charge is None:
        raise not_found()
    return Answer(payment_json(charge))


def list_payments(core: Core, call: Call) -> Answer:
    """`GET /air/payments?order_id=`, newest first."""
    order_id = call.one("order_id")
    found = [charge for charge in reversed(core.facts.charges.values()) if order_id in {None, charge.order_id}]
    return page(found, call, lambda charge: charge.id, payment_json)
