"""What part of the earth a route map shows, and where a place is on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

from carriers.sandbox.octo.catalogue.model import Place

WIDTH = 1200
HEIGHT = 800
Point = tuple[float, float]

_MARGIN_X = 190
_MARGIN_Y = 130
_LARGEST_SCALE = 330.0
_SMALLEST_SPAN = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A map in which degrees of longitude are narrowed as they are at its middle; `scale` in pixels per degree."""

    latitude: float
    longitude: float
    scale: float

    @property
    def narrowing(self) -> float:
        """A degree of longitude against one of latitude."""
        return cos(radians(self.latitude))

    def at(self, longitude: float, latitude: float) -> Point:
        """Where a position is, in pixels from the top left."""
        east = (longitude - self.longitude) * self.narrowing * self.scale
        return WIDTH / 2 + east, HEIGHT / 2 - (latitude - self.latitude) * self.scale

    def outline(self, ring: Iterable[Sequence[float]]) -> list[Point]:
        """Where a line of longitudes and latitudes is."""
        return [self.at(longitude, latitude) for longitude, latitude in ring]


def frame_of(places: Sequence[Place]) -> Frame:
    """All places, with room around them for their names."""
    latitudes = [place.latitude for place in places]
    longitudes = [place.longitude for place in places]
    middle = (max(latitudes) + min(latitudes)) / 2
    wide = (max(longitudes) - min(longitudes)) * cos(radians(middle))
    high = max(latitudes) - min(latitudes)
    scale = min(
        (WIDTH - 2 * _MARGIN_X) / max(wide, _SMALLEST_SPAN),
        (HEIGHT - 2 * _MARGIN_Y) / max(high, _SMALLEST_SPAN),
        _LARGEST_SCALE,
    )
    return Frame(latitude=middle, longitude=(max(longitudes) + min(longitudes)) / 2, scale=scale)
