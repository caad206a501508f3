"""Where the names of places stand on a route map: beside their dots, off each other, the route and the edge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from carriers.sandbox.octo.catalogue.route_frame import HEIGHT, WIDTH, Point

_GAP = 16
_EDGE = 14
_FAR = (1.0, 2.6)
_SIDES = ((1, 0), (-1, 0), (1, -1), (1, 1), (-1, -1), (-1, 1), (0, -1), (0, 1))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """The area that both cover."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0

    def holds(self, point: Point) -> bool:
        """Whether the point is in it."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def wider(self, by: float) -> "Box":
        """The same with room around it."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    @property
    def outside(self) -> float:
        """How far it reaches over the map's edge."""
        return (
            max(0, _EDGE - self.left)
            + max(0, self.right - WIDTH + _EDGE)
            + max(0, _EDGE - self.top)
            + max(0, self.bottom - HEIGHT + _EDGE)
        )


def around(point: Point, reach: float) -> Box:
    """A square around a point."""
    x, y = point
    return Box(x - reach, y - reach, x + reach, y + reach)


def place_labels(dots: Sequence[Point], sizes: Sequence[Point], route: Sequence[Point]) -> list[Box]:
    """A box for the name at each dot, of the size it has, in order."""
    taken = [around(dot, _GAP * 0.8) for dot in dots]
    boxes = []
    for dot, size in zip(dots, sizes, strict=True):
        box = min(_candidates(dot, size), key=lambda each: _cost(each, taken, route))
        boxes.append(box)
        taken.append(box)
    return boxes


def corner(size: Point, margin: float, avoided: Sequence[Box], route: Sequence[Point]) -> Box:
    """The corner of the map where a box of that size covers the least."""
    wide, high = size
    corners = [
        Box(left, top, left + wide, top + high)
        for top in (HEIGHT - margin - high, margin)
        for left in (margin, WIDTH - margin - wide)
    ]
    return min(corners, key=lambda each: _cost(each.wider(_GAP), avoided, route))


def _candidates(dot: Point, size: Point) -> Iterable[Box]:
    """Beside the dot first, then a little further away."""
    (x, y), (wide, high) = dot, size
    for far in _FAR:
        for across, down in _SIDES:
            gap = _GAP * far * (0.75 if across and down else 1)
            left = x + gap if across > 0 else x - gap - wide if across < 0 else x - wide / 2
            lift = high * 0.5 if across else gap
            top = y - high / 2 if not down else y + down * lift - (high if down < 0 else 0)
            yield Box(left, top, left + wide, top + high)


def _cost(box: Box, taken: Iterable[Box], route: Iterable[Point]) -> float:
    covered = sum(map(box.overlap, taken))
    return covered * 4 + 60 * sum(map(box.holds, route)) + 400 * box.outside
