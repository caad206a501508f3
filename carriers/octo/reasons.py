"""Why a booking was cancelled, as its record keeps it: by that our own cancellations are known from the operator's."""

from hashlib import sha256

CANCELLED = "Cancelled by the reseller"
_REFUND = "Refund "


def refund_reason(terms: str) -> str:
    """What the booking keeps of a refund's terms: by it a lost confirmation is known again."""
    return f"{_REFUND}{sha256(terms.encode()).hexdigest()[:16]}"


def is_ours(reason: str | None) -> bool:
    """Whether the reason is one that we give; none is kept by some operators."""
    return reason is not None and (reason == CANCELLED or reason.startswith(_REFUND))
