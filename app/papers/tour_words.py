"""A tour as one reads it on paper: its days, rooms, language, region and what cancelling it costs, in English."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from app.domain.tours import (
    CancellationScale,
    DepartureTerms,
    RoomType,
    ScaleStep,
    SellingCompany,
    SellingRegion,
    TourStay,
)
from app.papers.receipt import Condition
from app.papers.voucher import SharedRoom
from app.papers.words import clock_time, money, plain_date, short_date

_LOCALE: Final = "en_GB"
_REGIONS: Final = {
    SellingRegion.US: "in the United States",
    SellingRegion.UK: "in the United Kingdom",
    SellingRegion.NZ: "in New Zealand",
    SellingRegion.ZA: "in South Africa",
    SellingRegion.ZZ: "for the rest of the world",
}
_ROOMS: Final = {
    RoomType.TWIN_SHARE: "Twin share room",
    RoomType.SINGLE: "Single room",
    RoomType.PERSON: "Places on the tour",
}


def length(stay: TourStay) -> str:
    """How many days the tour takes, the first and the last included."""
    days = (stay.ends_on - stay.key.starts_on).days + 1
    return f"{days} day{'' if days == 1 else 's'}"


def nights(stay: TourStay) -> str:
    """How many nights lie between its days."""
    count = (stay.ends_on - stay.key.starts_on).days
    return f"{count or 'no'} night{'' if count == 1 else 's'}"


def weekday(day: date) -> str:
    """The name of the day."""
    return format_date(day, "EEEE", locale=_LOCALE)


def region(code: SellingRegion) -> str:
    """Where the tour was sold, as it follows that word."""
    return _REGIONS[code]


def language(code: str | None) -> str:
    """The guide's language in words; its code where it has none that we know."""
    if code is None:
        return "As the operator states"
    try:
        return Locale.parse(code, sep="-").get_display_name(_LOCALE) or code
    except (UnknownLocaleError, ValueError):
        return code


def reached(company: SellingCompany) -> str:
    """The company, and every way to reach it that it tells."""
    contact = company.contact
    return " · ".join(filter(None, (company.name, contact.phone, contact.email, contact.website)))


def room(shared: SharedRoom) -> str:
    """What room it is."""
    return _ROOMS[shared.type]


def cancelling(stay: TourStay) -> list[tuple[str, str]]:
    """Each time in which cancelling costs another part, earliest first, and what it costs then; none without a scale.

    Days are counted on the calendar where the tour departs.
    """
    if stay.terms.scale is None:
        return []
    return [
        (when, f"{_percent(percent)} of the tour's price" if percent else "free of charge")
        for when, percent in _times(stay.terms.scale, stay.key.starts_on)
    ]


def _times(scale: CancellationScale, starts_on: date) -> Iterator[tuple[str, Decimal]]:
    steps = sorted(scale.steps, key=lambda step: -step.days)
    if not steps:
        return
    yield f"Until {_day(starts_on, steps[0])}", steps[0].percent
    for earlier, step in pairwise(steps):
        yield _between(_day(starts_on, earlier, 1), _day(starts_on, step)), step.percent
    if steps[-1].days > 0:
        yield f"From {_day(starts_on, steps[-1], 1)}", Decimal(100)


def _between(first: str, last: str) -> str:
    return f"On {first}" if first == last else f"From {first} until {last}"


def _day(starts_on: date, step: ScaleStep, later: int = 0) -> str:
    return plain_date(starts_on - timedelta(days=step.days - later))


def _percent(part: Decimal) -> str:
    return f"{format_decimal(part, locale=_LOCALE)} %"


def exchanging(terms: DepartureTerms, zone: str) -> str | None:
    """Whether, until when and for what fee another departure can be had instead; None where the operator is silent."""
    if terms.exchange_until is None:
        return None
    fee = f"for a fee of {money(terms.exchange_fee)} per booking" if terms.exchange_fee else "free of charge"
    until = _instant(terms.exchange_until.astimezone(ZoneInfo(zone)))
    return f"Another departure can be had instead before {until}, {fee}."


def _instant(at: datetime) -> str:
    """The day; with the time where it is not when the day begins."""
    return f"{short_date(at)}, {clock_time(at)}" if at.time() != time.min else short_date(at)


def unscaled(refund: Condition) -> str:
    """What an operator without a scale says of cancelling."""
    if refund.allowed is None:
        return "The operator has not stated what cancelling costs. Ask before you rely on it."
    if not refund.allowed:
        return "Who cancels gets nothing back."
    cost = f"cost {money(refund.fee)}" if refund.fee else "was free of charge"
    return f"Cancelling {cost} when this was booked. Ask before you rely on it."
