"""Single facts in Duffel's answers: texts, money, times. What is missing or contradicts itself raises."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.domain.money import Money
from app.wire import facts
from app.wire.facts import Json

T = TypeVar("T")


# Whatever cannot be read inside makes the whole thing Incomplete.
whole = partial(facts.whole, "Duffel")


def money(data: Json, what: str) -> Money:
    """The amount and currency that begin with `what`."""
    return Money.of(data[f"{what}_amount"], data[f"{what}_currency"])


def at_least_zero(amount: Money) -> Money:
    """A price, never negative."""
    if amount.minor < 0:
        raise ValueError("a negative amount")
    return amount


def local(written: str, zone: str) -> datetime:
    """A local time with the offset its place has then.

    A fixed offset, because Python subtracts two times of one zone by their wall clocks, wrongly across a change.
    """
    moment = datetime.fromisoformat(written)
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return zoned.replace(tzinfo=timezone(zoned.utcoffset() or timedelta()))


def decimal_or_none(written: str | None) -> Decimal | None:
    """A finite number, where there is one."""
    amount = None if written is None else Decimal(written)
    if amount is not None and not amount.is_finite():
        raise ValueError("not a number")
    return amount


def some(values: Iterable[T]) -> tuple[T, ...]:
    """The values, of which there must be one."""
    found = tuple(values)
    if not found:
        raise ValueError("an empty list")
    return found
