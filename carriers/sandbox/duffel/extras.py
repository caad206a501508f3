"""Seat maps of offers and services of orders: `/air/seat_maps`, `/air/orders/{id}/services`."""

from carriers.sandbox.duffel import booking, services
from carriers.sandbox.duffel.booking_form import check_amount, payment
from carriers.sandbox.duffel.core import Answer, Call, Core, list_of
from carriers.sandbox.duffel.errors import DuffelError, invalid_state, required
from carriers.sandbox.duffel.facts import Order, OrderState
from carriers.sandbox.duffel.offers import readable_offer
from carriers.sandbox.duffel.orders import already_cancelled, known_order
from carriers.sandbox.duffel.show_order import order_json
from carriers.sandbox.duffel.show_service import seat_map_json, service_json


def list_seat_maps(core: Core, call: Call) -> Answer:
    """`GET /air/seat_maps?offer_id=`: a map of every flight whose seats the airline shows. Orders have none."""
    offer_id = call.one("offer_id")
    if not offer_id:
        raise required("/offer_id")
    offer = readable_offer(core, offer_id)
    return Answer(
        [
            seat_map_json(offer, index, flight, services.taken_seats(core, flight))
            for index, journey in enumerate(offer.journeys)
            for flight in journey
            if services.has_seat_map(offer, flight)
        ]
    )


def list_order_services(core: Core, call: Call) -> Answer:
    """`GET /air/orders/{id}/available_services`: the bags that can be added; none while it is not paid."""
    order = known_order(core, call.path["id"])
    if _not_open(core, order):
        return Answer([])
    found = services.bags_for(core, order)
    return Answer([service_json(service, services.OF_ORDER, order.id) for service in found])


def add_order_services(core: Core, call: Call) -> Answer:
    """`POST /air/orders/{id}/services`: book and pay bags for a paid order, all or none of them.

    As for orders there is no idempotency: asked twice, it adds twice, as far as there is room.
    """
    order = known_order(core, call.path["id"])
    refused = _not_open(core, order)
    if refused:
        raise refused
    list_of(call.data, "add_services", "/data")
    chosen = services.chosen_with_order(core, order, call.data)
    amount, kind = payment(call.data.get("payment"), "/data/payment")
    check_amount(amount, services.price_of(chosen, order.agreed.total.currency), "/data/payment")
    services.book(core, order, chosen)
    booking.charge(core, order, amount, kind)
    return Answer(order_json(core, order))


def _not_open(core: Core, order: Order) -> DuffelError | None:
    """Why nothing can be added; None when it can."""
    if order.state in {OrderState.CANCELLED, OrderState.EXPIRED}:
        return already_cancelled()
    if order.state is OrderState.HELD or core.now() >= order.departs:
        message = "Services can be added to paid orders before their first departure."
        return invalid_state("unsupported_action", "Unsupported action", message)
    return None
