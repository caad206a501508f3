"""One delivery that somebody has taken on: all that is needed to write and post it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.store.delivery_tables import EndpointFormat


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where it goes: the endpoint, with its sealed secret."""

    id: str
    url: str = field(repr=False)
    format: EndpointFormat
    secret: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is told: a line of a booking's timeline. `charge` is the id of a card payment at its `provider`."""

    kind: str
    at: datetime
    booking_id: str
    reference: str
    item_id: str | None
    operation_id: str | None
    facts: dict[str, Any]
    provider: str | None = None
    charge: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """The right to make one attempt, until `lease`; every attempt has the same `id`, which receivers tell it by."""

    id: str
    attempts: int
    lease: datetime
    target: Target
    told: Told
