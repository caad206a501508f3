"""Slices, segments and fares as Duffel writes them, in offers and orders alike."""

from collections.abc import Iterable

from app.domain.itinerary import Airline, Baggage, BaggageKind, CabinClass, Journey, Segment, SegmentFare
from app.wire.facts import Json, text, text_or_none
from carriers.duffel.facts import local, some

_BAGS = {"carry_on": BaggageKind.CARRY_ON, "checked": BaggageKind.CHECKED}


def journeys(slices: Iterable[Json]) -> tuple[Journey, ...]:
    """The directions of travel, of which there must be one."""
    return some(
        Journey(
            ref=text(piece["id"]),
            origin=text(piece["origin"]["iata_code"]),
            destination=text(piece["destination"]["iata_code"]),
            segments=some(_segment(segment) for segment in piece["segments"]),
            fare_brand=text_or_none(piece.get("fare_brand_name")),
        )
        for piece in slices
    )


def _segment(data: Json) -> Segment:
    departs_at = local(data["departing_at"], data["origin"]["time_zone"])
    arrives_at = local(data["arriving_at"], data["destination"]["time_zone"])
    if arrives_at <= departs_at:
        raise ValueError("arrives before it departs")
    marketing = airline(data["marketing_carrier"])
    operating = data.get("operating_carrier")
    return Segment(
        ref=text(data["id"]),
        origin=text(data["origin"]["iata_code"]),
        destination=text(data["destination"]["iata_code"]),
        origin_terminal=text_or_none(data.get("origin_terminal")),
        destination_terminal=text_or_none(data.get("destination_terminal")),
        departs_at=departs_at,
        arrives_at=arrives_at,
        marketing=marketing,
        operating=airline(operating) if operating and operating.get("iata_code") else marketing,
        flight_number=text(data["marketing_carrier_flight_number"]),
        aircraft=text_or_none((data.get("aircraft") or {}).get("name")),
        fares=tuple(_fare(passenger) for passenger in data["passengers"]),
    )


def _fare(data: Json) -> SegmentFare:
    return SegmentFare(
        passenger=text(data["passenger_id"]),
        cabin=CabinClass(data["cabin_class"].upper()),
        cabin_name=text_or_none(data.get("cabin_class_marketing_name")),
        fare_basis=text_or_none(data.get("fare_basis_code")),
        baggage=tuple(
            Baggage(kind=_BAGS[bag["type"]], quantity=int(bag["quantity"]))
            for bag in data.get("baggages") or ()
            if bag["type"] in _BAGS and bag["quantity"]
        ),
    )


def airline(data: Json) -> Airline:
    """An airline by its IATA code."""
    return Airline(code=text(data["iata_code"]), name=text(data["name"]))
