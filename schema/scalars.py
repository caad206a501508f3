"""Our scalars: each with a published specification, and an error sentence that shows how to write it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import NewType
from urllib.parse import urlsplit

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from app.domain.money import CURRENCIES

CountryCode = NewType("CountryCode", str)
CurrencyCode = NewType("CurrencyCode", str)
Locale = NewType("Locale", str)
LocalDateTime = NewType("LocalDateTime", datetime)
TimeZone = NewType("TimeZone", str)
Url = NewType("Url", str)
YearMonth = NewType("YearMonth", str)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2})?")
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?")
# A language and its subtags, of 35 characters at most, as RFC 5646 tells everybody to allow for.
_LOCALE = re.compile(r"(?=.{2,35}$)[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SHOWN = 40


def write_decimal(value: Decimal) -> str:
    """Plain digits, never an exponent."""
    return format(value, "f")


def read_decimal(text: str) -> Decimal:
    """A decimal; ValueError when it is not plain digits."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError
    return Decimal(text)


def write_instant(value: datetime) -> str:
    """The instant in UTC; ValueError for a naive one, which is no instant."""
    if value.tzinfo is None:
        raise ValueError("a naive datetime is no instant")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """The instant in UTC; ValueError without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def write_local(value: datetime) -> str:
    """Local time with its offset; ValueError for a naive one."""
    if value.tzinfo is None:
        raise ValueError("a local time needs its offset")
    return value.isoformat()


def read_date(text: str) -> date:
    """A calendar date; ValueError for other ISO 8601 forms, such as weeks."""
    if not _DATE.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def read_month(text: str) -> str:
    """A month of a year; ValueError for anything else."""
    if not _MONTH.fullmatch(text):
        raise ValueError
    return text


def read_time(text: str) -> time:
    """A time of day; ValueError with an offset or fractions."""
    if not _TIME.fullmatch(text):
        raise ValueError
    return time.fromisoformat(text)


def write_duration(value: timedelta) -> str:
    """Hours and minutes, as travellers count them: P1DT2H is PT26H."""
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count]
    return "PT" + ("".join(parts) or "0M")


def read_duration(text: str) -> timedelta:
    """A duration of days, hours, minutes and seconds; ValueError for months and years, whose length varies."""
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        raise ValueError
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def read_currency(text: str) -> str:
    """A currency of ISO 4217; ValueError for any other."""
    if text not in CURRENCIES:
        raise ValueError
    return text


def read_country(text: str) -> str:
    """Two capital letters; ValueError otherwise."""
    if not re.fullmatch("[A-Z]{2}", text):
        raise ValueError
    return text


def read_locale(text: str) -> str:
    """A language tag; ValueError for anything else, such as `en_GB`."""
    if not _LOCALE.fullmatch(text):
        raise ValueError
    return text


def read_url(text: str) -> str:
    """An absolute http or https URL; ValueError otherwise."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError
    return text


def _reader(name: str, example: str, read: Callable[[str], object]) -> Callable[[object], object]:
    def parse(value: object) -> object:
        if not isinstance(value, str):
            raise GraphQLError(f'{name} is written as a string, such as "{example}".')
        try:
            return read(value)
        except (ValueError, InvalidOperation):
            shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."
            raise GraphQLError(f'"{shown}" is not a {name}: write it like "{example}".') from None

    return parse


def _scalar(
    name: str,
    description: str,
    *,
    specified_by: str,
    example: str,
    read: Callable[[str], object] = str,
    write: Callable[..., str] = str,
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=f'{description} Example: `"{example}"`.',
        specified_by_url=specified_by,
        parse_value=_reader(name, example, read),
        serialize=write,
    )


_RFC_3339 = "https://www.rfc-editor.org/rfc/rfc3339"
_ISO_8601 = "https://www.iso.org/iso-8601-date-and-time-format.html"

SCALARS: dict[object, ScalarDefinition] = {
    Decimal: _scalar(
        "Decimal",
        "An exact decimal number, as a string: binary floats cannot hold money.",
        specified_by="https://www.w3.org/TR/xmlschema11-2/#decimal",
        example="45.00",
        read=read_decimal,
        write=write_decimal,
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        "A currency by its ISO 4217 code.",
        specified_by="https://www.iso.org/iso-4217-currency-codes.html",
        example="EUR",
        read=read_currency,
    ),
    CountryCode: _scalar(
        "CountryCode",
        "A country by its ISO 3166-1 alpha-2 code.",
        specified_by="https://www.iso.org/iso-3166-country-codes.html",
        example="FR",
        read=read_country,
    ),
    datetime: _scalar(
        "DateTime",
        "An instant, answered in UTC; asked with any offset, never without one.",
        specified_by=_RFC_3339,
        example="2026-11-21T09:30:00Z",
        read=read_instant,
        write=write_instant,
    ),
    LocalDateTime: _scalar(
        "LocalDateTime",
        "What the clock on the wall shows at a place, with that place's offset from UTC at the time.",
        specified_by=_RFC_3339,
        example="2026-11-21T10:30:00+01:00",
        read=read_instant,
        write=write_local,
    ),
    date: _scalar(
        "Date",
        "A calendar date, without a time zone.",
        specified_by=_RFC_3339,
        example="2026-11-21",
        read=read_date,
        write=date.isoformat,
    ),
    YearMonth: _scalar(
        "YearMonth",
        "A month of a year.",
        specified_by=_ISO_8601,
        example="2027-05",
        read=read_month,
    ),
    time: _scalar(
        "LocalTime",
        "A time of day at a place, without a date.",
        specified_by=_RFC_3339,
        example="18:30",
        read=read_time,
        write=time.isoformat,
    ),
    timedelta: _scalar(
        "Duration",
        "A length of time in hours, minutes and seconds.",
        specified_by=_ISO_8601,
        example="PT2H35M",
        read=read_duration,
        write=write_duration,
    ),
    Locale: _scalar(
        "Locale",
        "A language, with a region where that matters, as a BCP 47 tag.",
        specified_by="https://www.rfc-editor.org/rfc/rfc5646",
        example="en-GB",
        read=read_locale,
    ),
    TimeZone: _scalar(
        "TimeZone",
        "A time zone by its name in the IANA time zone database.",
        specified_by="https://www.iana.org/time-zones",
        example="Europe/Paris",
    ),
    Url: _scalar(
        "Url",
        "An absolute web address.",
        specified_by="https://www.rfc-editor.org/rfc/rfc3986",
        example="https://example.org/",
        read=read_url,
    ),
}
