"""Stripe's objects in our words. Nothing personal is taken from them but the billing address, when it is asked for.

An object that lacks what we need is Incomplete, which is no reason to believe that anything failed.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from app.domain.money import Money
from app.domain.payment import BillingAddress, DeclineReason
from app.payments.contract import Charge, ChargeState, ProviderRefund
from app.payments.stripe import declines, metadata
from app.payments.stripe.amounts import from_stripe

Json = Mapping[str, Any]

# docs.stripe.com/payments/paymentintents/lifecycle
_STATES: Final[Mapping[str, ChargeState]] = {
    "requires_payment_method": ChargeState.OPEN,
    "requires_confirmation": ChargeState.OPEN,
    "requires_action": ChargeState.OPEN,
    "processing": ChargeState.OPEN,
    "requires_capture": ChargeState.AUTHORISED,
    "succeeded": ChargeState.CAPTURED,
    "canceled": ChargeState.CLOSED,
}
_BRANDS: Final[Mapping[str, str]] = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
_CHALLENGED: Final = "requires_action"
# docs.stripe.com/api/refunds/object: in these no money moves.
_NOT_GIVEN: Final = frozenset({"failed", "canceled"})


class Incomplete(Exception):  # noqa: N818 - a fact about the answer
    """An answer of Stripe's lacks what we need; its content is not repeated."""


def charge(intent: Json, refunds: Iterable[Json] = (), *, attempts: int = 0, form_url: str | None = None) -> Charge:
    """The charge a PaymentIntent is; Incomplete."""
    try:
        return _charge(intent, refunds, attempts, form_url)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Incomplete(f"Stripe's answer cannot be read: {type(error).__name__}.") from None


def refund(told: Json) -> ProviderRefund | None:
    """What was given back, or is on its way; None when it came to nothing. Incomplete."""
    try:
        return None if told["status"] in _NOT_GIVEN else _refund(told)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Incomplete(f"Stripe's refund cannot be read: {type(error).__name__}.") from None


def created_at(intent: Json) -> datetime:
    """When the intent was made; Incomplete."""
    try:
        return datetime.fromtimestamp(int(intent["created"]), UTC)
    except (LookupError, TypeError, ValueError, OverflowError, OSError) as error:
        raise Incomplete(f"Stripe's answer cannot be read: {type(error).__name__}.") from None


def billing(intent: Json) -> BillingAddress | None:
    """Where the holder of the latest card is billed; None where nobody said."""
    details = (intent.get("latest_charge") or {}).get("billing_details") or {}
    address = details.get("address") or {}
    heard = BillingAddress(
        line1=address.get("line1") or "",
        line2=address.get("line2") or "",
        city=address.get("city") or "",
        country=address.get("country") or "",
        state=address.get("state") or "",
        post_code=address.get("postal_code") or "",
    )
    return heard if heard != BillingAddress() else None


def tried(intent: Json) -> bool:
    """Whether any card was tried."""
    return bool(intent.get("latest_charge"))


def challenge(intent: Json) -> str | None:
    """The client secret with which Stripe's script shows the challenge; None when none is waiting."""
    return str(intent["client_secret"]) if intent.get("status") == _CHALLENGED else None


def _charge(intent: Json, refunds: Iterable[Json], attempts: int, form_url: str | None) -> Charge:
    state, currency = _STATES[intent["status"]], intent["currency"]
    latest = intent.get("latest_charge") or {}
    captured = from_stripe(intent["amount_received"], currency) if state is ChargeState.CAPTURED else None
    amount = from_stripe(intent["amount"], currency)
    failed = intent.get("last_payment_error") or {}
    return Charge(
        ref=intent["id"],
        state=state,
        amount=amount,
        captured=captured or Money.zero(amount.currency),
        form_url=form_url,
        expires_at=metadata.expires_at(intent),
        authorised_until=_authorised_until(latest) if state is ChargeState.AUTHORISED else None,
        card=_card(latest),
        declined=_declined(failed) if failed and state is ChargeState.OPEN else None,
        attempts=attempts,
        refunds=tuple(given for given in map(refund, refunds) if given is not None),
    )


def _refund(told: Json) -> ProviderRefund:
    return ProviderRefund(ref=told["id"], amount=from_stripe(told["amount"], told["currency"]), key=metadata.key(told))


def _declined(failed: Json) -> DeclineReason:
    return declines.reason(failed.get("code"), failed.get("decline_code"))


def _card(latest: Json) -> str | None:
    """Such as `Visa 4242`."""
    details = (latest.get("payment_method_details") or {}).get("card")
    if not details or latest.get("status") != "succeeded":
        return None
    return f"{_BRANDS.get(details['brand'], 'Card')} {details['last4']}"


def _authorised_until(latest: Json) -> datetime | None:
    details = (latest.get("payment_method_details") or {}).get("card") or {}
    until = details.get("capture_before")
    return datetime.fromtimestamp(until, UTC) if until else None
