"""A tour's one picture: its places joined by the route over the land, drawn by ourselves.

Land and borders under `land/` are Natural Earth's (1:10m, public domain), cut to each tour's frame and simplified.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from math import dist
from pathlib import Path
from typing import Final

import fontpkg_fira_sans
from PIL import Image, ImageDraw, ImageFont

from carriers.sandbox.octo.catalogue.model import Place, Tour
from carriers.sandbox.octo.catalogue.route_frame import HEIGHT, WIDTH, Frame, Point, frame_of
from carriers.sandbox.octo.catalogue.route_labels import Box, around, corner, place_labels

_LAND = Path(__file__).parent / "land"
_FONTS = fontpkg_fira_sans.ROOT / "files"
# Drawn larger, and made smaller at the end: that smooths every edge.
_FINER: Final = 2
_SEA, _OTHERS, _VISITED, _BORDER = "#d3e1e4", "#e9ebe4", "#f8f5ec", "#cfd2c6"
_INK, _PAPER = "#2b3436", "#ffffff"
_ACCENTS: Mapping[str, str] = {
    "aatkings": "#b4512d",
    "brendanvacations": "#2e6f52",
    "insightvacations": "#245a8d",
    "luxurygold": "#8c6a24",
}
_STEPS = 24
_BEND = 0.7
_DOT = 9
_LABEL, _TITLE, _SUBTITLE = 23, 34, 23
_CARTOUCHE_PADDING = 22
_CARTOUCHE_MARGIN = 28
_COLOURS = 128


def route_map(tour: Tour) -> bytes:
    """The picture as PNG, the same for the same tour."""
    return _drawn(tour.id, tour.operator, tour.name.text, _length(tour), tour.places)


@lru_cache(maxsize=64)
def _drawn(tour: str, operator: str, name: str, length: str, places: tuple[Place, ...]) -> bytes:
    canvas = _Canvas(_ACCENTS.get(operator, _INK))
    frame = frame_of(places)
    dots = [frame.at(place.longitude, place.latitude) for place in places]
    route = list(_curve(dots))
    canvas.land(frame, _land(tour))
    canvas.route(route)
    canvas.dots(dots)
    boxes = canvas.labels([place.name for place in places], dots, route)
    canvas.cartouche(name, length, [*boxes, *(around(dot, _DOT * 2) for dot in dots)], route)
    return canvas.png()


class _Canvas:
    """The picture while it is drawn; positions and sizes are those of the finished one."""

    def __init__(self, accent: str) -> None:
        self._accent = accent
        self._image = Image.new("RGB", (WIDTH * _FINER, HEIGHT * _FINER), _SEA)
        self._draw = ImageDraw.Draw(self._image)

    def land(self, frame: Frame, land: Mapping[str, Sequence[Sequence[Sequence[float]]]]) -> None:
        """Neighbouring countries, and those visited in a lighter tone."""
        for kind, colour in (("others", _OTHERS), ("visited", _VISITED)):
            for ring in land[kind]:
                outline = _finer(frame.outline(ring))
                self._draw.polygon(outline, fill=colour)
                self._draw.line([*outline, outline[0]], fill=_BORDER, width=_FINER, joint="curve")

    def route(self, route: Sequence[Point]) -> None:
        """The way, with a light edge."""
        for colour, width in ((_PAPER, 9), (self._accent, 5)):
            self._draw.line(_finer(route), fill=colour, width=width * _FINER, joint="curve")

    def dots(self, dots: Sequence[Point]) -> None:
        """One for each place; the first is filled."""
        for turn, dot in enumerate(dots):
            self._circle(dot, _DOT + 3, _PAPER)
            self._circle(dot, _DOT, self._accent)
            if turn:
                self._circle(dot, _DOT - 4, _PAPER)

    def labels(self, names: Sequence[str], dots: Sequence[Point], route: Sequence[Point]) -> list[Box]:
        """The places' names; where they stand."""
        font = _font("Medium", _LABEL)
        sizes = [(font.getlength(name) / _FINER, _LABEL * 1.1) for name in names]
        boxes = place_labels(dots, sizes, route)
        for name, box in zip(names, boxes, strict=True):
            at = (box.left * _FINER, (box.top + box.bottom) / 2 * _FINER)
            self._draw.text(at, name, _INK, font, anchor="lm", stroke_width=2 * _FINER, stroke_fill=_VISITED)
        return boxes

    def cartouche(self, name: str, length: str, avoided: Sequence[Box], route: Sequence[Point]) -> None:
        """The tour's name and length, in the corner where they cover the least."""
        title, subtitle = _font("SemiBold", _TITLE), _font("Regular", _SUBTITLE)
        wide = max(title.getlength(name), subtitle.getlength(length)) / _FINER + 2 * _CARTOUCHE_PADDING
        high = _TITLE + _SUBTITLE * 1.6 + 2 * _CARTOUCHE_PADDING
        box = corner((wide, high), _CARTOUCHE_MARGIN, avoided, route)
        left, top = (box.left + _CARTOUCHE_PADDING) * _FINER, (box.top + _CARTOUCHE_PADDING) * _FINER
        edges = _finer([(box.left, box.top), (box.right, box.bottom)])
        self._draw.rounded_rectangle(edges, radius=10 * _FINER, fill=_PAPER)
        self._draw.text((left, top - 6 * _FINER), name, _INK, title)
        self._draw.text((left, top + _TITLE * 1.25 * _FINER), length, self._accent, subtitle)

    def png(self) -> bytes:
        """The finished picture."""
        image = self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).quantize(_COLOURS)
        written = BytesIO()
        image.save(written, "PNG", optimize=True)
        return written.getvalue()

    def _circle(self, middle: Point, radius: float, colour: str) -> None:
        self._draw.circle((middle[0] * _FINER, middle[1] * _FINER), radius * _FINER, fill=colour)


