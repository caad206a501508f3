"""Their words as ours: charges, refunds, addresses and callbacks."""

import json
from collections.abc import Sequence
from datetime import datetime

from app.domain.errors import Access, AccessCode
from app.domain.money import Money
from app.domain.payment import BillingAddress
from app.payments.contract import Charge, ChargeState, HeardPayment, ListedCharge, ProviderRefund
from app.payments.sandbox.errors import Incomplete, Json, reason

_BILLING = ("line1", "line2", "city", "country", "state", "post_code")


def charge(data: Json) -> Charge:
    """A charge; Incomplete when it lacks something."""
    try:
        return _charge(data)
    except (LookupError, TypeError, ValueError, AttributeError):
        raise Incomplete("The payment provider's charge cannot be read.") from None


def _charge(data: Json) -> Charge:
    currency = str(data["currency"])
    return Charge(
        ref=str(data["id"]),
        state=ChargeState(str(data["state"]).upper()),
        amount=Money(int(data["amount_minor"]), currency),
        captured=Money(int(data["captured_minor"]), currency),
        form_url=data["form_url"],
        expires_at=_moment(data["expires_at"]),
        authorised_until=_moment(data["authorised_until"]),
        card=data["card"],
        declined=reason(data["declined"]) if data["declined"] else None,
        attempts=int(data["attempts"]),
        refunds=tuple(_refund(each, currency) for each in data["refunds"]),
    )


def refund(data: Json, currency: str) -> ProviderRefund:
    """A refund; Incomplete when it lacks something."""
    try:
        return _refund(data, currency)
    except (LookupError, TypeError, ValueError):
        raise Incomplete("The payment provider's refund cannot be read.") from None


def _refund(data: Json, currency: str) -> ProviderRefund:
    return ProviderRefund(ref=str(data["id"]), amount=Money(int(data["amount_minor"]), currency), key=str(data["key"]))


def first_since(data: Json, since: datetime) -> Charge | None:
    """The oldest of the charges listed that was made at or after `since`."""
    try:
        made = (each for each in data["charges"] if datetime.fromisoformat(each["created_at"]) >= since)
        found = next(made, None)
    except (LookupError, TypeError, ValueError):
        raise Incomplete("The payment provider's charges cannot be read.") from None
    return None if found is None else charge(found)


def page(data: Json) -> tuple[list[ListedCharge], str | None]:
    """A page of charges and the cursor of the next; Incomplete when one lacks something."""
    try:
        return [_listed(each) for each in data["charges"]], data["after"]
    except (LookupError, TypeError, ValueError):
        raise Incomplete("The payment provider's charges cannot be read.") from None


def _listed(data: Json) -> ListedCharge:
    return ListedCharge(
        charge=charge(data), payment=str(data["payment"]), created_at=datetime.fromisoformat(data["created_at"])
    )


def billing(data: Json) -> BillingAddress:
    """Where the payer is billed."""
    return BillingAddress(**{name: str(data.get(name) or "") for name in _BILLING})


def events(event: str, jti: str, body: bytes) -> Sequence[HeardPayment]:
    """The hint in a callback whose token vouches for this event; Access when it cannot be read."""
    try:
        data = json.loads(body)
        return (HeardPayment(event=event, kind=str(data["kind"]), charge=str(data["charge"]), jti=jti),)
    except (LookupError, TypeError, ValueError, RecursionError):
        raise Access(AccessCode.UNAUTHENTICATED, "The callback cannot be read.") from None


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
