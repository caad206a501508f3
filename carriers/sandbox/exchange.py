"""What passes between a world and whoever carries its bytes: a request, and a reply or its absence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")


class Delivery(Enum):
    """Whether the reply reaches the caller."""

    ANSWERED = "answered"
    NO_REPLY = "no_reply"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as a world sees it; header names are lower case, repeated query values are kept."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the world answers, how many seconds it takes to, and whether it arrives at all."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_seconds: float = 0.0
    delivery: Delivery = Delivery.ANSWERED

    def json(self) -> Json:
        """The body as the object it encodes."""
        decoded: Json = json.loads(self.body)
        return decoded


# A reply that never arrives: the caller sees a time-out or a cut connection.
SILENCE = Reply(status=0, delivery=Delivery.NO_REPLY)


def encode(body: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def decode(body: bytes) -> object:
    """What the JSON says; ValueError where it cannot be read."""
    try:
        return written(json.loads(body))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def written(found: T) -> T:
    """The same; ValueError where it cannot be told again: half of a surrogate pair parses, but is no text."""
    encode(found)
    return found


def stamp(moment: datetime) -> str:
    """An instant in UTC, as ISO 8601 with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def maybe_stamp(moment: datetime | None) -> str | None:
    """An instant, or null."""
    return None if moment is None else stamp(moment)
