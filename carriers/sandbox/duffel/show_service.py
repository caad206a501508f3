"""How Duffel writes seats and bags: for sale, booked, and on a map."""

from collections.abc import Iterator

from carriers.sandbox.chance import base62
from carriers.sandbox.duffel import seating
from carriers.sandbox.duffel.booked import slice_id
from carriers.sandbox.duffel.facts import Extra, Order
from carriers.sandbox.duffel.search import Offer
from carriers.sandbox.duffel.seating import EMPTY, Cabin, Seat
from carriers.sandbox.duffel.services import OF_OFFER, Service, flown_extras, seat_metadata, seat_services
from carriers.sandbox.duffel.show_offer import segment_id
from carriers.sandbox.duffel.timetable import Flight
from carriers.sandbox.exchange import Json


def service_json(service: Service, prefix: str, owner_id: str) -> Json:
    """A service for sale with this offer or order."""
    return {
        "id": service.id(prefix, owner_id),
        "type": service.type,
        "passenger_ids": [service.passenger_id],
        "segment_ids": [segment_id(owner_id, flight.key) for flight in service.flights],
        "maximum_quantity": service.most,
        "total_amount": str(service.price.amount),
        "total_currency": service.price.currency,
        "metadata": service.metadata,
    }


def extra_json(order: Order, extra: Extra) -> Json:
    """A service that an order has."""
    return {
        "id": extra.id,
        "type": extra.type,
        "passenger_ids": [extra.passenger_id],
        "segment_ids": [segment_id(order.id, key) for key in extra.flights],
        "quantity": extra.quantity,
        "total_amount": str(extra.price.amount),
        "total_currency": extra.price.currency,
        "metadata": extra.metadata,
    }


def show_seats(order: Order, slices: list[Json]) -> list[Json]:
    """An order's journeys, with the seat of each passenger who has one."""
    seats = {
        (segment_id(order.id, extra.flights[0]), extra.passenger_id): extra.metadata
        for extra in flown_extras(order)
        if extra.type == "seat"
    }
    for segment in (segment for piece in slices for segment in piece["segments"]):
        for passenger in segment["passengers"]:
            passenger["seat"] = seats.get((segment["id"], passenger["passenger_id"]))
    return slices


def seat_map_json(offer: Offer, index: int, flight: Flight, taken: set[str]) -> Json:
    """The seats of the cabin in which the offer flies, on a flight of its journey number `index`."""
    return {
        "id": f"sea_0000{base62(18, offer.id, 'seats', flight.key)}",
        "slice_id": slice_id(offer.id, index),
        "segment_id": segment_id(offer.id, flight.key),
        "cabins": [_cabin_json(offer, flight, cabin, taken) for cabin in _cabins(offer, flight)],
    }


def _cabins(offer: Offer, flight: Flight) -> list[Cabin]:
    cabin = seating.cabin_of(flight, offer.search.cabin)
    return [] if cabin is None else [cabin]


def _cabin_json(offer: Offer, flight: Flight, cabin: Cabin, taken: set[str]) -> Json:
    seats = {seat.designator: seat for seat in seating.seats_of(cabin, offer.search.cabin)}
    numbered = list(_rows(cabin))
    over_wing = [index for index, (row, _) in enumerate(numbered) if row in cabin.wings]
    rows = [
        {"sections": [_section(offer, flight, [seats.get(it, it) for it in section], taken) for section in sections]}
        for _, sections in numbered
    ]
    return {
        "cabin_class": offer.search.cabin,
        "deck": 0,
        "aisles": len(cabin.sections) - 1,
        "wings": {"first_row_index": over_wing[0], "last_row_index": over_wing[-1]} if over_wing else None,
        "rows": rows,
    }


def _rows(cabin: Cabin) -> Iterator[tuple[int | None, list[list[str]]]]:
    """Row numbers, None where a row has no seats, and in each section designators or types of other elements."""
    if cabin.bassinets:
        yield None, [_beside(cabin, index) for index in range(len(cabin.sections))]
    for row in cabin.rows:
        if row in cabin.exits:
            yield None, [["exit_row"] for _ in cabin.sections]
        yield row, [["empty" if it == EMPTY else f"{row}{it}" for it in section] for section in cabin.sections]
    yield None, [["lavatory"], *(["galley"] for _ in cabin.sections[1:])]


def _beside(cabin: Cabin, index: int) -> list[str]:
    """Bassinets hang in front of the seats that have no window."""
    outside = index in {0, len(cabin.sections) - 1}
    return ["empty" if outside else "bassinet"] * len(cabin.sections[index])


def _section(offer: Offer, flight: Flight, elements: list[Seat | str], taken: set[str]) -> Json:
    return {
        "elements": [{"type": it} if isinstance(it, str) else _seat_json(offer, flight, it, taken) for it in elements]
    }


def _seat_json(offer: Offer, flight: Flight, seat: Seat, taken: set[str]) -> Json:
    for_sale = [
        {
            "id": service.id(OF_OFFER, offer.id),
            "passenger_id": service.passenger_id,
            "total_amount": str(service.price.amount),
            "total_currency": service.price.currency,
        }
        for service in seat_services(offer, flight, seat, taken)
    ]
    return {"type": "seat", "available_services": for_sale} | seat_metadata(seat)
