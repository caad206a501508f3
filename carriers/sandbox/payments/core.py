"""What every endpoint works with: the facts, the time, and the next number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.domain.clock import Clock
from carriers.sandbox.chance import base62
from carriers.sandbox.exchange import Json
from carriers.sandbox.payments.facts import Facts
from carriers.sandbox.schedule import Later

# 43 digits to base 62 are 256 bits.
_SECRET_LENGTH = 43


class Core:
    """The facts and the time, at one `origin` for API, forms and callbacks.

    `at` is set while something scheduled happens: then that is the time. While `muted`, nobody is told of anything.
    """

    def __init__(self, clock: Clock, seed: str, origin: str) -> None:
        self.clock = clock
        self.origin = origin
        self.facts = Facts(seed)
        self.at: datetime | None = None
        self.muted = False

    def now(self) -> datetime:
        """The world's time, in UTC."""
        return self.at or self.clock.now() + self.facts.offset

    def new_id(self, prefix: str) -> str:
        """A new identifier, the same in every run of the same seed."""
        self.facts.counter += 1
        return f"{prefix}_{base62(20, self.facts.seed, prefix, self.facts.counter)}"

    def new_secret(self) -> str:
        """256 bits that only who knows the seed can tell."""
        self.facts.counter += 1
        return base62(_SECRET_LENGTH, self.facts.seed, "secret", self.facts.counter)

    def later(self, at: datetime, what: str, about: Json) -> None:
        """Let something happen at that time."""
        self.facts.counter += 1
        self.facts.schedule.append(Later(at, self.facts.counter, what, about))


@dataclass(slots=True)
class Call:
    """One call of an endpoint: what is in its path, query and body, and its idempotency key.

    `plain` is a form that a browser posted without our script: it wants to be sent on to a page.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    data: Json = field(default_factory=dict)
    key: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers, how many seconds it takes to, and whether that gets lost on its way."""

    data: Json | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    lost: bool = False


def stamp(moment: datetime) -> str:
    """An instant in UTC, as ISO 8601."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def maybe_stamp(moment: datetime | None) -> str | None:
    """An instant, or null."""
    return None if moment is None else stamp(moment)


def ahead(core: Core, seconds: float) -> datetime:
    """The instant so many seconds from now."""
    return core.now() + timedelta(seconds=seconds)
