"""What Stripe's no means for each verb, judged by the charge as it is: a Refusal we know, or Trouble.

Codes: docs.stripe.com/error-codes.
"""

from typing import Final

from app.domain.errors import Refusal, Trouble
from app.domain.money import Money
from app.domain.refusals import CaptureRefused, InvalidInput, PaymentDeclined, RefundRefused, WrongState
from app.payments.contract import Charge, ChargeState
from app.payments.stripe import declines
from app.payments.stripe.errors import No
from app.payments.stripe.hear import Json

_NOT_PAYABLE: Final = frozenset({"amount_too_small", "amount_too_large"})
_NOT_CAPTURABLE: Final = frozenset({"charge_expired_for_capture"})
_NOT_REFUNDABLE: Final = frozenset(
    {
        "charge_already_refunded",
        "charge_disputed",
        "charge_not_refundable",
        "insufficient_funds",
        "balance_insufficient",
    }
)
_CARD: Final = frozenset({"payment_method", "confirmation_token"})


def trouble(no: No) -> Trouble:
    """A no that nothing explains: by default we take the blame."""
    return Trouble(f"Stripe does not do this now, and says no more than {no}.")


def not_opened(no: No) -> Refusal | Trouble:
    """Why there is no form."""
    if no.code in _NOT_PAYABLE:
        return InvalidInput(message="Stripe takes no payment of this amount.", path=("input", "amount"))
    return trouble(no)


def not_authorised(no: No, charge: Charge) -> Refusal | Trouble:
    """Why the card reserves nothing."""
    if no.declined:
        reason = declines.reason(no.code, no.decline_code)
        return PaymentDeclined(message=declines.SENTENCES[reason], reason=reason)
    if charge.state is not ChargeState.OPEN:
        return WrongState(message=f"The charge is {charge.state.lower()}.", state=charge.state)
    if no.param in _CARD:
        return InvalidInput(message="Stripe does not accept this card's token.", path=("card",))
    return trouble(no)


def not_captured(no: No, charge: Charge, amount: Money) -> Refusal | Trouble:
    """Why nothing was taken."""
    if charge.state is not ChargeState.AUTHORISED:
        message = f"There is nothing to take: the charge is {charge.state.lower()}."
        return CaptureRefused(message=message, reason=charge.state.lower())
    if amount > charge.amount:
        return CaptureRefused(message="More was asked for than is authorised.", reason="amount_too_large")
    if no.declined or no.code in _NOT_CAPTURABLE:
        return CaptureRefused(message="The card's issuer lets nothing be taken any more.", reason=no.code)
    return trouble(no)


def not_refunded(no: No, charge: Charge, amount: Money) -> Refusal | Trouble:
    """Why nothing was given back."""
    if charge.state is not ChargeState.CAPTURED:
        return RefundRefused(message="Nothing was captured.", reason=charge.state.lower())
    if charge.refunded + amount > charge.captured:
        return RefundRefused(message="Less than that is left to give back.", reason="amount_too_large")
    if no.code in _NOT_REFUNDABLE:
        return RefundRefused(message="Stripe does not refund this charge by itself.", reason=no.code)
    return trouble(no)


def came_to_nothing(refund: Json) -> RefundRefused:
    """Why a refund that Stripe had taken on gave nothing back."""
    reason = str(refund.get("failure_reason") or "failed")
    return RefundRefused(message="Stripe could not give the money back.", reason=reason)
