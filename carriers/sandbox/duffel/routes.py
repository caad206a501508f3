"""The endpoints: method and path, the name that faults go by, and what answers."""

from dataclasses import dataclass

from carriers.sandbox import routes
from carriers.sandbox.duffel import (
    airline_changes,
    cancellations,
    extras,
    offers,
    order_changes,
    orders,
    payments,
    reference,
    webhooks,
)
from carriers.sandbox.duffel.core import Answer, Call, Core


@dataclass(frozen=True, slots=True)
class Route(routes.Route[Core, Call, Answer]):
    """One endpoint. `reads_body` says whether the request must carry data.

    A `control` is not Duffel's: it needs no token, takes a bare object, and no fault strikes it.
    """

    reads_body: bool = False
    control: bool = False


ROUTES = routes.Routes(
    Route("GET", "/air/airports", "airports.list", reference.list_airports),
    Route("GET", "/air/airports/{id}", "airports.get", reference.get_airport),
    Route("GET", "/air/airlines", "airlines.list", reference.list_airlines),
    Route("GET", "/air/airlines/{id}", "airlines.get", reference.get_airline),
    Route("GET", "/air/aircraft", "aircraft.list", reference.list_aircraft),
    Route("GET", "/air/aircraft/{id}", "aircraft.get", reference.get_aircraft),
    Route("GET", "/places/suggestions", "places.suggestions", reference.suggest_places),
    Route("POST", "/air/offer_requests", "offer_requests.create", offers.create_offer_request, reads_body=True),
    Route("GET", "/air/offer_requests", "offer_requests.list", offers.list_offer_requests),
    Route("GET", "/air/offer_requests/{id}", "offer_requests.get", offers.get_offer_request),
    Route("GET", "/air/offers", "offers.list", offers.list_offers),
    Route("GET", "/air/offers/{id}", "offers.get", offers.get_offer),
    Route("POST", "/air/offers/{id}/actions/price", "offers.price", offers.price_offer, reads_body=True),
    Route("POST", "/air/orders", "orders.create", orders.create_order, reads_body=True),
    Route("GET", "/air/orders", "orders.list", orders.list_orders),
    Route("GET", "/air/orders/{id}", "orders.get", orders.get_order),
    Route("PATCH", "/air/orders/{id}", "orders.update", orders.update_order, reads_body=True),
    Route("GET", "/air/orders/{id}/available_services", "orders.available_services", extras.list_order_services),
    Route("POST", "/air/orders/{id}/services", "orders.add_services", extras.add_order_services, reads_body=True),
    Route("GET", "/air/seat_maps", "seat_maps.list", extras.list_seat_maps),
    Route("POST", "/air/payments", "payments.create", payments.create_payment, reads_body=True),
    Route("GET", "/air/payments", "payments.list", payments.list_payments),
    Route("GET", "/air/payments/{id}", "payments.get", payments.get_payment),
    Route(
        "POST",
        "/air/order_cancellations",
        "cancellations.create",
        cancellations.create_cancellation,
        reads_body=True,
    ),
    Route("GET", "/air/order_cancellations", "cancellations.list", cancellations.list_cancellations),
    Route("GET", "/air/order_cancellations/{id}", "cancellations.get", cancellations.get_cancellation),
    Route(
        "POST",
        "/air/order_cancellations/{id}/actions/confirm",
        "cancellations.confirm",
        cancellations.confirm_cancellation,
    ),
    Route(
        "POST",
        "/air/order_change_requests",
        "change_requests.create",
        order_changes.create_change_request,
        reads_body=True,
    ),
    Route("GET", "/air/order_change_requests/{id}", "change_requests.get", order_changes.get_change_request),
    Route("GET", "/air/order_change_offers", "change_offers.list", order_changes.list_change_offers),
    Route("GET", "/air/order_change_offers/{id}", "change_offers.get", order_changes.get_change_offer),
    Route("POST", "/air/order_changes", "order_changes.create", order_changes.create_change, reads_body=True),
    Route("GET", "/air/order_changes/{id}", "order_changes.get", order_changes.get_change),
    Route(
        "POST",
        "/air/order_changes/{id}/actions/confirm",
        "order_changes.confirm",
        order_changes.confirm_change,
        reads_body=True,
    ),
    Route("GET", "/air/airline_initiated_changes", "airline_changes.list", airline_changes.list_changes),
    Route(
        "PATCH",
        "/air/airline_initiated_changes/{id}",
        "airline_changes.update",
        airline_changes.update_change,
        reads_body=True,
    ),
    Route(
        "POST",
        "/air/airline_initiated_changes/{id}/actions/accept",
        "airline_changes.accept",
        airline_changes.accept_change,
    ),
    Route("POST", "/_sandbox/airline_changes", "airline_changes.make", airline_changes.make_changes, control=True),
    Route("POST", "/air/webhooks", "webhooks.create", webhooks.create_webhook, reads_body=True),
    Route("GET", "/air/webhooks", "webhooks.list", webhooks.list_webhooks),
    Route("GET", "/air/webhooks/deliveries", "webhooks.deliveries", webhooks.list_deliveries),
    Route("PATCH", "/air/webhooks/{id}", "webhooks.update", webhooks.update_webhook, reads_body=True),
    Route("DELETE", "/air/webhooks/{id}", "webhooks.delete", webhooks.delete_webhook),
    Route("POST", "/air/webhooks/{id}/actions/ping", "webhooks.ping", webhooks.ping_webhook),
)
