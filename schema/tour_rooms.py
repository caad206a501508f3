"""Rooms, and prices per person by room: shared by what can be booked and what was."""

from typing import Self

import strawberry

from app.domain import tours as domain
from app.domain.tours import RateType, RoomType
from resolvers.quotes import travellers_named
from schema.enums import describe
from schema.fields import Info, answered
from schema.money import Money
from schema.traveller import Traveller

describe(
    RoomType,
    "How travellers sleep.",
    {
        RoomType.TWIN_SHARE: "Two or three people share a room: two adults, or one or two adults with children.",
        RoomType.SINGLE: "One adult in a room of their own.",
        RoomType.PERSON: "So many people, where an operator does not tell how they sleep.",
    },
)
describe(
    RateType,
    "What a price per person is for.",
    {
        RateType.TWIN_SHARE: "An adult in a shared room.",
        RateType.SINGLE: "An adult in a room of their own.",
        RateType.PERSON: "An adult, where the operator does not tell how people sleep.",
        RateType.CHILD: "A child, in the room of an adult.",
    },
)


@strawberry.type(description="A price per person.")
class RoomRate:
    """`Rate` of the domain."""

    type: RateType = strawberry.field(description="What it is for.")
    price: Money = strawberry.field(
        description="For each person, in the region's currency, without what the gateway adds for the partner."
    )

    @classmethod
    def of(cls, rate: domain.Rate) -> Self:
        """The domain's rate."""
        return cls(type=rate.type, price=Money.of(rate.price))


@strawberry.input(description="A room, and who sleeps in it.")
class RoomInput:
    """`Room` of the domain."""

    type: RoomType = strawberry.field(description="What room it is; one of those that the departure has rates for.")
    adults: int = strawberry.field(description="How many adults.")
    child_ages: list[int] = strawberry.field(
        default_factory=list, description="The age of each child in years on the first day of the tour, 0 to 17."
    )

    def to_domain(self) -> domain.Room:
        """The domain's room."""
        return domain.Room(type=self.type, adults=self.adults, child_ages=tuple(self.child_ages))


@strawberry.type(description="A room of a departure that was booked, and who sleeps in it.")
class BookedRoom:
    """`Room` of the domain."""

    booking_id: strawberry.Private[str]
    travellers: strawberry.Private[list[str]]

    number: int = strawberry.field(description="Its number, counted from 1 in the order in which they were booked.")
    type: RoomType = strawberry.field(description="What room it is.")
    adults: int = strawberry.field(description="How many adults it is for.")
    child_ages: list[int] = strawberry.field(description="The age of each child in years on the first day of the tour.")

    @answered
    async def passengers(self, info: Info) -> list[Traveller]:
        """Who sleeps in it."""
        return [Traveller.of(row) for row in await travellers_named(info.context, self.booking_id, self.travellers)]
