"""Seat maps as data: rows from the front, groups between the aisles, seats with what they cost."""

from typing import Self

import strawberry

from app.domain import aftersales
from app.domain.itinerary import CabinClass
from resolvers.services import Shelf
from schema.service import Service, on_shelf


@strawberry.type(description="One seat.")
class Seat:
    """`Seat` of the domain."""

    designator: str = strawberry.field(description="Its row and letter, such as 12A.")
    name: str | None = strawberry.field(description="What the airline calls such seats, where it says.")
    exit_row: bool = strawberry.field(description="Whether it is in an exit row: not everybody may sit there.")
    bulkhead: bool = strawberry.field(description="Whether a wall, and no other row, is in front of it.")
    restrictions: list[str] = strawberry.field(description="What the airline tells about it, in its own words.")
    available: bool = strawberry.field(description="Whether somebody of the party can have it.")
    services: list[Service] = strawberry.field(
        description="How each passenger can have it, and for how much; none where it is taken or not for sale."
    )

    @classmethod
    def of(cls, seat: aftersales.Seat, shelf: Shelf) -> Self:
        """The domain's seat."""
        services = on_shelf(seat.services, shelf)
        return cls(
            designator=seat.designator,
            name=seat.name,
            exit_row=seat.exit_row,
            bulkhead=seat.bulkhead,
            restrictions=list(seat.restrictions),
            available=bool(services),
            services=services,
        )


@strawberry.type(description="A row of seats.")
class SeatRow:
    """`SeatRow` of the domain."""

    over_wing: bool = strawberry.field(description="Whether it is beside a wing.")
    groups: list[list[Seat | None]] = strawberry.field(
        description="From left to right, the places of each group between two aisles; null where there is no seat."
    )

    @classmethod
    def of(cls, row: aftersales.SeatRow, shelf: Shelf) -> Self:
        """The domain's row."""
        groups = [[Seat.of(seat, shelf) if seat else None for seat in group] for group in row.groups]
        return cls(over_wing=row.over_wing, groups=groups)


@strawberry.type(description="The seats of one cabin of a flight, on one deck.")
class SeatMap:
    """`SeatMap` of the domain."""

    segment_ref: strawberry.ID = strawberry.field(description="The `ref` of the flight.")
    cabin: CabinClass = strawberry.field(description="The cabin.")
    deck: int = strawberry.field(description="0 for the main or lower deck, 1 for the upper one.")
    rows: list[SeatRow] = strawberry.field(description="Its rows, from the front.")

    @classmethod
    def of(cls, plan: aftersales.SeatMap, shelf: Shelf) -> Self:
        """The domain's map."""
        return cls(
            segment_ref=strawberry.ID(plan.segment),
            cabin=plan.cabin,
            deck=plan.deck,
            rows=[SeatRow.of(row, shelf) for row in plan.rows],
        )
