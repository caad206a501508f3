"""Tours with their options, seasons and departures, as they are sold in a region."""

from datetime import date
from typing import Annotated, Self

import strawberry

from app.domain import tours as domain
from app.domain.tours import SellingRegion
from app.tours.departures import Departing
from app.tours.select import lowest_price
from resolvers.departures import availability
from resolvers.tour_ids import departure_id, option_id, season_id, tour_id
from resolvers.tours import departing, operator, sold_in
from schema.fields import Info, answered
from schema.money import Money, known
from schema.places import Coordinates
from schema.scalars import CountryCode, Locale, TimeZone, Url
from schema.tour_availability import DepartureAvailability
from schema.tour_operator import Operator
from schema.tour_rooms import RoomRate

Region = Annotated[
    SellingRegion | None,
    strawberry.argument(description="One of the partner's selling regions; that of the tour when left out."),
]


@strawberry.type(description="A place that a tour visits.")
class TourPlace:
    """`TourPlace` of the domain."""

    name: str = strawberry.field(description="Its name.")
    country: CountryCode = strawberry.field(description="The country it lies in.")
    coordinates: Coordinates | None = strawberry.field(description="Where it lies; null where that is not said.")

    @classmethod
    def of(cls, place: domain.TourPlace) -> Self:
        """The domain's place."""
        located = place.latitude is not None and place.longitude is not None
        return cls(
            name=place.name,
            country=CountryCode(place.country),
            coordinates=Coordinates(latitude=float(place.latitude or 0), longitude=float(place.longitude or 0))
            if located
            else None,
        )


@strawberry.type(description="A picture of a tour.")
class TourImage:
    """`TourImage` of the domain."""

    url: Url = strawberry.field(description="Where it can be loaded from.")
    caption: str | None = strawberry.field(description="What it shows; null where that is not said.")

    @classmethod
    def of(cls, image: domain.TourImage) -> Self:
        """The domain's picture."""
        return cls(url=Url(image.url), caption=image.caption)


@strawberry.type(description="One day of a tour.")
class ItineraryDay:
    """`ItineraryDay` of the domain."""

    day: int = strawberry.field(description="Its number, counted from 1.")
    title: str = strawberry.field(description="What it is called.")
    text: str = strawberry.field(description="What happens on it.")
    accommodation: str | None = strawberry.field(description="Where its night is spent; null where that is not said.")

    @classmethod
    def of(cls, day: domain.ItineraryDay) -> Self:
        """The domain's day."""
        return cls(day=day.day, title=day.title, text=day.text, accommodation=day.accommodation)


@strawberry.type(description="A day on which an option of a tour departs.")
class Departure:
    """`Departure` of the domain, with what it is one of."""

    found: strawberry.Private[Departing]

    id: strawberry.ID = strawberry.field(description="Its id, the same in every region.")
    starts_on: date = strawberry.field(description="Its first day, local where it departs.")
    ends_on: date = strawberry.field(description="Its last day.")
    time_zone: TimeZone = strawberry.field(description="The time zone in which its days begin.")
    guide_language: Locale | None = strawberry.field(
        description="The language of its guide; null where that is not said."
    )
    tour_id: strawberry.ID = strawberry.field(description="The id of its tour.")
    option_id: strawberry.ID = strawberry.field(description="The id of the option it is of.")
    option_name: str = strawberry.field(description="What that option is called in the region.")
    season_id: strawberry.ID | None = strawberry.field(
        description="The id of the season it belongs to; null where the operator tells none."
    )
    season_name: str | None = strawberry.field(description="What that season is called in the region.")

    @answered
    async def availability(
        self,
        info: Info,
        region: Region = None,
        max_age: Annotated[
            int,
            strawberry.argument(
                description="How old the answer may be in seconds, 0 to 3600; at 0 the operator is asked anew."
            ),
        ] = 60,
    ) -> DepartureAvailability | None:
        """Whether it can be booked; null where it is not sold in the region.

        Null with an error that says so while the operator does not answer. All departures of a query are asked for
        together. Ask for it under two names to compare two regions.
        """
        told = await availability(info.context, self.found, region, max_age)
        return DepartureAvailability.of(told, info) if told else None

    @classmethod
    def of(cls, found: Departing) -> Self:
        """The departure that was found."""
        departure, tour, option, season = found.departure, found.tour, found.option, found.season
        return cls(
            found=found,
            id=strawberry.ID(departure_id(departure.key)),
            starts_on=departure.key.starts_on,
            ends_on=departure.ends_on,
            time_zone=TimeZone(departure.zone),
            guide_language=Locale(departure.language) if departure.language else None,
            tour_id=strawberry.ID(tour_id(tour)),
            option_id=strawberry.ID(option_id(tour, option)),
            option_name=option.name,
            season_id=strawberry.ID(season_id(tour, option, season)) if season else None,
            season_name=season.name if season else None,
        )


