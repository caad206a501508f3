"""A ticket's route as it is drawn large: the airports in the order flown, broken where one goes by land."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from app.papers.receipt import Journey, Receipt, Stop

_SIZES: Final = {"wide": 3, "medium": 5, "narrow": 8}


@dataclass(frozen=True)
class Route:
    """Unbroken runs of airport codes, and of city names, over the whole ticket."""

    codes: tuple[tuple[str, ...], ...]
    cities: tuple[tuple[str, ...], ...]

    @property
    def size(self) -> str:
        """The largest style in which so many codes fit: wide, medium, narrow or tiny."""
        stops = sum(map(len, self.codes))
        return next((size for size, most in _SIZES.items() if stops <= most), "tiny")

    @property
    def tour(self) -> str:
        """The cities in words."""
        return ", ".join(" \N{EN DASH} ".join(run) for run in self.cities)


def route(receipt: Receipt) -> Route:
    """The ends of each journey; connections are left to the flights."""
    return Route(_runs(receipt.journeys, _code), _runs(receipt.journeys, _city))


def _code(stop: Stop) -> str:
    return stop.iata


def _city(stop: Stop) -> str:
    return stop.city


def _runs(journeys: Iterable[Journey], name: Callable[[Stop], str]) -> tuple[tuple[str, ...], ...]:
    runs: list[list[str]] = []
    for journey in journeys:
        origin, destination = name(journey.origin), name(journey.destination)
        if runs and runs[-1][-1] == origin:
            runs[-1].append(destination)
        else:
            runs.append([origin, destination])
    return tuple(map(tuple, runs))
