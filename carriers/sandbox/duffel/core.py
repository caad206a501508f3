"""What every endpoint works with: the facts, the time, and the next number."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.domain.clock import Clock
from carriers.sandbox.chance import base62
from carriers.sandbox.duffel.errors import bad_request, required, wrong_format
from carriers.sandbox.duffel.facts import Facts
from carriers.sandbox.exchange import Json
from carriers.sandbox.schedule import Later


class Core:
    """The facts and the time. `at` is set while something scheduled happens: then that is the time."""

    def __init__(self, clock: Clock, seed: str) -> None:
        self.clock = clock
        self.seed = seed
        self.facts = Facts()
        self.at: datetime | None = None

    def now(self) -> datetime:
        """The world's time, in UTC."""
        return self.at or self.clock.now() + self.facts.offset

    def new_id(self, prefix: str) -> str:
        """A new identifier, the same in every run."""
        self.facts.counter += 1
        return f"{prefix}_0000{base62(18, self.seed, prefix, self.facts.counter)}"

    def later(self, delay: timedelta, what: str, about: Json) -> None:
        """Let something happen after the delay."""
        self.at_time(self.now() + delay, what, about)

    def at_time(self, at: datetime, what: str, about: Json) -> None:
        """Let something happen at that time."""
        self.facts.counter += 1
        self.facts.schedule.append(Later(at, self.facts.counter, what, about))


@dataclass(slots=True)
class Call:
    """One call of an endpoint: what is in its path, query and body, and what a fault asks of it."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    data: Json = field(default_factory=dict)
    documents_after: timedelta = timedelta()

    def one(self, name: str) -> str | None:
        """A query value; the last one where it is repeated."""
        values = self.query.get(name)
        return values[-1] if values else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers: the status and the envelope's content."""

    data: Json | list[Json] | None
    status: int = 200
    meta: Json | None = None
    delay_seconds: float = 0.0


def stamp(moment: datetime) -> str:
    """An instant as Duffel writes it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_stamp(moment: datetime | None) -> str | None:
    """An instant, or null."""
    return None if moment is None else stamp(moment)


def local_stamp(moment: datetime) -> str:
    """A local time as Duffel writes it: no offset."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def iso_duration(span: timedelta) -> str:
    """An ISO 8601 duration such as `PT02H26M`."""
    days, rest = divmod(int(span.total_seconds()) // 60, 24 * 60)
    hours, minutes = divmod(rest, 60)
    return f"P{days}DT{hours:02}H{minutes:02}M" if days else f"PT{hours:02}H{minutes:02}M"


def text_of(data: Json, name: str, pointer: str) -> str:
    """A required string of the body."""
    value = data.get(name)
    if value is None or value == "":
        raise required(f"{pointer}/{name}")
    if not isinstance(value, str):
        raise wrong_format(f"{pointer}/{name}", f"Field '{name}' must be a string")
    return value


def list_of(data: Json, name: str, pointer: str) -> list[Json]:
    """A required, filled list of objects of the body."""
    if not data.get(name):
        raise required(f"{pointer}/{name}")
    return maybe_list_of(data, name, pointer)


def maybe_list_of(data: Json, name: str, pointer: str) -> list[Json]:
    """A list of objects of the body; empty where there is none."""
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise wrong_format(f"{pointer}/{name}", f"Field '{name}' must be a list of objects")
    return value


_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


def address_of(data: Json) -> str:
    """A required web address of the body."""
    url = text_of(data, "url", "/data")
    if not _ADDRESS.fullmatch(url):
        raise wrong_format("/data/url", "Field 'url' must be a valid URL")
    return url


def body_of(document: object) -> Json:
    """The `data` of a request body."""
    if not isinstance(document, dict) or "data" not in document:
        message = "The data in the request body should be nested under the data key."
        raise bad_request("missing_data_param", "Missing data", message)
    data = document["data"]
    if not isinstance(data, dict):
        raise bad_request("invalid_data_param", "Invalid data", "The data in the request body should be a JSON object.")
    return data
