"""What an error of Stripe's library says happened: Trouble, Unknown, or a no that the verb has to judge.

By default we take the blame: a no becomes a Refusal only where a verb knows what it means.
Sources: docs.stripe.com/api/errors, docs.stripe.com/error-low-level (server errors are indeterminate, and a key keeps
answering with the same one).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import stripe

from app.domain.errors import Trouble, Unknown
from app.domain.refusals import NotFound

_MISSING: Final = "resource_missing"
_REPLAYED: Final = "idempotent-replayed"
# 409: our own earlier call with this key is still at work. 424: something behind Stripe failed, after being asked.
_UNCLEAR: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.FAILED_DEPENDENCY})
_OUR_KEY: Final = "Stripe does not accept our key: check the provider's settings."


class No(Exception):  # noqa: N818 - Stripe's no, before it is one of our errors
    """Stripe said no, and nothing happened by this call. `declined`: it is the card that was."""

    def __init__(self, error: stripe.CardError | stripe.InvalidRequestError) -> None:
        super().__init__(error.code or "no code")
        self.code: str = error.code or ""
        self.decline_code: str | None = getattr(error.error, "decline_code", None)
        self.param: str = str(error.param or "")
        self.status = error.http_status or 0
        self.declined = isinstance(error, stripe.CardError)

    @property
    def missing(self) -> bool:
        """Whether what the address names is not there, or not ours."""
        return self.code == _MISSING and self.param in {"intent", "payment_intent"}


class SpentKey(Unknown):
    """The key's one answer was a fault of Stripe's; whatever happened then, asking with it again tells no more."""


class KeyMisusedError(RuntimeError):
    """One key was sent with two different inputs: a bug of ours."""


@contextmanager
def reading() -> Iterator[None]:
    """NotFound, or Trouble: a read changes nothing. The library stumbles over an answer that is no list."""
    try:
        yield
    except stripe.StripeError as error:
        raise _unread(error) from None
    except (AttributeError, LookupError, TypeError):
        raise Trouble("Stripe's answer cannot be read.") from None


@contextmanager
def writing() -> Iterator[None]:
    """No, Trouble or Unknown for a changing call that was answered with an error."""
    try:
        yield
    except stripe.StripeError as error:
        raise _unwritten(error) from None


def _unread(error: stripe.StripeError) -> Exception:
    if isinstance(error, stripe.InvalidRequestError) and No(error).missing:
        return NotFound(message="Stripe knows no such charge.")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return Trouble(_OUR_KEY)
    return Trouble(f"Stripe's answer with status {error.http_status} is of no use.")


def _unwritten(error: stripe.StripeError) -> Exception:
    if isinstance(error, stripe.CardError | stripe.InvalidRequestError):
        return No(error)
    if isinstance(error, stripe.IdempotencyError):
        return KeyMisusedError("Stripe has seen this idempotency key with other parameters.")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return Trouble(_OUR_KEY)
    if isinstance(error, stripe.RateLimitError):
        return Trouble("Stripe has too much to do.")
    return _unclear(error)


def _unclear(error: stripe.StripeError) -> Trouble | Unknown:
    """An answer that is neither a yes nor a no."""
    status = error.http_status or 0
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _UNCLEAR:
        return Trouble(f"Stripe answered with status {status}.")
    lost = SpentKey if (error.headers or {}).get(_REPLAYED) == "true" else Unknown
    return lost(f"Stripe answered with status {status}; it may have been done.")
