"""Single facts in OCTO's answers: texts, money, days and instants. What is missing or makes no sense raises."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.money import Money

Json = Mapping[str, Any]


class Incomplete(Exception):  # noqa: N818 - it says what the answer is
    """An answer without the facts we need, or with facts that contradict each other."""


@contextmanager
def whole(what: str) -> Iterator[None]:
    """Whatever cannot be read inside makes the whole thing Incomplete."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        raise Incomplete(f"The operator sent an unusable {what} ({type(error).__name__}).") from None


def objects(value: object) -> Sequence[Json]:
    """A list of objects."""
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def money(pricing: Json) -> Money:
    """The price that travellers pay: OCTO's `retail`, in as many decimals as it says."""
    amount = Decimal(pricing["retail"]).scaleb(-int(pricing["currencyPrecision"]))
    if amount < 0:
        raise ValueError("a negative price")
    return Money.of(amount, pricing["currency"])


def amount(minor: object, terms: Json) -> Money | None:
    """An amount of the terms in their currency, where there is one."""
    if minor is None:
        return None
    return Money.of(Decimal(str(minor)).scaleb(-int(terms["currencyPrecision"])), terms["currency"])


def day(written: str) -> date:
    """A local day, also out of a local time."""
    return date.fromisoformat(written[:10])


def instant(written: str) -> datetime:
    """An instant with its offset."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("an instant without its offset")
    return moment


def instant_or_none(written: str | None) -> datetime | None:
    """An instant, where there is one."""
    return None if written is None else instant(written)


def text(value: object) -> str:
    """A text that must be there."""
    if not isinstance(value, str) or not value:
        raise TypeError("a text is missing")
    return value


def zone_name(value: object) -> str:
    """The name of a time zone that we know."""
    return ZoneInfo(text(value)).key


def text_or_none(value: object) -> str | None:
    """A text, where there is one."""
    return value if isinstance(value, str) and value else None
