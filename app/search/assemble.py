"""From carriers' offers to itineraries: priced for the partner, without what cannot be shown."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from app.domain.itinerary import CarrierOffer, ExchangeRate, Journey
from app.domain.partner import FeeRule
from app.domain.search import DropReason, Leg, OutcomeStatus, SearchQuery
from app.pricing.price import NoRateError, price
from app.pricing.rates import Rates
from app.search.answer import CarrierOutcome, Itinerary
from app.search.fan_out import Reply
from app.search.ports import Places

# An offer nobody has the time to reserve is not worth showing.
SOONEST_EXPIRY: Final = timedelta(seconds=60)


class _Dropped(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, reason: DropReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """Turns one search's replies into itineraries; rates are asked once per currency, so that all offers share them."""

    query: SearchQuery
    currency: str
    fees: tuple[FeeRule, ...]
    rates: Rates
    places: Places
    now: datetime
    _known: dict[str, ExchangeRate | None] = field(default_factory=dict)

    def shown(self, reply: Reply) -> tuple[list[Itinerary], CarrierOutcome]:
        """The reply's itineraries, each content once, and the carrier's outcome with what was left out and why."""
        found: dict[str, Itinerary] = {}
        dropped = Counter(reply.answer.dropped)
        for offer in reply.answer.offers:
            try:
                itinerary = self._itinerary(offer)
            except _Dropped as left_out:
                dropped[left_out.reason] += 1
            else:
                if fits(self.query, offer):
                    found.setdefault(itinerary.id, itinerary)
        return list(found.values()), _outcome(reply, len(found), dropped)

    def _itinerary(self, offer: CarrierOffer) -> Itinerary:
        if not all(self.places.find(code) for code in _codes(offer)):
            raise _Dropped(DropReason.INCOMPLETE)
        if offer.expires_at - self.now < SOONEST_EXPIRY:
            raise _Dropped(DropReason.EXPIRES_TOO_SOON)
        try:
            priced = price(
                offer,
                currency=self.currency,
                fees=self.fees,
                rate=self._rate(offer.total.currency),
                fee_rates=self._fee_rates(),
            )
        except NoRateError:
            raise _Dropped(DropReason.UNSUPPORTED_CURRENCY) from None
        return Itinerary(offer=offer, price=priced, legs=self.query.legs)

    def _fee_rates(self) -> Mapping[str, ExchangeRate]:
        agreed = {rule.amount.currency for rule in self.fees if rule.amount is not None}
        return {currency: rate for currency in agreed if (rate := self._rate(currency))}

    def _rate(self, source: str) -> ExchangeRate | None:
        if source == self.currency:
            return None
        if source not in self._known:
            self._known[source] = self.rates.rate(source, self.currency, self.now)
        return self._known[source]


def _codes(offer: CarrierOffer) -> Iterator[str]:
    for journey in offer.journeys:
        yield from (journey.origin, journey.destination)
        for segment in journey.segments:
            yield from (segment.origin, segment.destination)


def _outcome(reply: Reply, shown: int, dropped: Mapping[DropReason, int]) -> CarrierOutcome:
    empty = reply.status is OutcomeStatus.OK and not shown
    return CarrierOutcome(
        carrier=reply.carrier,
        status=OutcomeStatus.EMPTY if empty else reply.status,
        latency=reply.latency,
        offers=shown,
        dropped={reason: count for reason, count in dropped.items() if count},
    )


def fits(query: SearchQuery, offer: CarrierOffer) -> bool:
    """Whether the offer keeps to the changes and time windows asked for; not every carrier can be asked for them."""
    changes = query.max_changes
    if changes is not None and any(journey.changes > changes for journey in offer.journeys):
        return False
    return all(_on_time(leg, journey) for leg, journey in zip(query.legs, offer.journeys, strict=False))


def _on_time(leg: Leg, journey: Journey) -> bool:
    return within(journey.departs_at.time(), leg.departs_from, leg.departs_until) and within(
        journey.arrives_at.time(), leg.arrives_from, leg.arrives_until
    )


def within(moment: time, start: time | None, end: time | None) -> bool:
    """Whether a local time lies in a window, both ends included; an open end is None."""
    return (start is None or start <= moment) and (end is None or moment <= end)
