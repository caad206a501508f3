"""What passes between a world and whoever carries its bytes: a request, and a reply or its absence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Json = dict[str, Any]


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


def encode(body: Json) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
