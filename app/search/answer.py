"""What a search answers: itineraries that can be reserved, and what became of each carrier asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

from app.domain.codec import dump
from app.domain.errors import Refusal
from app.domain.itinerary import BaggageKind, CarrierOffer, PassengerType, Price
from app.domain.search import DropReason, Leg, OutcomeStatus

_ID_BYTES: Final = 10


@dataclass(frozen=True, kw_only=True)
class CarrierOutcome:
    """What became of one carrier: `offers` shown, `dropped` by reason, and the time until it answered or was left."""

    carrier: str
    status: OutcomeStatus
    latency: timedelta
    offers: int = 0
    dropped: Mapping[DropReason, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Itinerary:
    """A carrier's offer for the legs searched, at the price for one partner, in the selling currency."""

    offer: CarrierOffer
    price: Price
    legs: tuple[Leg, ...]

    @cached_property
    def id(self) -> str:
        """The same for the same content, whatever references the carrier gave it this time."""
        content = {"offer": _content(dump(self.offer)), "total": str(self.price.total)}
        return blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=_ID_BYTES).hexdigest()

    @cached_property
    def expires_at(self) -> datetime:
        """When the offer or its exchange rate ends."""
        ends = [self.offer.expires_at, *([self.price.rate.expires_at] if self.price.rate else [])]
        return min(ends)

    @cached_property
    def duration(self) -> timedelta:
        """Of all journeys together, changes included, stays between them not."""
        return sum((journey.duration for journey in self.offer.journeys), timedelta())

    @cached_property
    def changes(self) -> int:
        """Of all journeys together."""
        return sum(journey.changes for journey in self.offer.journeys)

    @cached_property
    def refundable(self) -> bool:
        """Whether the fare gives something back before departure."""
        return self.offer.conditions.refund is not None and self.offer.conditions.refund.allowed

    @cached_property
    def seated(self) -> tuple[str, ...]:
        """The passengers with a seat of their own, by the carrier's references."""
        return tuple(person.ref for person in self.offer.passengers if person.type is not PassengerType.INFANT)

    def pieces(self, kind: BaggageKind, passenger: str) -> int:
        """How many pieces this passenger may take on every segment."""
        fares = [fare for journey in self.offer.journeys for segment in journey.segments for fare in segment.fares]
        own = [fare.baggage for fare in fares if fare.passenger == passenger]
        return min((sum(bag.quantity for bag in bags if bag.kind is kind) for bags in own), default=0)


@dataclass(frozen=True, kw_only=True)
class SearchAnswer:
    """The answer to one search; `refusals` alone when its input could not be meant."""

    currency: str
    itineraries: tuple[Itinerary, ...] = ()
    outcomes: tuple[CarrierOutcome, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether no carrier is missing that might answer if asked again."""
        return not {OutcomeStatus.TIMED_OUT, OutcomeStatus.FAILED} & {outcome.status for outcome in self.outcomes}


# What changes from search to search though the offer is the same.
_FLEETING: Final = {"ref", "passenger", "expires_at", "pay_by", "price_guaranteed_until"}


def _content(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _content(part) for name, part in value.items() if name not in _FLEETING}
    return [_content(part) for part in value] if isinstance(value, list) else value
