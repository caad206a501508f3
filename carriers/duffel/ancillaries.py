"""Seats and bags as Duffel writes them: for sale with an offer or order, on seat maps, and booked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.domain.aftersales import BookedService, Seat, SeatMap, SeatRow, Service, ServiceKind
from app.domain.itinerary import BaggageKind, CabinClass
from app.domain.money import Money
from app.wire.facts import Incomplete, Json, text, text_or_none
from carriers.duffel.facts import at_least_zero, decimal_or_none, money, some, whole

_KINDS = {"seat": ServiceKind.SEAT, "baggage": ServiceKind.BAGGAGE}
_BAGS = {"carry_on": BaggageKind.CARRY_ON, "checked": BaggageKind.CHECKED}
_SEATS = frozenset({"seat", "restricted_seat_general"})
_EXIT = "exit_row"


def for_sale(listed: Iterable[Json]) -> tuple[Service, ...]:
    """The services that we can sell, each to one passenger; of other types, or incomplete, they are left out."""
    return tuple(service for data in listed for service in _complete(data))


def _complete(data: Json) -> Iterator[Service]:
    try:
        with whole("service"):
            if data["type"] in _KINDS and len(data["passenger_ids"]) == 1:
                yield _service(data)
    except Incomplete:
        return


def _service(data: Json) -> Service:
    return Service(
        ref=text(data["id"]),
        price=at_least_zero(money(data, "total")),
        most=int(data["maximum_quantity"]),
        **_about(data),
    )


def booked(data: Json) -> tuple[BookedService, ...]:
    """The seats and bags that an order has, a line for each of their passengers; other types are left out."""
    return tuple(
        line for service in data.get("services") or () if service["type"] in _KINDS for line in _lines(service)
    )


def _lines(data: Json) -> Iterator[BookedService]:
    """Duffel may book one service for several passengers; its price is split between them."""
    passengers = some(data["passenger_ids"])
    shares = at_least_zero(money(data, "total")).split([1] * len(passengers))
    for passenger, share in zip(passengers, shares, strict=True):
        about = _about({**data, "passenger_ids": [passenger]})
        yield BookedService(ref=text(data["id"]), quantity=int(data["quantity"]), price=share, **about)


def _about(data: Json) -> dict[str, Any]:
    """What a service is and for whom, on offer and booked alike."""
    metadata = data.get("metadata") or {}
    return {
        "kind": _KINDS[data["type"]],
        "passenger": text(data["passenger_ids"][0]),
        "segments": some(text(segment) for segment in data["segment_ids"]),
        "seat": text_or_none(metadata.get("designator")),
        "baggage": _BAGS.get(metadata.get("type", "")),
        "weight_kg": decimal_or_none(metadata.get("maximum_weight_kg")),
    }


def seat_maps(listed: Iterable[Json]) -> tuple[SeatMap, ...]:
    """A map for each cabin on each deck of each segment."""
    with whole("seat map"):
        return tuple(_seat_map(text(data["segment_id"]), cabin) for data in listed for cabin in data["cabins"])


def _seat_map(segment: str, cabin: Json) -> SeatMap:
    return SeatMap(
        segment=segment,
        cabin=CabinClass(cabin["cabin_class"].upper()),
        deck=int(cabin["deck"]),
        rows=tuple(_rows(segment, cabin["rows"], _wings(cabin))),
    )


def _wings(cabin: Json) -> range:
    wings = cabin.get("wings")
    return range(wings["first_row_index"], wings["last_row_index"] + 1) if wings else range(0)


def _rows(segment: str, rows: Sequence[Json], wings: range) -> Iterator[SeatRow]:
    """The rows that have seats. Behind an exit they are exit rows; behind anything else, or in front, bulkhead rows."""
    before: set[str] = set()
    for index, row in enumerate(rows):
        sections = [section["elements"] for section in row["sections"]]
        kinds = {element["type"] for elements in sections for element in elements}
        if kinds & _SEATS:
            exit_row, bulkhead = _EXIT in before, not before & {*_SEATS, _EXIT}
            groups = tuple(tuple(_place(segment, it, exit_row, bulkhead) for it in elements) for elements in sections)
            yield SeatRow(groups=groups, over_wing=index in wings)
        before = kinds


def _place(segment: str, element: Json, exit_row: bool, bulkhead: bool) -> Seat | None:
    if element["type"] not in _SEATS:
        return None
    designator = text(element["designator"])
    return Seat(
        designator=designator,
        name=text_or_none(element.get("name")),
        exit_row=exit_row,
        bulkhead=bulkhead,
        restrictions=tuple(text(told) for told in element.get("disclosures") or ()),
        services=tuple(_seat_service(segment, designator, it) for it in element.get("available_services") or ()),
    )


def _seat_service(segment: str, designator: str, data: Json) -> Service:
    return Service(
        ref=text(data["id"]),
        kind=ServiceKind.SEAT,
        passenger=text(data["passenger_id"]),
        segments=(segment,),
        price=at_least_zero(Money.of(data["total_amount"], data["total_currency"])),
        seat=designator,
    )
