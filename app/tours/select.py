"""Which tours, and in which order; pure functions over what operators told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

from app.domain.money import Money
from app.domain.refusals import InvalidInput
from app.domain.tours import RateType, Season, Tour

# Numbers are written so that they sort as words do.
_DIGITS: Final = 15

# A year and a month of it, from 1.
Month: TypeAlias = tuple[int, int]


class TourSort(StrEnum):
    """What comes first."""

    NAME = "NAME"
    PRICE = "PRICE"
    DAYS = "DAYS"


@dataclass(frozen=True, kw_only=True, slots=True)
class TourFilter:
    """What a tour must be; None leaves it open.

    It runs for `min_days` to `max_days` in one of its options, visits one of the `countries` (ISO 3166-1), and departs
    in one of the `months`. `min_price` and `max_price` hold for the lowest price per adult of a season that departs
    then, in the region's currency.
    """

    operators: frozenset[str] | None = None
    countries: frozenset[str] | None = None
    min_days: int | None = None
    max_days: int | None = None
    months: frozenset[Month] | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None

    def allows(self, tour: Tour) -> bool:
        """Whether the tour is all of it."""
        return all(rule(self, tour) for rule in _RULES)


def check_filter(wanted: TourFilter) -> None:
    """InvalidInput, with the path of the field, for a length or a price that no tour can have."""
    for name, lowest, least, most in (
        ("Days", 1, wanted.min_days, wanted.max_days),
        ("Price", 0, wanted.min_price, wanted.max_price),
    ):
        for field, value in ((f"min{name}", least), (f"max{name}", most)):
            if value is not None and value < lowest:
                raise _wrong(f"{field} must be {lowest} or more; it is {value}.", field)
        if least is not None and most is not None and most < least:
            raise _wrong(f"max{name} must be min{name} or more; {most} is less than {least}.", f"max{name}")


def _wrong(message: str, field: str) -> InvalidInput:
    return InvalidInput(message=message, path=("filter", field))


def selected(tours: Iterable[Tour], sort: TourSort, wanted: TourFilter) -> list[Tour]:
    """Those that the filter allows, in order."""
    return sorted((tour for tour in tours if wanted.allows(tour)), key=lambda tour: order(tour, sort))


def order(tour: Tour, sort: TourSort) -> tuple[str, ...]:
    """What tours are listed by; ties by name, then operator and id, so that the order never varies."""
    return _ORDERS[sort](tour), tour.name.casefold(), tour.operator, tour.ref


def lowest_price(tour: Tour) -> Money | None:
    """The lowest price per adult of any season; None where the operator tells none."""
    return _lowest(_seasons(tour))


def _seasons(tour: Tour) -> list[Season]:
    return [season for option in tour.options for season in option.seasons]


def _lowest(seasons: Iterable[Season]) -> Money | None:
    adults = [rate.price for season in seasons for rate in season.rates if rate.type is not RateType.CHILD]
    return min(adults, default=None)


def _operators(wanted: TourFilter, tour: Tour) -> bool:
    return wanted.operators is None or tour.operator in wanted.operators


def _countries(wanted: TourFilter, tour: Tour) -> bool:
    return wanted.countries is None or any(place.country in wanted.countries for place in tour.places)


def _days(wanted: TourFilter, tour: Tour) -> bool:
    lengths = {option.days for option in tour.options} or {tour.days}
    return any(_within(days, wanted.min_days, wanted.max_days) for days in lengths)


def _departs(wanted: TourFilter, tour: Tour) -> bool:
    return wanted.months is None or bool(_wanted_seasons(wanted, tour))


def _price(wanted: TourFilter, tour: Tour) -> bool:
    if wanted.min_price is None and wanted.max_price is None:
        return True
    lows = [_lowest([season]) for season in _wanted_seasons(wanted, tour)]
    return any(low is not None and _within(low.amount, wanted.min_price, wanted.max_price) for low in lows)


def _wanted_seasons(wanted: TourFilter, tour: Tour) -> list[Season]:
    """The seasons with a departure in one of the months asked for."""
    return [season for season in _seasons(tour) if wanted.months is None or not wanted.months.isdisjoint(_in(season))]


def _in(season: Season) -> set[Month]:
    return {(each.key.starts_on.year, each.key.starts_on.month) for each in season.departures}


def _within(value: Decimal | int, least: Decimal | int | None, most: Decimal | int | None) -> bool:
    return (least is None or least <= value) and (most is None or value <= most)


_RULES = (_operators, _countries, _days, _departs, _price)


def _price_order(tour: Tour) -> str:
    """The known ones first."""
    low = lowest_price(tour)
    return "unknown" if low is None else f"{low.minor:0{_DIGITS}}"


_ORDERS: dict[TourSort, Callable[[Tour], str]] = {
    TourSort.NAME: lambda _: "",
    TourSort.PRICE: _price_order,
    TourSort.DAYS: lambda tour: f"{tour.days:0{_DIGITS}}",
}
