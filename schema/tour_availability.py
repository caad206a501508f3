"""Whether a departure can be booked."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from app.domain import tours as domain
from app.domain.tours import DepartureStatus, SellingRegion
from resolvers.departures import as_seen, company_of, deposit_due_at, offer
from schema.fields import Info, answered
from schema.selling import SellingCompany
from schema.tour_offer import OfferedRooms
from schema.tour_rooms import RoomInput, RoomRate
from schema.tour_terms import DepartureTerms


@strawberry.type(description="Whether a departure can be booked in a region, for how much, and on what terms.")
class DepartureAvailability:
    """`DepartureAvailability` of the domain."""

    told: strawberry.Private[domain.DepartureAvailability]

    region: SellingRegion = strawberry.field(description="Where it is sold so.")
    status: DepartureStatus = strawberry.field(description="Whether it can be booked.")
    bookable_online: bool = strawberry.field(description="Whether it can be reserved at once: AVAILABLE, and no other.")
    takes_requests: bool = strawberry.field(
        description="Whether `reserve` can ask the operator for it while it is ON_REQUEST; else ask `sellingCompany`."
    )
    places_left: int | None = strawberry.field(
        description="How many places are left; null where that is not said, and for all but `internal` scope where it "
        "is CLOSED."
    )
    rates: list[RoomRate] = strawberry.field(
        description="What it costs per person, by room; empty where that is not said."
    )
    terms: DepartureTerms = strawberry.field(description="Deposit, balance, cancellation and exchange.")
    deposit_due_at: datetime | None = strawberry.field(
        description="Until when the deposit, or everything where there is none, would have to be paid if places were "
        "held now; null where they would not be held, or that is not said."
    )
    as_of: datetime = strawberry.field(description="When the operator told all this.")

    @answered
    async def selling_company(self, info: Info) -> SellingCompany | None:
        """Who sells it in the region, and can be asked for what cannot be booked online; null where nobody is named."""
        company = await company_of(info.context, self.told)
        return SellingCompany.of(company) if company else None

    @answered
    def offer(
        self,
        info: Info,
        rooms: Annotated[list[RoomInput], strawberry.argument(description="The rooms, for 1 to 9 people in all.")],
    ) -> OfferedRooms:
        """An offer for these rooms, as all this was told: `reserve` asks the operator anew.

        There is one whenever prices are known; reserving what cannot be booked is refused with the reason.
        """
        return OfferedRooms.of(offer(info.context, self.told, [room.to_domain() for room in rooms]), info)

    @classmethod
    def of(cls, told: domain.DepartureAvailability, info: Info) -> Self:
        """What the operator told, as the viewer may see it."""
        seen = as_seen(info.context, told)
        return cls(
            told=told,
            region=told.region,
            status=seen.status,
            bookable_online=told.bookable_online,
            takes_requests=told.takes_requests,
            places_left=seen.places_left,
            rates=[RoomRate.of(rate) for rate in told.rates],
            terms=DepartureTerms.of(told.terms),
            deposit_due_at=deposit_due_at(info.context, told),
            as_of=told.as_of,
        )
