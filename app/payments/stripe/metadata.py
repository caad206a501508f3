"""What we write on Stripe's objects: the facts of a session, and the keys of our calls.

At most 50 names, values of at most 500 characters (docs.stripe.com/metadata). Since a session's facts live with its
PaymentIntent, nothing about it is kept here, and every process can serve its form.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from app.domain.refusals import InvalidInput
from app.payments.contract import SessionWish

KEY: Final = "faregate_key"
PAYMENT: Final = "payment"
CAPTURE_KEY: Final = "faregate_capture"
EXPIRES_AT: Final = "expires_at"
OUTCOME_URL: Final = "outcome_url"
LOCALE: Final = "locale"
REFERENCE: Final = "reference"
_ORIGIN: Final = "origin_"
_MOST_ORIGINS: Final = 40


def of_session(wish: SessionWish, key: str) -> dict[str, str]:
    """The session's facts; InvalidInput where there are too many origins for one form."""
    if len(wish.origins) > _MOST_ORIGINS:
        raise InvalidInput(message=f"Stripe's form can be framed by at most {_MOST_ORIGINS} origins.")
    return {
        KEY: key,
        PAYMENT: wish.payment,
        REFERENCE: wish.reference,
        EXPIRES_AT: wish.expires_at.isoformat(),
        OUTCOME_URL: wish.outcome_url,
        LOCALE: wish.locale,
        **{f"{_ORIGIN}{number:02}": origin for number, origin in enumerate(wish.origins)},
    }


def key(told: Mapping[str, Any]) -> str:
    """The key of our call that made the object; empty when somebody else did."""
    return str(_of(told).get(KEY, ""))


def payment(told: Mapping[str, Any]) -> str | None:
    """The payment that our call opened it for; None when somebody else did."""
    return _of(told).get(PAYMENT) if key(told) else None


def capture_key(intent: Mapping[str, Any]) -> str:
    """The key of our call that captured it; empty when somebody else did."""
    return str(_of(intent).get(CAPTURE_KEY, ""))


def expires_at(intent: Mapping[str, Any]) -> datetime | None:
    """When the session ends; None for an intent that is no session of ours. ValueError when it is no time."""
    written = _of(intent).get(EXPIRES_AT)
    return datetime.fromisoformat(written) if written else None


def session(intent: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The facts of the session; None for an intent that is none of ours."""
    return _of(intent) if _of(intent).keys() >= {KEY, REFERENCE, EXPIRES_AT, OUTCOME_URL, LOCALE} else None


def origins(facts: Mapping[str, str]) -> tuple[str, ...]:
    """The origins that may frame the session's form."""
    return tuple(facts[name] for name in sorted(facts) if name.startswith(_ORIGIN))


def _of(told: Mapping[str, Any]) -> Mapping[str, str]:
    return told.get("metadata") or {}
