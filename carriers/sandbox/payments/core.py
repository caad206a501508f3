"""What every endpoint of the provider works with besides: its address, and secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.clock import Clock
from carriers.sandbox import core
from carriers.sandbox.chance import base62
from carriers.sandbox.payments.facts import Facts

# 43 digits to base 62 are 256 bits.
_SECRET_LENGTH = 43


class Core(core.Core[Facts]):
    """The facts and the time, at one `origin` for API, forms and callbacks. While `muted`, nobody is told anything."""

    def __init__(self, clock: Clock, seed: str, origin: str) -> None:
        super().__init__(clock, Facts(seed))
        self.origin = origin
        self.muted = False

    def new_id(self, prefix: str) -> str:
        """A new identifier, the same in every run of the same seed."""
        return f"{prefix}_{base62(20, self.facts.seed, prefix, self.next_number())}"

    def new_secret(self) -> str:
        """256 bits that only who knows the seed can tell."""
        return base62(_SECRET_LENGTH, self.facts.seed, "secret", self.next_number())


@dataclass(slots=True, kw_only=True)
class Call(core.Call):
    """One call of an endpoint, with its idempotency key.

    `plain` is a form that a browser posted without our script: it wants to be sent on to a page.
    """

    key: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Answer(core.Answer):
    """What an endpoint answers, and whether that gets lost on its way."""

    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False
