"""Duffel's errors. Types and codes are the documented ones (duffel.com/docs/api/overview/errors)."""

from datetime import datetime
from email.utils import format_datetime

from carriers.sandbox.errors import WorldError
from carriers.sandbox.exchange import Json

DOCUMENTATION_URL = "https://duffel.com/docs/api/overview/errors"


class DuffelError(WorldError):
    """An error as Duffel tells it: HTTP status, category, code, title, sentence, and the field at fault."""

    def __init__(self, status: int, kind: str, code: str, title: str, message: str, pointer: str | None = None) -> None:
        super().__init__(status, message)
        self.kind = kind
        self.code = code
        self.title = title
        self.message = message
        self.pointer = pointer
        self.delay_seconds = 0.0

    def as_json(self) -> Json:
        """One entry of the envelope's `errors`."""
        entry: Json = {
            "type": self.kind,
            "code": self.code,
            "title": self.title,
            "message": self.message,
            "documentation_url": DOCUMENTATION_URL,
        }
        if self.pointer is not None:
            field = self.pointer.rsplit("/", 1)[-1]
            entry["source"] = {"field": field, "pointer": self.pointer}
        return entry


def required(pointer: str) -> DuffelError:
    """A field that must be there is not."""
    field = pointer.rsplit("/", 1)[-1]
    return invalid(pointer, "validation_required", "Required field", f"Field '{field}' can't be blank")


def invalid(pointer: str, code: str, title: str, message: str) -> DuffelError:
    """A field is wrong."""
    return DuffelError(422, "validation_error", code, title, message, pointer)


def wrong_format(pointer: str, message: str) -> DuffelError:
    """A field is not of its form."""
    return invalid(pointer, "validation_format", "Invalid format", message)


def not_included(pointer: str, allowed: tuple[str, ...]) -> DuffelError:
    """A field is none of the values it may have."""
    field = pointer.rsplit("/", 1)[-1]
    message = f"Field '{field}' must be one of: {', '.join(allowed)}"
    return invalid(pointer, "validation_inclusion", "Invalid value", message)


def not_found() -> DuffelError:
    """No such resource."""
    message = "The resource you are trying to access does not exist."
    return DuffelError(404, "invalid_request_error", "not_found", "Not found", message)


def bad_request(code: str, title: str, message: str) -> DuffelError:
    """The request cannot be read."""
    return DuffelError(400, "invalid_request_error", code, title, message)


def unauthorised(code: str, title: str, message: str) -> DuffelError:
    """No token, or one that is not known."""
    return DuffelError(401, "authentication_error", code, title, message)


def invalid_state(code: str, title: str, message: str) -> DuffelError:
    """The resource is in no state for the action."""
    return DuffelError(422, "invalid_state_error", code, title, message)


def airline(code: str, title: str, message: str, status: int = 422) -> DuffelError:
    """The airline refused."""
    return DuffelError(status, "airline_error", code, title, message)


def offer_gone() -> DuffelError:
    """The offer's seats or fare are no longer for sale."""
    return airline(
        "offer_no_longer_available",
        "Requested offer is no longer available",
        "The provided offer is no longer available, please select another offer or create a new offer "
        "request to get the latest availability",
    )


def offer_expired() -> DuffelError:
    """The offer is older than its `expires_at`."""
    return invalid_state("offer_expired", "Offer has expired", "The selected offer has already expired")


def offer_price_changed() -> DuffelError:
    """The airline asks another price than the offer showed."""
    return airline(
        "price_changed",
        "Price changed",
        "The provided offer is no longer available for the same price, please retrieve the offer again to "
        "get the latest pricing information.",
    )


def service_gone() -> DuffelError:
    """A seat or a bag is not, or no longer, for sale."""
    return airline(
        "ancillary_service_not_available",
        "Service not available",
        "Requested ancillary service item(s) (e.g. seats) are no longer available, please update your "
        "requested services or create a new offer request",
    )


def order_not_created() -> DuffelError:
    """Nothing was created and no payment was taken: the one 502 that Duffel's changelog promises that of."""
    return airline(
        "order_not_created",
        "Order not created",
        "The request to create an order was not successful. You should not retry this request.",
        status=502,
    )


_UNWELL = {
    500: (
        "api_error",
        "internal_server_error",
        "Internal server error",
        "There was something wrong on our end, please contact support.",
    ),
    502: (
        "airline_error",
        "airline_internal",
        "Airline internal error",
        "The airline has responded with an internal error, please contact support.",
    ),
    503: (
        "api_error",
        "service_unavailable",
        "Service unavailable",
        "There is a temporary issue with the server. Please retry later.",
    ),
    504: ("api_error", "gateway_timeout_error", "Gateway timeout", "The request took too long to respond."),
}


def unwell(status: int) -> DuffelError:
    """Something is wrong on Duffel's side, or with 502 on the airline's."""
    return DuffelError(status, *_UNWELL[status])


def rate_limited(wait_seconds: int, until: datetime) -> DuffelError:
    """Too many requests; the headers say how long to wait (ratelimit-reset is an HTTP date)."""
    error = DuffelError(
        429,
        "rate_limit_error",
        "rate_limit_exceeded",
        "Rate limit exceeded",
        "Too many requests have hit the API too quickly. Please retry your request after the time specified "
        "in the ratelimit-reset header returned to you",
    )
    error.headers = {
        "retry-after": str(wait_seconds),
        "ratelimit-limit": "60",
        "ratelimit-remaining": "0",
        "ratelimit-reset": format_datetime(until, usegmt=True),
    }
    return error
