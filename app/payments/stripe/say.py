"""Our words as Stripe's parameters."""

from typing import Final

from stripe.params import (
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
)

from app.domain.money import Money
from app.domain.refusals import CaptureRefused, InvalidInput, RefundRefused
from app.payments.contract import SessionWish
from app.payments.stripe import metadata
from app.payments.stripe.amounts import UnsayableError, to_stripe

EXPAND: Final = ["latest_charge"]


def intent(wish: SessionWish, key: str) -> PaymentIntentCreateParams:
    """A PaymentIntent that waits for a card; InvalidInput when Stripe cannot take this payment."""
    try:
        amount = to_stripe(wish.amount)
    except UnsayableError as error:
        raise InvalidInput(message=str(error), path=("input", "amount")) from None
    return {
        "amount": amount,
        "currency": wish.amount.currency.lower(),
        "capture_method": "manual",
        "allowed_payment_method_types": ["card"],
        "metadata": metadata.of_session(wish, key),
        "expand": EXPAND,
    }


def confirmation(token: str) -> PaymentIntentConfirmParams:
    """The card that a token stands for: a confirmation token is what Stripe's form makes, a payment method a kept card.

    InvalidInput when it is neither.
    """
    common: PaymentIntentConfirmParams = {"use_stripe_sdk": True, "expand": EXPAND}
    if token.startswith("ctoken_"):
        return {**common, "confirmation_token": token}
    if token.startswith("pm_"):
        return {**common, "payment_method": token}
    raise InvalidInput(message="This is not a card's token.", path=("card",))


def capture(amount: Money, key: str) -> PaymentIntentCaptureParams:
    """How much to take, and for which call; CaptureRefused when Stripe has no number for it."""
    try:
        wanted = to_stripe(amount)
    except UnsayableError as error:
        raise CaptureRefused(message=str(error), reason="amount") from None
    return {"amount_to_capture": wanted, "metadata": {metadata.CAPTURE_KEY: key}, "expand": EXPAND}


def refund(ref: str, amount: Money, key: str) -> RefundCreateParams:
    """How much to give back of which intent; RefundRefused when Stripe has no number for it."""
    try:
        wanted = to_stripe(amount)
    except UnsayableError as error:
        raise RefundRefused(message=str(error), reason="amount") from None
    return {"payment_intent": ref, "amount": wanted, "metadata": {metadata.KEY: key}}
