"""OCTO's errors in their published shapes: a code, a sentence, and the identifier that is wrong.

The specification answers all of them with 400, save the supplier's own fault.
"""

from carriers.sandbox.errors import WorldError
from carriers.sandbox.exchange import Json


class OctoError(WorldError):
    """A no."""

    def __init__(self, code: str, message: str, *, status: int = 400, **facts: str) -> None:
        super().__init__(status, message)
        self._told: Json = {"error": code, "errorMessage": message, **facts}

    def as_json(self) -> Json:
        """The body that tells it."""
        return dict(self._told)


def invalid_product(product_id: object) -> OctoError:
    """No such product, or not in this region."""
    return OctoError("INVALID_PRODUCT_ID", "The productId was missing or invalid", productId=_named(product_id))


def invalid_option(option_id: object) -> OctoError:
    """The product has no such option."""
    return OctoError("INVALID_OPTION_ID", "The optionId was missing or invalid", optionId=_named(option_id))


def invalid_unit(unit_id: object) -> OctoError:
    """The option has no such unit."""
    return OctoError("INVALID_UNIT_ID", "The unitId was missing or invalid", unitId=_named(unit_id))


def invalid_availability(availability_id: object) -> OctoError:
    """The option has no such availability."""
    message = "The availabilityId was missing or invalid"
    return OctoError("INVALID_AVAILABILITY_ID", message, availabilityId=_named(availability_id))


def invalid_uuid(uuid: object) -> OctoError:
    """No such booking; or the uuid is another booking's, or that of a hold which has expired."""
    return OctoError("INVALID_BOOKING_UUID", "The uuid was already used, missing or invalid", uuid=_named(uuid))


def bad_request(message: str) -> OctoError:
    """The request cannot be meant as written."""
    return OctoError("BAD_REQUEST", message)


def unprocessable(message: str) -> OctoError:
    """The request is fine, and yet it cannot be done."""
    return OctoError("UNPROCESSABLE_ENTITY", message)


def no_places() -> OctoError:
    """Sold out, for so many people."""
    return unprocessable("Not enough places are available")


def unauthorized() -> OctoError:
    """No key."""
    message = "You didn't send the API Key in the Authorization header to an endpoint that requires authentication"
    return OctoError("UNAUTHORIZED", message)


def forbidden(message: str = "You sent an API Key that was invalid") -> OctoError:
    """Another's key, or something that was not granted."""
    return OctoError("FORBIDDEN", message)


def no_endpoint() -> OctoError:
    """No such supplier or endpoint."""
    return OctoError("BAD_REQUEST", "There is no such endpoint", status=404)


def unwell(status: int = 500) -> OctoError:
    """Something is wrong on the supplier's side."""
    message = "There was an un-recoverable error, please try again"
    return OctoError("INTERNAL_SERVER_ERROR", message, status=status)


def rate_limited(wait_seconds: int) -> OctoError:
    """Too many requests; OCTO has no code for it."""
    error = OctoError("BAD_REQUEST", "Too many requests", status=429)
    error.headers = {"retry-after": str(wait_seconds)}
    return error


def _named(identifier: object) -> str:
    return identifier if isinstance(identifier, str) else ""
