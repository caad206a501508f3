"""What a search can be asked."""

import datetime as dt
from datetime import time, timedelta
from decimal import Decimal

import strawberry

from app.domain.itinerary import CabinClass, PassengerType
from app.domain.search import Leg
from app.search.rank import Filter, JourneyTimes, Sort
from app.search.request import SearchRequest, SeatWish
from schema.enums import describe
from schema.scalars import CurrencyCode

describe(
    Sort,
    "What comes first.",
    {
        Sort.PRICE: "The lowest total.",
        Sort.DURATION: "The shortest time on the way, all journeys together.",
        Sort.DEPARTURE: "The earliest departure.",
        Sort.EMISSIONS: "The least CO2; itineraries whose emissions are unknown come last.",
    },
)


@strawberry.input(description="One direction to travel. One leg is a one-way trip, two back and forth a return trip.")
class LegInput:
    """`Leg` of the domain."""

    origin: str = strawberry.field(description="IATA code of a city or airport, as `places` finds it.")
    destination: str = strawberry.field(description="IATA code of a city or airport, as `places` finds it.")
    date: dt.date = strawberry.field(description="The day of departure, local at the origin.")
    departs_from: time | None = strawberry.field(default=None, description="Depart at this local time or later.")
    departs_until: time | None = strawberry.field(default=None, description="Depart at this local time or earlier.")
    arrives_from: time | None = strawberry.field(default=None, description="Arrive at this local time or later.")
    arrives_until: time | None = strawberry.field(default=None, description="Arrive at this local time or earlier.")

    def to_domain(self) -> Leg:
        """The domain's leg; codes may be written in small letters."""
        return Leg(
            origin=self.origin.strip().upper(),
            destination=self.destination.strip().upper(),
            date=self.date,
            departs_from=self.departs_from,
            departs_until=self.departs_until,
            arrives_from=self.arrives_from,
            arrives_until=self.arrives_until,
        )


@strawberry.input(description="One passenger to find seats for: a type, an age, or both.")
class SeatInput:
    """`SeatWish` of the search."""

    type: PassengerType | None = strawberry.field(default=None, description="How the passenger is priced.")
    age: int | None = strawberry.field(default=None, description="Age in years on the first day of travel.")

    def to_domain(self) -> SeatWish:
        """The search's wish."""
        return SeatWish(type=self.type, age=self.age)


@strawberry.input(description="What to search for.")
class SearchInput:
    """`SearchRequest` of the search."""

    legs: list[LegInput] = strawberry.field(description="1 to 6 legs, in the order of travel.")
    passengers: list[SeatInput] = strawberry.field(description="1 to 9 passengers.")
    cabin: CabinClass | None = strawberry.field(default=None, description="The cabin; any when left out.")
    max_changes: int | None = strawberry.field(
        default=None, description="How many changes each journey may have, 0 to 5; any number when left out."
    )
    currency: CurrencyCode | None = strawberry.field(
        default=None, description="The currency to sell in; the partner's own when left out."
    )

    def to_domain(self) -> SearchRequest:
        """The search's request."""
        return SearchRequest(
            legs=tuple(leg.to_domain() for leg in self.legs),
            passengers=tuple(seat.to_domain() for seat in self.passengers),
            cabin=self.cabin,
            max_changes=self.max_changes,
            currency=self.currency,
        )


@strawberry.input(description="Local times one journey must keep to, both ends included.")
class JourneyTimesInput:
    """`JourneyTimes` of the search."""

    journey: int = strawberry.field(description="Which journey, counted from 0 in the order of the search.")
    departs_from: time | None = strawberry.field(default=None, description="Depart at this local time or later.")
    departs_until: time | None = strawberry.field(default=None, description="Depart at this local time or earlier.")
    arrives_from: time | None = strawberry.field(default=None, description="Arrive at this local time or later.")
    arrives_until: time | None = strawberry.field(default=None, description="Arrive at this local time or earlier.")

    def to_domain(self) -> JourneyTimes:
        """The search's times."""
        return JourneyTimes(
            journey=self.journey,
            departs_from=self.departs_from,
            departs_until=self.departs_until,
            arrives_from=self.arrives_from,
            arrives_until=self.arrives_until,
        )


@strawberry.input(description="What an itinerary must be to be listed; asks no carrier again.")
class ItineraryFilter:
    """`Filter` of the search."""

    max_changes: int | None = strawberry.field(default=None, description="Changes each journey may have.")
    max_duration: timedelta | None = strawberry.field(default=None, description="How long each journey may take.")
    max_price: Decimal | None = strawberry.field(default=None, description="The highest total, in `currency`.")
    airlines: list[str] | None = strawberry.field(
        default=None, description="IATA codes of the airlines that may market a segment."
    )
    carriers: list[str] | None = strawberry.field(default=None, description="Codes of the carriers to list.")
    holdable: bool = strawberry.field(default=False, description="Only what can be held without payment.")
    refundable: bool = strawberry.field(default=False, description="Only what can be given back before departure.")
    checked_bags: int = strawberry.field(
        default=0, description="The least number of checked pieces for each passenger with a seat."
    )
    times: list[JourneyTimesInput] = strawberry.field(
        default_factory=list, description="Local times of single journeys."
    )

    def to_domain(self) -> Filter:
        """The search's filter."""
        return Filter(
            max_changes=self.max_changes,
            max_duration=self.max_duration,
            max_price=self.max_price,
            airlines=None if self.airlines is None else frozenset(code.upper() for code in self.airlines),
            carriers=None if self.carriers is None else frozenset(self.carriers),
            holdable=self.holdable,
            refundable=self.refundable,
            checked_bags=self.checked_bags,
            times=tuple(times.to_domain() for times in self.times),
        )
