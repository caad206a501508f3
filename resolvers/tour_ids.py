"""The ids of tours, options, seasons and departures: the operator's own ids one after another, as clients hand back.

Nothing is sealed: what an id names that the operator does not sell in the viewer's region is not found.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final
from urllib.parse import quote, unquote

from app.domain.tours import DepartureKey, Season, Tour, TourOption

_BETWEEN: Final = ":"


def tour_id(tour: Tour) -> str:
    """The tour's id, the same in every region."""
    return _joined((tour.operator, tour.ref))


def option_id(tour: Tour, option: TourOption) -> str:
    """The option's id, the same in every region."""
    return _joined((tour.operator, tour.ref, option.ref))


def season_id(tour: Tour, option: TourOption, season: Season) -> str:
    """The season's id."""
    return _joined((tour.operator, tour.ref, option.ref, season.ref))


def departure_id(key: DepartureKey) -> str:
    """The departure's id, the same in every region."""
    return _joined((key.operator, key.tour, key.option, key.starts_on.isoformat()))


def tour_id_of(key: DepartureKey) -> str:
    """The id of the tour that the departure is one of."""
    return _joined((key.operator, key.tour))


def departure_key(text: str) -> DepartureKey | None:
    """The departure of this id; None for a text that is none."""
    try:
        operator, tour, option, day = parts(text)
        return DepartureKey(operator=operator, tour=tour, option=option, starts_on=date.fromisoformat(day))
    except ValueError:
        return None


def parts(text: str) -> tuple[str, ...]:
    """The operator's code and its own ids; of a text that is no id, whatever names nothing."""
    return tuple(map(unquote, text.split(_BETWEEN)))


def _joined(names: Iterable[str]) -> str:
    return _BETWEEN.join(quote(name, safe="") for name in names)
