"""Where the seats are: the cabins of each aircraft, and what a seat in them is and costs."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from app.domain.money import Money
from carriers.sandbox.chance import happens
from carriers.sandbox.duffel.airlines import AIRLINES
from carriers.sandbox.duffel.fares import in_currency
from carriers.sandbox.duffel.places import distance_km
from carriers.sandbox.duffel.timetable import Flight

_SOLD_ELSEWHERE_PERCENT = 35
_LONG_HAUL_KM = 3500
_FRONT_ROWS, _FREE_ROWS = 4, 2
# A place between seats that stays empty, such as the blocked middle seat of a European business class.
EMPTY = "."


@dataclass(frozen=True, slots=True)
class Cabin:
    """The rows of a cabin and the letters of its seats between the aisles.

    `exits` are the rows behind an exit, `wings` the rows over the wings; `bassinets` hang in front of the middle seats.
    """

    rows: range
    sections: tuple[str, ...]
    exits: tuple[int, ...] = ()
    wings: range = range(0)
    bassinets: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat: its row and letter, what kind it is, and its price in euros on a short flight."""

    row: int
    letter: str
    name: str
    euros: int
    exit_row: bool = False

    @property
    def designator(self) -> str:
        """What is printed on it."""
        return f"{self.row}{self.letter}"


# Layouts as airlines fly them; the row numbers are ours. An ATR has none: its airlines seat people at the airport.
_NARROW_FRONT = {
    "first": Cabin(range(1, 2), ("A.", ".F")),
    "business": Cabin(range(2, 6), ("A.C", "D.F")),
    "premium_economy": Cabin(range(6, 9), ("ABC", "DEF")),
}
_WIDE_FRONT = {
    "first": Cabin(range(1, 3), ("A", "DG", "K")),
    "business": Cabin(range(3, 11), ("A", "DG", "K")),
    "premium_economy": Cabin(range(11, 16), ("AC", "DEG", "HK")),
}
_THREE_THREE = ("ABC", "DEF")
_CABINS: dict[str, dict[str, Cabin]] = {
    "E90": _NARROW_FRONT | {"economy": Cabin(range(6, 28), ("AC", "DF"), (14,), range(12, 18))},
    "320": _NARROW_FRONT | {"economy": Cabin(range(9, 33), _THREE_THREE, (14, 15), range(13, 20))},
    "321": _NARROW_FRONT | {"economy": Cabin(range(9, 39), _THREE_THREE, (14, 26), range(15, 24))},
    "738": _NARROW_FRONT | {"economy": Cabin(range(9, 34), _THREE_THREE, (17, 18), range(14, 21))},
    "789": _WIDE_FRONT | {"economy": Cabin(range(20, 46), ("ABC", "DEF", "HJK"), (32,), range(21, 31), bassinets=True)},
    "359": _WIDE_FRONT | {"economy": Cabin(range(20, 48), ("ABC", "DEG", "HJK"), (33,), range(22, 32), bassinets=True)},
    "77W": _WIDE_FRONT
    | {"economy": Cabin(range(20, 52), ("ABC", "DEFG", "HJK"), (36,), range(24, 36), bassinets=True)},
}


def cabin_of(flight: Flight, name: str) -> Cabin | None:
    """The cabin aboard the flight; None where the airline shows no seats of this aircraft."""
    return _CABINS.get(flight.aircraft, {}).get(name)


@lru_cache(maxsize=64)
def seats_of(cabin: Cabin, name: str) -> tuple[Seat, ...]:
    """The seats of a cabin, from the front and from the left."""
    return tuple(
        _seat(cabin, name, row, letter)
        for row in cabin.rows
        for section in cabin.sections
        for letter in section
        if letter != EMPTY
    )


def _seat(cabin: Cabin, name: str, row: int, letter: str) -> Seat:
    """Only economy's seats cost something, and those of its last rows do not."""
    if name != "economy":
        return Seat(row, letter, "Standard seat", 0)
    if row in cabin.exits:
        return Seat(row, letter, "Exit row seat", 39, exit_row=True)
    if row == cabin.rows[0]:
        return Seat(row, letter, "Extra legroom seat", 32)
    if row in cabin.rows[:_FRONT_ROWS]:
        return Seat(row, letter, "Front row seat", 19)
    if row in cabin.rows[-_FREE_ROWS:]:
        return Seat(row, letter, "Standard seat", 0)
    return Seat(row, letter, "Standard seat", 12 if _at_window_or_aisle(cabin, letter) else 9)


def _at_window_or_aisle(cabin: Cabin, letter: str) -> bool:
    return any(letter in {section[0], section[-1]} for section in cabin.sections)


def price_of(flight: Flight, seat: Seat) -> Money:
    """What the seat costs on this flight, in the airline's currency; twice as much on a long one."""
    line = AIRLINES[flight.airline]
    far = distance_km(flight.origin, flight.destination) > _LONG_HAUL_KM
    return in_currency(Decimal(seat.euros * (2 if far else 1)), line)


def sold_elsewhere(flight: Flight, designator: str) -> bool:
    """Whether another agency has sold the seat; the same whenever it is asked."""
    return happens(_SOLD_ELSEWHERE_PERCENT, "seat", flight.key, designator)