def _land(tour: str) -> Mapping[str, Sequence[Sequence[Sequence[float]]]]:
    found: Mapping[str, Sequence[Sequence[Sequence[float]]]] = json.loads((_LAND / f"{tour}.json").read_text())
    return found


def _length(tour: Tour) -> str:
    days = sorted({option.days for option in tour.options})
    return " or ".join(map(str, days)) + " days"


def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONTS / f"FiraSans-{weight}.ttf"), size * _FINER)


def _finer(points: Sequence[Point]) -> list[Point]:
    return [(x * _FINER, y * _FINER) for x, y in points]


def _curve(dots: Sequence[Point]) -> Iterator[Point]:
    """A smooth line through all dots (Hermite's, along Catmull and Rom's directions)."""
    directions = [_direction(dots, turn) for turn in range(len(dots))]
    for turn, (start, end) in enumerate(pairwise(dots)):
        for step in range(_STEPS):
            yield _between(start, end, directions[turn], directions[turn + 1], step / _STEPS)
    yield dots[-1]


def _direction(dots: Sequence[Point], turn: int) -> Point:
    """Where the line goes at a dot: from the one before to the one after, no further than the nearer of them is."""
    if turn in {0, len(dots) - 1}:
        return 0, 0
    before, here, after = dots[turn - 1 : turn + 2]
    whole = dist(before, after) or 1
    length = min(dist(before, here), dist(here, after)) * _BEND
    return (after[0] - before[0]) / whole * length, (after[1] - before[1]) / whole * length


def _between(start: Point, end: Point, leave: Point, arrive: Point, part: float) -> Point:
    square, cube = part * part, part * part * part
    weights = (2 * cube - 3 * square + 1, cube - 2 * square + part, 3 * square - 2 * cube, cube - square)
    x, y = (
        sum(weight * point[axis] for weight, point in zip(weights, (start, leave, end, arrive), strict=True))
        for axis in (0, 1)
    )
    return x, y
