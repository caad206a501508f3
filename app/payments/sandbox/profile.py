"""Who the sandbox provider is to the gateway. It speaks as careful providers do: every write has an idempotency key."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.recovery import Lost, Recovery
from app.payments.contract import PaymentVerb, ProviderProfile

FAMILY = "sandbox"

WRITE_DEADLINE = timedelta(seconds=30)
# The sandbox gives back as it answers; an answer that has to be asked for again takes minutes.
REFUND_ARRIVAL = timedelta(minutes=5)

_Seconds = Annotated[float, Field(gt=0, le=86_400)]
_Delay = Annotated[float, Field(ge=0, le=86_400)]


class Overrides(BaseModel):
    """What a deployment may change; an unknown name is an error.

    `callback_url` is where the provider was asked to send callbacks, which it signs for that address alone. Without it
    none is heard, and charges are found out about by asking.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    callback_url: str | None = None
    write_deadline_seconds: _Seconds = WRITE_DEADLINE.total_seconds()
    settle_seconds: _Delay = 0


def profile(code: str, name: str | None, overrides: Overrides) -> ProviderProfile:
    """One account with the sandbox provider.

    A key has one answer for good, even where its first call takes effect late: asking again at once is safe.
    """
    again = Recovery(lost=Lost.IDEMPOTENT, settle_delay=timedelta(seconds=overrides.settle_seconds))
    return ProviderProfile(
        code=code,
        name=name or "Sandbox payments",
        family=FAMILY,
        recovery=dict.fromkeys(PaymentVerb, again),
        write_deadline=timedelta(seconds=overrides.write_deadline_seconds),
        refund_arrival=REFUND_ARRIVAL,
    )
