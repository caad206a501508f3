"""Single facts in Duffel's answers: texts, money, times. What is missing or contradicts itself raises."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app.domain.money import Money

Json = Mapping[str, Any]
T = TypeVar("T")


class Incomplete(Exception):  # noqa: N818 - it says what the answer is
    """An answer without the facts we need, or with facts that contradict each other."""


@contextmanager
def whole(what: str) -> Iterator[None]:
    """Whatever cannot be read inside makes the whole thing Incomplete."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        raise Incomplete(f"Duffel sent an unusable {what} ({type(error).__name__}).") from None


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


def instant(written: str) -> datetime:
    """An instant with its offset."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("an instant without its offset")
    return moment


def instant_or_none(written: str | None) -> datetime | None:
    """An instant, where there is one."""
    return None if written is None else instant(written)


def decimal_or_none(written: str | None) -> Decimal | None:
    """A finite number, where there is one."""
    amount = None if written is None else Decimal(written)
    if amount is not None and not amount.is_finite():
        raise ValueError("not a number")
    return amount


def text(value: object) -> str:
    """A text that must be there."""
    if not isinstance(value, str) or not value:
        raise TypeError("a text is missing")
    return value


def text_or_none(value: object) -> str | None:
    """A text, where there is one."""
    return value if isinstance(value, str) and value else None


def some(values: Iterable[T]) -> tuple[T, ...]:
    """The values, of which there must be one."""
    found = tuple(values)
    if not found:
        raise ValueError("an empty list")
    return found