@strawberry.type(
    description="A part of the year for which an option of a tour has its own itinerary, accommodation, prices and "
    "departures."
)
class Season:
    """`Season` of the domain, with what it is one of."""

    parents: strawberry.Private[tuple[domain.Tour, domain.TourOption]]
    season: strawberry.Private[domain.Season]

    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    first_day: date = strawberry.field(description="Its first day.")
    last_day: date = strawberry.field(description="Its last day.")
    accommodation: str | None = strawberry.field(description="Where nights are spent; null where that is not said.")
    itinerary: list[ItineraryDay] = strawberry.field(description="What happens, day by day.")
    rates: list[RoomRate] = strawberry.field(
        description="The lowest price per person of its departures, by room; empty where that is not said."
    )

    @answered
    def departures(
        self,
        from_: Annotated[
            date | None, strawberry.argument(name="from", description="On this day or later; any when left out.")
        ] = None,
        to: Annotated[
            date | None, strawberry.argument(description="On this day or earlier; any when left out.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 50,
    ) -> list[Departure]:
        """Its departures in the region, earliest first."""
        return [Departure.of(each) for each in departing(*self.parents, self.season, from_, to, first)]

    @classmethod
    def of(cls, tour: domain.Tour, option: domain.TourOption, season: domain.Season) -> Self:
        """The domain's season."""
        return cls(
            parents=(tour, option),
            season=season,
            id=strawberry.ID(season_id(tour, option, season)),
            name=season.name,
            first_day=season.first_day,
            last_day=season.last_day,
            accommodation=season.accommodation,
            itinerary=[ItineraryDay.of(day) for day in season.itinerary],
            rates=[RoomRate.of(rate) for rate in season.rates],
        )


@strawberry.type(description="A variant of a tour, such as one with an extension.")
class TourOption:
    """`TourOption` of the domain, with the tour it is one of."""

    tour: strawberry.Private[domain.Tour]
    told: strawberry.Private[domain.TourOption]

    id: strawberry.ID = strawberry.field(description="Its id, the same in every region.")
    name: str = strawberry.field(description="Its name.")
    days: int = strawberry.field(description="How many days it takes.")
    description: str | None = strawberry.field(description="What it is; null where that is not said.")

    @answered
    def seasons(self) -> list[Season]:
        """Its seasons; empty where the operator tells none, and then only `departures` tells when it departs."""
        return [Season.of(self.tour, self.told, season) for season in self.told.seasons]

    @classmethod
    def of(cls, tour: domain.Tour, option: domain.TourOption) -> Self:
        """The domain's option."""
        return cls(
            tour=tour,
            told=option,
            id=strawberry.ID(option_id(tour, option)),
            name=option.name,
            days=option.days,
            description=option.description,
        )


@strawberry.type(description="A tour, as it is sold in a region: content, departures and prices may differ by region.")
class Tour:
    """`Tour` of the domain."""

    told: strawberry.Private[domain.Tour]

    id: strawberry.ID = strawberry.field(description="Its id, the same in every region.")
    region: SellingRegion = strawberry.field(description="Where it is sold so.")
    name: str = strawberry.field(description="Its name.")
    days: int = strawberry.field(description="How many days it takes.")
    description: str | None = strawberry.field(description="What it is; null where that is not said.")
    time_zone: TimeZone = strawberry.field(description="The time zone in which its departures' days begin.")
    places: list[TourPlace] = strawberry.field(description="The places it visits, in order.")
    images: list[TourImage] = strawberry.field(description="Pictures of it.")

    @answered
    def operator(self, info: Info) -> Operator:
        """Who runs it."""
        return Operator.of(operator(info.context, self.told.operator))

    @answered
    def options(self) -> list[TourOption]:
        """Its variants, of which one is booked."""
        return [TourOption.of(self.told, option) for option in self.told.options]

    @answered
    async def price_from(self, info: Info, region: Region = None) -> Money | None:
        """The lowest price per adult of any departure, without what the gateway adds for the partner.

        Null where that is not said, or it is not sold in the region. Ask for it under two names to compare two regions.
        """
        sold = await sold_in(info.context, self.told, region)
        return known(lowest_price(sold)) if sold else None

    @classmethod
    def of(cls, tour: domain.Tour) -> Self:
        """The domain's tour."""
        return cls(
            told=tour,
            id=strawberry.ID(tour_id(tour)),
            region=tour.region,
            name=tour.name,
            days=tour.days,
            description=tour.description,
            time_zone=TimeZone(tour.zone),
            places=[TourPlace.of(place) for place in tour.places],
            images=[TourImage.of(image) for image in tour.images],
        )
