"""A departure as it was booked: shared by items and by quotes of what they could be exchanged for."""

import datetime as dt
from typing import Self

import strawberry

from app.domain import tours as domain
from app.domain.tours import SellingRegion
from resolvers.items import Item
from resolvers.stays import by_room
from resolvers.tour_ids import departure_id
from schema.scalars import LocalDateTime, Locale
from schema.selling import SellingCompany
from schema.tour_rooms import BookedRoom
from schema.tour_terms import DepartureTerms


@strawberry.type(description="A departure as it was booked, or could be instead.")
class TourStay:
    """`TourStay` of the domain."""

    departure_id: strawberry.ID = strawberry.field(description="The departure's id, as `departures` has it.")
    region: SellingRegion = strawberry.field(description="Where it was sold.")
    operator_name: str = strawberry.field(description="Who runs it.")
    selling_company: SellingCompany | None = strawberry.field(
        description="Whom travellers ask; null where the operator does not say."
    )
    tour_name: str = strawberry.field(description="What the tour is called there.")
    option_name: str = strawberry.field(description="What its variant is called.")
    season_name: str | None = strawberry.field(description="What its season is called; null where there are none.")
    guide_language: Locale | None = strawberry.field(
        description="The language of its guide; null where that is not said."
    )
    starts_on: dt.date = strawberry.field(description="Its first day, where it departs.")
    ends_on: dt.date = strawberry.field(description="Its last day.")
    departs_at: LocalDateTime = strawberry.field(
        description="When its first day begins there: what days before departure are counted from."
    )
    terms: DepartureTerms = strawberry.field(description="Deposit, balance, cancellation and exchange, as agreed.")
    rooms: list[BookedRoom] = strawberry.field(description="Its rooms, and who sleeps where.")

    @classmethod
    def of(cls, stay: domain.TourStay, item: Item) -> Self:
        """The domain's stay, in the rooms of the item's travellers."""
        company = item.offer.company if item.offer else None
        return cls(
            departure_id=strawberry.ID(departure_id(stay.key)),
            region=stay.region,
            operator_name=stay.operator_name,
            selling_company=SellingCompany.of(company) if company else None,
            tour_name=stay.tour_name,
            option_name=stay.option_name,
            season_name=stay.season_name,
            guide_language=Locale(stay.language) if stay.language else None,
            starts_on=stay.key.starts_on,
            ends_on=stay.ends_on,
            departs_at=LocalDateTime(stay.departs_at),
            terms=DepartureTerms.of(stay.terms),
            rooms=_rooms(stay, item),
        )


def _rooms(stay: domain.TourStay, item: Item) -> list[BookedRoom]:
    return [
        BookedRoom(
            booking_id=item.row.booking_id,
            travellers=travellers,
            number=number,
            type=room.type,
            adults=room.adults,
            child_ages=list(room.child_ages),
        )
        for number, (room, travellers) in enumerate(zip(stay.rooms, by_room(item, stay), strict=True), start=1)
    ]
