"""Who Stripe is to the gateway, and what a deployment may change of it."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.recovery import Lost, Recovery
from app.payments.contract import PaymentVerb, ProviderProfile
from app.settings import Address

FAMILY: Final = "stripe"
WRITE_DEADLINE: Final = timedelta(seconds=30)
# "5-10 business days", by the bank (docs.stripe.com/refunds); ten business days are two weeks.
REFUND_ARRIVAL: Final = timedelta(days=14)


class Overrides(BaseModel):
    """What a deployment may change; an unknown name is an error.

    `script_url` is where the form loads Stripe.js from: Stripe allows its own address only, tests need another.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    write_deadline_seconds: Annotated[float, Field(gt=0, le=120)] = WRITE_DEADLINE.total_seconds()
    script_url: Address | None = None


def profile(code: str, name: str | None, overrides: Overrides) -> ProviderProfile:
    """One account with Stripe, which keeps idempotency keys for a day (docs.stripe.com/api/idempotent_requests).

    After that day the verbs are safe by themselves: a refund is looked for before it is asked for, and the others can
    happen only once to one charge.
    """
    return ProviderProfile(
        code=code,
        name=name or "Stripe",
        family=FAMILY,
        recovery=dict.fromkeys(PaymentVerb, Recovery(lost=Lost.IDEMPOTENT)),
        write_deadline=timedelta(seconds=overrides.write_deadline_seconds),
        refund_arrival=REFUND_ARRIVAL,
    )
