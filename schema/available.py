"""What a carrier sells beside a fare right now."""

from typing import Annotated, Self

import strawberry

from resolvers.services import ForSale, bags_with_offer, seats_with_offer
from schema.errors import UserError, all_shown
from schema.fields import Info, answered
from schema.seat_map import SeatMap
from schema.service import Service, on_shelf


@strawberry.type(description="What can be had without choosing a place on a map: bags. Asked of the carrier right now.")
class AvailableServices:
    """`ForSale`, its bags."""

    services: list[Service] = strawberry.field(description="A line for each passenger who can have it.")
    errors: list[UserError] = strawberry.field(description="Why nothing can be told; empty when it can.")

    @classmethod
    def of(cls, found: ForSale) -> Self:
        """What was found."""
        services = on_shelf(found.bags, found.shelf) if found.shelf else []
        return cls(services=services, errors=all_shown(found.refusals))


@strawberry.type(
    description="The seat maps of flights, as far as their airlines show them. Asked of the carrier right now."
)
class AvailableSeats:
    """`ForSale`, its maps."""

    seat_maps: list[SeatMap] = strawberry.field(description="A map for each cabin on each deck of each flight.")
    errors: list[UserError] = strawberry.field(description="Why nothing can be told; empty when it can.")

    @classmethod
    def of(cls, found: ForSale) -> Self:
        """What was found."""
        maps = [SeatMap.of(plan, found.shelf) for plan in found.maps] if found.shelf else []
        return cls(seat_maps=maps, errors=all_shown(found.refusals))


Offer = Annotated[str, strawberry.argument(description="The `offer` of an itinerary.")]


@strawberry.type
class ServiceQueries:
    """Fields of `Query` about what offers can be bought with."""

    @answered
    async def offer_services(self, info: Info, offer: Offer) -> AvailableServices:
        """The bags that can be bought with an offer, each to be chosen in `reserve`. Needs the scope `search`."""
        return AvailableServices.of(await bags_with_offer(info.context, offer))

    @answered
    async def offer_seat_maps(self, info: Info, offer: Offer) -> AvailableSeats:
        """The seats that can be bought with an offer, each to be chosen in `reserve`. Needs the scope `search`."""
        return AvailableSeats.of(await seats_with_offer(info.context, offer))
