"""When an account's cycles begin and end: whole days where its holder lives, whatever the clocks there do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.domain.partner import Billing, Cycle

_WEEK = timedelta(days=7)
# Longer than any month, shorter than two.
_PAST_A_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant on, until before another, in UTC."""

    begins_at: datetime
    ends_at: datetime


def cycle(billing: Billing, at: datetime) -> Period:
    """The one cycle that the instant falls into."""
    ends = (_midnight(day, billing.zone) for day in _days(billing, local_day(at, billing.zone)))
    return next(Period(begins, until) for begins, until in pairwise(ends) if begins <= at < until)


def local_day(at: datetime, zone: str) -> date:
    """The date on the calendar of the zone at this instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def _days(billing: Billing, around: date) -> Iterator[date]:
    """Some days on which cycles begin, from before the one that begins on or before `around`.

    A wider look than a date needs: where clocks go back over midnight, an instant may carry yesterday's date again.
    """
    day = _previous(billing, _latest(billing, around))
    for _ in range(4):
        yield day
        day = _next(billing, day)


def _latest(billing: Billing, around: date) -> date:
    if billing.cycle is Cycle.WEEKLY:
        return around - timedelta(days=(around.isoweekday() - billing.day) % 7)
    this_month = around.replace(day=billing.day)
    return this_month if this_month <= around else _previous(billing, this_month)


def _next(billing: Billing, day: date) -> date:
    return day + _WEEK if billing.cycle is Cycle.WEEKLY else (day.replace(day=1) + _PAST_A_MONTH).replace(day=day.day)


def _previous(billing: Billing, day: date) -> date:
    if billing.cycle is Cycle.WEEKLY:
        return day - _WEEK
    return (day.replace(day=1) - timedelta(days=1)).replace(day=day.day)


def _midnight(day: date, zone: str) -> datetime:
    """When the day begins there; where clocks skip midnight, the instant they do."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
