"""Cities and airports."""

from functools import lru_cache
from typing import Annotated, Self

import strawberry

from app.domain import places as domain
from app.domain.partner import Scope
from app.domain.places import PlaceKind
from resolvers.places import found_places
from schema.enums import describe
from schema.fields import Info, answered
from schema.scalars import CountryCode, TimeZone

describe(
    PlaceKind,
    "What a place code stands for.",
    {PlaceKind.CITY: "A city, with all its airports.", PlaceKind.AIRPORT: "One airport."},
)


@strawberry.type(description="Where something is on earth (WGS 84).")
class Coordinates:
    """Degrees."""

    latitude: float = strawberry.field(description="Degrees north of the equator; negative in the south.")
    longitude: float = strawberry.field(description="Degrees east of Greenwich; negative in the west.")


@strawberry.type(description="A country.")
class Country:
    """By its code."""

    code: CountryCode = strawberry.field(description="Its ISO 3166-1 alpha-2 code.")
    name: str = strawberry.field(description="Its name in English.")


@strawberry.type(description="A city or an airport.")
class Place:
    """`Place` of the domain."""

    code: strawberry.ID = strawberry.field(description="Its IATA code, to search with.")
    kind: PlaceKind = strawberry.field(description="Whether it is a city or an airport.")
    name: str = strawberry.field(description="Its full name.")
    city: str = strawberry.field(description="The city it is, or serves.")
    city_code: str | None = strawberry.field(description="The IATA code of that city, where there is one.")
    country: Country = strawberry.field(description="The country it lies in.")
    coordinates: Coordinates = strawberry.field(description="Where it lies.")
    time_zone: TimeZone = strawberry.field(description="The time zone its local times are in.")

    @classmethod
    def of(cls, place: domain.Place) -> Self:
        """The domain's place."""
        return cls(
            code=strawberry.ID(place.code),
            kind=place.kind,
            name=place.name,
            city=place.city,
            city_code=place.city_code,
            country=Country(code=CountryCode(place.country), name=place.country_name),
            coordinates=Coordinates(latitude=place.latitude, longitude=place.longitude),
            time_zone=TimeZone(place.time_zone),
        )


@lru_cache(maxsize=4096)
def shown_place(place: domain.Place) -> Place:
    """The place as clients see it, made once: large answers name the same few places over and over."""
    return Place.of(place)


@strawberry.type
class PlaceQueries:
    """Fields of `Query` about places."""

    @answered
    def places(
        self,
        info: Info,
        query: Annotated[str, strawberry.argument(description="What a person has typed so far, typos included.")],
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 50.")] = 10,
    ) -> list[Place]:
        """Cities and airports that the text probably means, likeliest first; needs the scope `search`."""
        info.context.viewer.need(Scope.SEARCH)
        return [shown_place(place) for place in found_places(info.context, query, first)]
