"""Offers for rooms of a departure."""

from datetime import datetime
from typing import Self

import strawberry

from app.domain.errors import Refusal
from app.domain.itinerary import PassengerField, PassengerType
from app.tours import offer as tours
from resolvers.departures import offer_token
from schema.errors import UserError, all_shown
from schema.fields import Info
from schema.money import Money, known
from schema.price import Price


@strawberry.type(description="Somebody that an offer for a departure is for; never a name.")
class DeparturePassenger:
    """`OfferPassenger` of the domain, with a room."""

    room: int = strawberry.field(description="The number of their room, counted from 1 in the order of `rooms`.")
    type: PassengerType = strawberry.field(description="Whether an adult or a child.")
    age: int | None = strawberry.field(description="The age that was given; null for adults.")


@strawberry.type(description="Rooms of a departure at a price, to be reserved like an itinerary.")
class DepartureOffer:
    """`DepartureOffer` of the tours."""

    token: str = strawberry.field(description="What `reserve` takes among its `offers`; it expires at `expiresAt`.")
    price: Price = strawberry.field(description="What the customer pays, in the region's currency.")
    deposit: Money | None = strawberry.field(
        description="What confirms it, with the rest to be paid later; null where that takes everything."
    )
    pay_by: datetime | None = strawberry.field(
        description="How long the operator keeps the places unpaid; null where that is not said, or it is requested."
    )
    balance_due_at: datetime | None = strawberry.field(
        description="When the rest after the deposit has to be paid; null without a deposit."
    )
    holdable: bool = strawberry.field(description="Whether places can be held without payment.")
    on_request: bool = strawberry.field(
        description="Whether `reserve` asks the operator for it: nothing is to be paid until the operator accepts."
    )
    passengers: list[DeparturePassenger] = strawberry.field(
        description="Whom it is for, room by room. The passengers of `reserve` fill these places in order, adults as "
        "adults, and children by their age."
    )
    required_passenger_fields: list[PassengerField] = strawberry.field(
        description="What the operator needs to know of each passenger."
    )
    expires_at: datetime = strawberry.field(
        description="Until when it can be reserved, counted from now however old the availability is: `reserve` asks "
        "the operator anew, and tells a price that moved."
    )

    @classmethod
    def of(cls, found: tours.DepartureOffer, info: Info) -> Self:
        """The priced rooms, sealed for the viewer's partner."""
        offer = found.offer
        people = [DeparturePassenger(room=room, type=who.type, age=who.age) for room, who in found.passengers]
        return cls(
            token=offer_token(info.context, found),
            price=Price.of(found.price),
            deposit=known(found.deposit),
            pay_by=None if offer.on_request else offer.pay_by,
            balance_due_at=offer.balance_due_at,
            holdable=offer.holdable,
            on_request=offer.on_request,
            passengers=people,
            required_passenger_fields=list(offer.required),
            expires_at=offer.expires_at,
        )


@strawberry.type(description="An offer for rooms of a departure, or why there is none.")
class OfferedRooms:
    """What a departure answers to rooms."""

    offer: DepartureOffer | None = strawberry.field(description="The offer; null where there is none.")
    errors: list[UserError] = strawberry.field(description="Why there is none; empty where there is one.")

    @classmethod
    def of(cls, found: tours.DepartureOffer | Refusal, info: Info) -> Self:
        """The offer or the Refusal."""
        if isinstance(found, Refusal):
            return cls(offer=None, errors=all_shown([found]))
        return cls(offer=DepartureOffer.of(found, info), errors=[])
