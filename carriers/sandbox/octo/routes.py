"""The endpoints: method and path below the operator's, the name that faults go by, and what answers."""

from carriers.sandbox import routes
from carriers.sandbox.core import Answer
from carriers.sandbox.octo import availability, bookings, changes, content, update
from carriers.sandbox.octo.core import Call, Core

Route = routes.Route[Core, Call, Answer]

ROUTES = routes.Routes(
    Route("GET", "/supplier", "supplier.get", content.get_supplier),
    Route("GET", "/capabilities", "capabilities.list", content.list_capabilities),
    Route("GET", "/products", "products.list", content.list_products),
    Route("GET", "/products/{id}", "products.get", content.get_product),
    Route("POST", "/availability/calendar", "availability.calendar", availability.get_calendar),
    Route("POST", "/availability", "availability.check", availability.check),
    Route("POST", "/departures/availability", "availability.departures", availability.check_many),
    Route("POST", "/bookings", "bookings.create", bookings.create_booking),
    Route("GET", "/bookings", "bookings.list", bookings.list_bookings),
    Route("GET", "/bookings/{uuid}", "bookings.get", bookings.get_booking),
    Route("PATCH", "/bookings/{uuid}", "bookings.update", update.update_booking),
    Route("POST", "/bookings/{uuid}/extend", "bookings.extend", changes.extend_booking),
    Route("POST", "/bookings/{uuid}/confirm", "bookings.confirm", changes.confirm_booking),
    Route("POST", "/bookings/{uuid}/cancel", "bookings.cancel", changes.cancel_booking),
    below="/{operator}",
)
