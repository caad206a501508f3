"""Seasons that come back every year, and the days in them on which an option departs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

ON_SALE_DAYS = 548
"""Departures are on sale for about eighteen months."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Departs on these days of the week (Monday is 0), every so many weeks."""

    weekdays: frozenset[int]
    weeks: int

    def days(self, first: date, last: date) -> Iterator[date]:
        """Its days from one to another, both included: the same whenever it is asked."""
        for number in range(first.toordinal(), last.toordinal() + 1):
            # Ordinal 1, the first of January of the year 1, was a Monday.
            week, weekday = divmod(number - 1, 7)
            if weekday in self.weekdays and week % self.weeks == 0:
                yield date.fromordinal(number)


@dataclass(frozen=True, slots=True)
class YearlySeason:
    """A part of every year, from a month and day to another, perhaps of the next year."""

    kind: str
    name: str
    first: tuple[int, int]
    last: tuple[int, int]

    def on_sale(self, today: date) -> Iterator["SeasonDays"]:
        """The seasons that have not ended, and begin early enough."""
        for year in range(today.year - 1, today.year + 3):
            season = self._of(year)
            if season.last >= today and season.first <= today + timedelta(days=ON_SALE_DAYS):
                yield season

    def _of(self, year: int) -> "SeasonDays":
        over = self.last < self.first
        name = f"{self.name} {year}/{(year + 1) % 100:02}" if over else f"{self.name} {year}"
        return SeasonDays(f"{self.kind}-{year}", name, date(year, *self.first), date(year + over, *self.last))


@dataclass(frozen=True, slots=True)
class SeasonDays:
    """The season of one year."""

    id: str
    name: str
    first: date
    last: date


def rhythm(written: str) -> Rhythm:
    """`Sat`, or `Tue Sat`, or `Sat/2` for every other week; `daily`."""
    days, _, weeks = written.partition("/")
    names = _WEEKDAYS if days == "daily" else days.split()
    return Rhythm(frozenset(_WEEKDAYS.index(name) for name in names), int(weeks or 1))


def month_day(written: str) -> tuple[int, int]:
    """`04-01` is the first of April."""
    month, day = written.split("-")
    return int(month), int(day)
