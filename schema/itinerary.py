"""Journeys and their segments: shared by itineraries and bookings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import strawberry

from app.domain import itinerary as domain
from app.domain import places as domain_places
from app.domain.itinerary import BaggageKind, CabinClass, PassengerType
from schema.enums import describe
from schema.places import Place, shown_place
from schema.scalars import LocalDateTime

describe(
    CabinClass,
    "The part of the aircraft a fare is for.",
    {
        CabinClass.ECONOMY: "Economy class.",
        CabinClass.PREMIUM_ECONOMY: "Premium economy class.",
        CabinClass.BUSINESS: "Business class.",
        CabinClass.FIRST: "First class.",
    },
)
describe(
    PassengerType,
    "How a passenger is priced, by age on the first day of travel.",
    {
        PassengerType.ADULT: "12 years or older.",
        PassengerType.CHILD: "2 to 11 years, in a seat.",
        PassengerType.INFANT: "Under 2 years, on an adult's lap.",
    },
)
describe(
    BaggageKind,
    "Where a piece of baggage travels.",
    {BaggageKind.CARRY_ON: "In the cabin.", BaggageKind.CHECKED: "In the hold."},
)


@dataclass(frozen=True)
class View:
    """How journeys refer to the rest of an answer: places by code, passengers by the carrier's references."""

    place: Callable[[str], domain_places.Place | None]
    passengers: Mapping[str, str]

    def shown(self, code: str) -> Place:
        """The place; LookupError for a code nobody knows, which no offer or order shown here has."""
        place = self.place(code)
        if place is None:
            raise LookupError(f"no place has the code {code}")
        return shown_place(place)


@strawberry.type(description="An airline.")
class Airline:
    """`Airline` of the domain."""

    code: str = strawberry.field(description="Its IATA code.")
    name: str = strawberry.field(description="Its name.")

    @classmethod
    def of(cls, airline: domain.Airline) -> Self:
        """The domain's airline."""
        return cls(code=airline.code, name=airline.name)


@strawberry.type(description="Pieces of baggage included in the fare.")
class Baggage:
    """`Baggage` of the domain."""

    kind: BaggageKind = strawberry.field(description="Where it travels.")
    quantity: int = strawberry.field(description="How many pieces.")

    @classmethod
    def of(cls, baggage: domain.Baggage) -> Self:
        """The domain's baggage."""
        return cls(kind=baggage.kind, quantity=baggage.quantity)


@strawberry.type(description="What one passenger has on one segment.")
class SegmentFare:
    """`SegmentFare` of the domain."""

    passenger_id: strawberry.ID = strawberry.field(description="The `id` of a passenger of this itinerary or booking.")
    cabin: CabinClass = strawberry.field(description="The cabin.")
    cabin_name: str | None = strawberry.field(description="What the airline calls the cabin.")
    fare_basis: str | None = strawberry.field(description="The airline's code for the fare.")
    baggage: list[Baggage] = strawberry.field(description="The baggage included.")

    @classmethod
    def of(cls, fare: domain.SegmentFare, view: View) -> Self:
        """The domain's fare of a passenger."""
        return cls(
            passenger_id=strawberry.ID(view.passengers[fare.passenger]),
            cabin=fare.cabin,
            cabin_name=fare.cabin_name,
            fare_basis=fare.fare_basis,
            baggage=[Baggage.of(baggage) for baggage in fare.baggage],
        )


@strawberry.type(description="One flight between two airports.")
class Segment:
    """`Segment` of the domain."""

    ref: strawberry.ID = strawberry.field(
        description="What the carrier calls it; unique within its itinerary or item, where seats and bags name it."
    )
    origin: Place = strawberry.field(description="Where it departs.")
    destination: Place = strawberry.field(description="Where it arrives.")
    origin_terminal: str | None = strawberry.field(description="The terminal it departs from, where known.")
    destination_terminal: str | None = strawberry.field(description="The terminal it arrives at, where known.")
    departs_at: LocalDateTime = strawberry.field(description="Departure, in the origin's local time.")
    arrives_at: LocalDateTime = strawberry.field(description="Arrival, in the destination's local time.")
    duration: timedelta = strawberry.field(description="From departure to arrival.")
    marketing_carrier: Airline = strawberry.field(description="The airline whose flight number it has.")
    operating_carrier: Airline = strawberry.field(description="The airline that flies it.")
    flight_number: str = strawberry.field(description="The number, without the airline's code.")
    flight: str = strawberry.field(description="As on the departure board: the marketing carrier's code and number.")
    aircraft: str | None = strawberry.field(description="The type of aircraft, where known.")
    fares: list[SegmentFare] = strawberry.field(description="What each passenger has on it.")

    @classmethod
    def of(cls, segment: domain.Segment, view: View) -> Self:
        """The domain's segment."""
        return cls(
            ref=strawberry.ID(segment.ref),
            origin=view.shown(segment.origin),
            destination=view.shown(segment.destination),
            origin_terminal=segment.origin_terminal,
            destination_terminal=segment.destination_terminal,
            departs_at=LocalDateTime(segment.departs_at),
            arrives_at=LocalDateTime(segment.arrives_at),
            duration=segment.duration,
            marketing_carrier=Airline.of(segment.marketing),
            operating_carrier=Airline.of(segment.operating),
            flight_number=segment.flight_number,
            flight=f"{segment.marketing.code} {segment.flight_number}",
            aircraft=segment.aircraft,
            fares=[SegmentFare.of(fare, view) for fare in segment.fares],
        )


@strawberry.type(description="One direction of travel: segments in order.")
class Journey:
    """`Journey` of the domain."""

    ref: strawberry.ID = strawberry.field(
        description="What the carrier calls it; unique within its itinerary or item, where `quoteExchange` takes it."
    )
    origin: Place = strawberry.field(description="Where it begins.")
    destination: Place = strawberry.field(description="Where it ends.")
    departs_at: LocalDateTime = strawberry.field(description="Departure of the first segment, in local time there.")
    arrives_at: LocalDateTime = strawberry.field(description="Arrival of the last segment, in local time there.")
    duration: timedelta = strawberry.field(description="From first departure to last arrival, changes included.")
    changes: int = strawberry.field(description="How often the traveller changes planes.")
    fare_brand: str | None = strawberry.field(description="What the airline calls the fare.")
    segments: list[Segment] = strawberry.field(description="The flights, in order.")

    @classmethod
    def of(cls, journey: domain.Journey, view: View) -> Self:
        """The domain's journey."""
        return cls(
            ref=strawberry.ID(journey.ref),
            origin=view.shown(journey.origin),
            destination=view.shown(journey.destination),
            departs_at=LocalDateTime(journey.departs_at),
            arrives_at=LocalDateTime(journey.arrives_at),
            duration=journey.duration,
            changes=journey.changes,
            fare_brand=journey.fare_brand,
            segments=[Segment.of(segment, view) for segment in journey.segments],
        )
