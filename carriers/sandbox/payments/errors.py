"""The provider's errors: an HTTP status, a code for programs and a sentence for people."""

from datetime import datetime
from email.utils import format_datetime

from app.domain.payment import DeclineReason
from carriers.sandbox.errors import WorldError
from carriers.sandbox.exchange import Json


class PaymentError(WorldError):
    """A no. `final` ones are what the call's key answers from now on; the others may be asked again."""

    def __init__(self, status: int, code: str, message: str, *, final: bool = False, **facts: object) -> None:
        super().__init__(status, message)
        self.final = final
        self._told: Json = {"code": code, "message": message, **facts}

    def as_json(self) -> Json:
        """The body that tells it."""
        return {"error": self._told}


def unauthenticated() -> PaymentError:
    """No key, or none of ours."""
    return PaymentError(401, "unauthenticated", "The Authorization header needs a key that begins with 'sandbox_'.")


def not_found(what: str = "charge") -> PaymentError:
    """No such thing."""
    return PaymentError(404, f"{what}_not_found", f"There is no such {what}.")


def invalid(message: str, **fields: str) -> PaymentError:
    """The request cannot be meant as written; `fields` say what is wrong with each."""
    return PaymentError(422, "invalid", message, fields=fields)


def key_reused() -> PaymentError:
    """The idempotency key was used with another input."""
    return PaymentError(409, "key_reused", "This Idempotency-Key was used with another request.")


def wrong_state(state: str) -> PaymentError:
    """The charge is in no state for this."""
    return PaymentError(409, "wrong_state", f"The charge is {state}.", final=True, state=state)


def amount_too_large(available_minor: int) -> PaymentError:
    """More than there is."""
    message = f"At most {available_minor} can be asked for."
    return PaymentError(422, "amount_too_large", message, final=True, available_minor=available_minor)


def card_declined(reason: DeclineReason) -> PaymentError:
    """The card's issuer said no."""
    return PaymentError(402, "card_declined", "The card was declined.", final=True, reason=reason.value.lower())


def unwell(status: int) -> PaymentError:
    """Something is wrong on the provider's side."""
    return PaymentError(status, "unavailable", "Something is wrong on our side.")


def rate_limited(wait_seconds: int, until: datetime) -> PaymentError:
    """Too many requests; the headers say how long to wait."""
    error = PaymentError(429, "rate_limited", "Too many requests.")
    error.headers = {"retry-after": str(wait_seconds), "ratelimit-reset": format_datetime(until, usegmt=True)}
    return error
