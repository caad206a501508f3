"""How departures stand: how full, at what price, in which regions. Every draw depends on the departure alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from app.domain.tours import DepartureStatus, SellingRegion
from carriers.sandbox.chance import draw
from carriers.sandbox.octo.catalogue.model import Operator, Prices, Sale, Terms

Sales = Mapping[SellingRegion, Sale]

_OPEN = frozenset({DepartureStatus.AVAILABLE, DepartureStatus.ON_REQUEST})
# Of a hundred departures; the others are open as long as there are places.
_FATES = (
    (DepartureStatus.CANCELLED, 3),
    (DepartureStatus.CLOSED_NOT_AMENDABLE, 3),
    (DepartureStatus.CLOSED, 3),
    (DepartureStatus.ON_REQUEST, 4),
)
# By the day of the week, Monday first: what such departures show, and how many places are left.
_SHOWN = (
    (DepartureStatus.AVAILABLE, 30),
    (DepartureStatus.AVAILABLE, 1),
    (DepartureStatus.CLOSED, 0),
    (DepartureStatus.ON_REQUEST, 12),
    (DepartureStatus.CANCELLED, 20),
    (DepartureStatus.AVAILABLE, 2),
    (DepartureStatus.CLOSED_NOT_AMENDABLE, 8),
)
ORDINARY = 100
_PRICE_LEVELS = (92, 96, ORDINARY, ORDINARY, ORDINARY, ORDINARY, 104, 108)
_SOLD_PERCENT = (8, 108)
_NOT_EVERYWHERE = 18
_ASKED_SOMEWHERE = 18
_NEAREST = 500


@dataclass(frozen=True, slots=True)
class Chances:
    """What was drawn for one departure."""

    number: int

    @classmethod
    def of(cls, tour: str, option: str, local_date: date) -> "Chances":
        """Those of a departure."""
        return cls(draw("departure", tour, option, local_date.toordinal()))

    def below(self, limit: int, turn: int) -> int:
        """One of eight independent numbers from 0 to just below the limit."""
        return (self.number >> (8 * turn) & 0xFF) * limit >> 8


@dataclass(frozen=True, slots=True)
class Standing:
    """How a departure stands before the calendar is asked: its status, and places sold elsewhere."""

    status: DepartureStatus
    sold: int


def standing(operator: Operator, chances: Chances) -> Standing:
    """How an ordinary departure stands."""
    least, most = _SOLD_PERCENT
    sold = min(operator.capacity, operator.capacity * (least + chances.below(most - least, 0)) // 100)
    fate = _fate(chances.below(100, 1))
    return Standing(_with_places(fate, operator.capacity - sold, operator), sold)


def shown_by_weekday(operator: Operator, local_date: date) -> Standing:
    """What a departure shows by its day of the week: docs/carriers.md has the table."""
    status, left = _SHOWN[local_date.weekday()]
    return Standing(status, operator.capacity - left)


def on(status: DepartureStatus, operator: Operator, days_left: int) -> DepartureStatus:
    """The status so many days before the departure."""
    if status not in _OPEN:
        return status
    if days_left > operator.yield_days:
        return DepartureStatus.NO_YIELD
    return DepartureStatus.TOO_LATE if days_left < operator.shut_days else status


class SeasonSales:
    """The sales of a season's departures, ordinarily at these prices; those that stand alike share them."""

    def __init__(self, prices: Mapping[SellingRegion, Prices], terms: Mapping[SellingRegion, Terms]) -> None:
        self._prices = prices
        self._terms = terms
        self.everywhere = cache(self._everywhere)

    def drawn(self, chances: Chances, status: DepartureStatus) -> Sales:
        """At a price of its own; perhaps not everywhere, or somewhere only on request."""
        sales = self.everywhere(_PRICE_LEVELS[chances.below(len(_PRICE_LEVELS), 2)], status)
        region = list(sales)[chances.below(len(sales), 3)]
        if chances.below(100, 4) < _NOT_EVERYWHERE:
            return {each: sale for each, sale in sales.items() if each != region}
        if status == DepartureStatus.AVAILABLE and chances.below(100, 5) < _ASKED_SOMEWHERE:
            return {**sales, region: replace(sales[region], status=DepartureStatus.ON_REQUEST)}
        return sales

    def _everywhere(self, level: int, status: DepartureStatus) -> Sales:
        """In all regions of the season, at `level` percent of the ordinary price."""
        return {
            region: Sale(status=status, prices=_at(level, prices), terms=self._terms[region])
            for region, prices in self._prices.items()
        }


def _fate(percent: int) -> DepartureStatus:
    for status, share in _FATES:
        if percent < share:
            return status
        percent -= share
    return DepartureStatus.AVAILABLE


def _with_places(fate: DepartureStatus, left: int, operator: Operator) -> DepartureStatus:
    if fate not in _OPEN:
        return fate
    if left == 0:
        return DepartureStatus.CLOSED
    return DepartureStatus.ON_REQUEST if left <= operator.request_places else fate


def _at(level: int, prices: Prices) -> Prices:
    if level == ORDINARY:
        return prices
    twin, single, child = (_rounded(price * level // ORDINARY) for price in (prices.twin, prices.single, prices.child))
    return Prices(twin=twin, single=single, child=child, currency=prices.currency)


def _rounded(price: int) -> int:
    return price // _NEAREST * _NEAREST
