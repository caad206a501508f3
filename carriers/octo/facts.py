"""Single facts in OCTO's answers: texts, money, days and instants. What is missing or makes no sense raises."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from app.domain.money import Money
from app.wire import facts
from app.wire.facts import Json, text

# Whatever cannot be read inside makes the whole thing Incomplete.
whole = partial(facts.whole, "The operator")


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


def zone_name(value: object) -> str:
    """The name of a time zone that we know."""
    return ZoneInfo(text(value)).key
