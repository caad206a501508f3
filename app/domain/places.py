"""Where journeys begin and end."""

from dataclasses import dataclass
from enum import StrEnum


class PlaceKind(StrEnum):
    """What a place code stands for."""

    CITY = "CITY"
    AIRPORT = "AIRPORT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A city or airport. `code` is IATA's; coordinates in degrees (WGS 84); `time_zone` is an IANA name."""

    code: str
    kind: PlaceKind
    name: str
    city: str
    city_code: str | None
    country: str
    country_name: str
    latitude: float
    longitude: float
    time_zone: str
