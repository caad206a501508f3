"""What the gateway's page for Stripe's form needs to know. Nothing here needs Stripe's library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.payments.contract import Charge, PaymentProvider
from app.payments.stripe import metadata


@dataclass(frozen=True, kw_only=True, slots=True)
class FormFacts:
    """One session as its page shows it; `units` is the amount as Stripe counts it."""

    charge: Charge
    units: int
    reference: str
    outcome_url: str
    locale: str
    origins: tuple[str, ...]


class FormProvider(PaymentProvider, Protocol):
    """A provider whose form is a page of ours. `script_url` is its script, `public_key` what that is opened with."""

    @property
    def public_key(self) -> str:
        """What Stripe's script knows our account by; no secret."""
        ...

    @property
    def script_url(self) -> str:
        """Where that script is loaded from."""
        ...

    async def form(self, ref: str) -> FormFacts:
        """The session's facts; NotFound or Trouble."""
        ...

    async def challenge(self, ref: str) -> str | None:
        """What the script needs to show the challenge that is waiting; None when none is."""
        ...


def form_facts(charge: Charge, intent: Mapping[str, Any]) -> FormFacts | None:
    """The facts in an intent's metadata; None where it is no session of ours."""
    facts = metadata.session(intent)
    if facts is None:
        return None
    return FormFacts(
        charge=charge,
        units=intent["amount"],
        reference=facts[metadata.REFERENCE],
        outcome_url=facts[metadata.OUTCOME_URL],
        locale=facts[metadata.LOCALE],
        origins=metadata.origins(facts),
    )
