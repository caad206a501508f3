"""Why a card was declined: Stripe's codes in our words, one table.

Sources: docs.stripe.com/declines/codes (decline codes), docs.stripe.com/error-codes (where an error has no decline
code). What is not listed is DECLINED: the issuer did not say why, or the reason would help nobody.
"""

from collections.abc import Mapping
from typing import Final

from app.domain.payment import DeclineReason

_R = DeclineReason
_CODES: Final[Mapping[DeclineReason, str]] = {
    _R.INSUFFICIENT_FUNDS: "insufficient_funds card_velocity_exceeded withdrawal_count_limit_exceeded",
    _R.EXPIRED_CARD: "expired_card invalid_expiry_month invalid_expiry_year",
    _R.INCORRECT_SECURITY_CODE: "incorrect_cvc invalid_cvc",
    _R.LOST_OR_STOLEN: "lost_card stolen_card pickup_card",
    _R.AUTHENTICATION_FAILED: (
        "authentication_required authentication_not_handled mobile_device_authentication_required "
        "payment_intent_authentication_failure"
    ),
    _R.SUSPECTED_FRAUD: "fraudulent merchant_blacklist highest_risk_level",
    _R.PROCESSING_ERROR: "processing_error issuer_not_available reenter_transaction try_again_later approve_with_id",
}
REASONS: Final[Mapping[str, DeclineReason]] = {
    code: reason for reason, codes in _CODES.items() for code in codes.split()
}

SENTENCES: Final[Mapping[DeclineReason, str]] = {
    _R.DECLINED: "The card was declined.",
    _R.INSUFFICIENT_FUNDS: "The card has not enough funds or credit.",
    _R.EXPIRED_CARD: "The card has expired.",
    _R.INCORRECT_SECURITY_CODE: "The card's security code is incorrect.",
    _R.LOST_OR_STOLEN: "The card was declined.",
    _R.AUTHENTICATION_FAILED: "The card's holder could not be authenticated.",
    _R.SUSPECTED_FRAUD: "The card was declined.",
    _R.PROCESSING_ERROR: "The card's issuer could not be asked; try again.",
}


def reason(code: str | None, decline_code: str | None = None) -> DeclineReason:
    """Why, as far as the codes tell; the issuer's own code says more than the error's."""
    return REASONS.get(decline_code or "") or REASONS.get(code or "", DeclineReason.DECLINED)
