"""How Duffel writes a search and an offer."""

from carriers.sandbox.chance import base62, pick
from carriers.sandbox.duffel import magic
from carriers.sandbox.duffel.airlines import AIRLINES, aircraft_json, airline_json
from carriers.sandbox.duffel.booked import slice_id
from carriers.sandbox.duffel.core import iso_duration, local_stamp, maybe_stamp, stamp
from carriers.sandbox.duffel.fares import Price, bags, cabin_name, conditions, emissions_kg, fare_basis
from carriers.sandbox.duffel.itineraries import Journey, elapsed
from carriers.sandbox.duffel.places import airport_json, distance_km, place_json
from carriers.sandbox.duffel.search import Offer, Search, Slice, Traveller
from carriers.sandbox.duffel.timetable import Flight, Stop
from carriers.sandbox.exchange import Json


def search_json(search: Search) -> Json:
    """An offer request, without its offers."""
    return {
        "id": search.id,
        "live_mode": False,
        "created_at": stamp(search.created_at),
        "cabin_class": search.cabin,
        "client_key": base62(48, "client key", search.id),
        "slices": [_wish_json(piece) for piece in search.slices],
        "passengers": [_traveller_json(traveller) for traveller in search.travellers],
    }


def _wish_json(piece: Slice) -> Json:
    origin, destination = place_json(piece.origin), place_json(piece.destination)
    return {
        "origin": origin,
        "origin_type": origin["type"],
        "destination": destination,
        "destination_type": destination["type"],
        "departure_date": piece.day.isoformat(),
    }


def _traveller_json(traveller: Traveller) -> Json:
    return {
        "id": traveller.id,
        "type": traveller.type,
        "age": traveller.age,
        "given_name": None,
        "family_name": None,
        "fare_type": None,
        "loyalty_programme_accounts": [],
    }


def offer_json(offer: Offer, cost: Price) -> Json:
    """An offer at this price."""
    return {
        "id": offer.id,
        "live_mode": False,
        "partial": False,
        "created_at": stamp(offer.search.created_at),
        "updated_at": stamp(offer.search.created_at),
        "expires_at": stamp(offer.expires_at),
        "owner": airline_json(offer.airline),
        "base_amount": str(cost.base.amount),
        "base_currency": cost.base.currency,
        "tax_amount": str(cost.tax.amount),
        "tax_currency": cost.tax.currency,
        "total_amount": str(cost.total.amount),
        "total_currency": cost.total.currency,
        "total_emissions_kg": emissions_kg(offer.flights, offer.search.cabin, offer.search.seats),
        "conditions": conditions(offer.airline, ((offer.brand, cost),)),
        "payment_requirements": _payment_requirements(offer),
        "passenger_identity_documents_required": offer.documents_required,
        "supported_passenger_identity_document_types": _document_types(offer),
        "allowed_passenger_identity_document_types": _document_types(offer),
        "supported_loyalty_programmes": [offer.airline, *AIRLINES[offer.airline].partners],
        "available_services": None,
        "private_fares": [],
        "passengers": [_traveller_json(traveller) for traveller in offer.search.travellers],
        "slices": slices_json(offer, cost, offer.id),
    }


def _payment_requirements(offer: Offer) -> Json:
    limits = offer.payment_limits()
    pay_by, guaranteed_until = limits or (None, None)
    return {
        "requires_instant_payment": limits is None,
        "payment_required_by": maybe_stamp(pay_by),
        "price_guarantee_expires_at": maybe_stamp(guaranteed_until),
    }


def _document_types(offer: Offer) -> list[str]:
    touches_us = any(
        airport_json(code)["iata_country_code"] == "US"
        for flight in offer.flights
        for code in (flight.origin, flight.destination)
    )
    return ["passport", "known_traveler_number", "passenger_redress_number"] if touches_us else ["passport"]


def slices_json(offer: Offer, cost: Price, owner_id: str) -> list[Json]:
    """The journeys as slices; their ids differ between an offer and the order made of it."""
    rules = conditions(offer.airline, ((offer.brand, cost),))
    return [
        {"id": slice_id(owner_id, index)} | journey_json(offer, journey, rules, owner_id)
        for index, journey in enumerate(offer.journeys)
    ]


def journey_json(offer: Offer, journey: Journey, rules: Json, owner_id: str) -> Json:
    """A journey that the offer sells, with the conditions it has at its owner, but for its id there."""
    extras = {"advance_seat_selection": None, "priority_boarding": None, "priority_check_in": None}
    return {
        "origin": airport_json(journey[0].origin),
        "origin_type": "airport",
        "destination": airport_json(journey[-1].destination),
        "destination_type": "airport",
        "duration": iso_duration(elapsed(journey)),
        "fare_brand_name": offer.brand.name,
        "ngs_shelf": None,
        "comparison_key": base62(8, *(flight.key for flight in journey)),
        "conditions": rules | extras,
        "segments": _segments(offer, journey, owner_id),
    }


def _segments(offer: Offer, journey: Journey, owner_id: str) -> list[Json]:
    return [_segment_json(offer, flight, segment_id(owner_id, flight.key)) for flight in journey]


def segment_id(owner_id: str, flight_key: str) -> str:
    """Duffel's identifier of a flight within an offer or order."""
    return f"seg_0000{base62(18, owner_id, flight_key)}"


def _segment_json(offer: Offer, flight: Flight, segment_id: str) -> Json:
    return {
        "id": segment_id,
        "origin": airport_json(flight.origin),
        "origin_terminal": _terminal(flight.airline, flight.origin),
        "destination": airport_json(flight.destination),
        "destination_terminal": _terminal(flight.airline, flight.destination),
        "departing_at": local_stamp(flight.departs),
        "arriving_at": local_stamp(flight.arrives),
        "duration": iso_duration(flight.duration),
        "distance": f"{distance_km(flight.origin, flight.destination):.1f}",
        "aircraft": aircraft_json(flight.aircraft),
        "marketing_carrier": airline_json(flight.airline),
        "marketing_carrier_flight_number": flight.number,
        "operating_carrier": airline_json(flight.operator),
        "operating_carrier_flight_number": flight.operator_number,
        "stops": [_stop_json(flight.stop, segment_id)] if flight.stop else [],
        "passengers": [_on_board(offer, flight, traveller) for traveller in offer.search.travellers],
    }


def _stop_json(stop: Stop, segment_id: str) -> Json:
    return {
        "id": f"sto_0000{base62(18, segment_id, stop.airport)}",
        "airport": airport_json(stop.airport),
        "arriving_at": local_stamp(stop.arrives),
        "departing_at": local_stamp(stop.departs),
        "duration": iso_duration(stop.departs - stop.arrives),
    }


def _on_board(offer: Offer, flight: Flight, traveller: Traveller) -> Json:
    cabin = offer.search.cabin
    return {
        "passenger_id": traveller.id,
        "cabin_class": cabin,
        "cabin_class_marketing_name": cabin_name(offer.brand, cabin),
        "fare_basis_code": fare_basis(offer.brand, flight, cabin),
        "baggages": [] if offer.search.route == magic.NO_BAGS else bags(offer.brand),
        "cabin": None,
    }


def _terminal(airline: str, airport: str) -> str | None:
    return pick((None, "1", "2", "3", "5"), "terminal", airline, airport)
