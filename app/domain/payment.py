"""Words of paying by card: why a card was declined, and where its holder is billed."""

from dataclasses import dataclass
from enum import StrEnum


class DeclineReason(StrEnum):
    """Why a card payment was declined, as far as its issuer lets anybody know."""

    DECLINED = "DECLINED"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    EXPIRED_CARD = "EXPIRED_CARD"
    INCORRECT_SECURITY_CODE = "INCORRECT_SECURITY_CODE"
    LOST_OR_STOLEN = "LOST_OR_STOLEN"
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    SUSPECTED_FRAUD = "SUSPECTED_FRAUD"
    PROCESSING_ERROR = "PROCESSING_ERROR"


@dataclass(frozen=True, kw_only=True, slots=True)
class BillingAddress:
    """Where the payer is billed: personal, so it is asked for when needed and never stored. Parts may be empty."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    country: str = ""
    state: str = ""
    post_code: str = ""
