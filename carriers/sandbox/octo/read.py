"""What a request must hold; BAD_REQUEST says what is wrong with it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from carriers.sandbox.exchange import Json
from carriers.sandbox.octo.errors import bad_request, invalid_uuid

_WEEK_MINUTES = 7 * 24 * 60
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NAMES = ("fullName", "firstName", "lastName", "emailAddress", "phoneNumber", "postalCode", "country", "notes")
NOBODY: Json = {**dict.fromkeys(_NAMES), "locales": []}


def maybe_text(data: Json, name: str) -> str | None:
    """A text, or nothing."""
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_request(f"{name} must be a string")
    return value


def objects(data: Json, name: str) -> list[Json]:
    """A list of objects; empty where there is none."""
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise bad_request(f"{name} must be a list of objects")
    return value


def texts(data: Json, name: str) -> list[str]:
    """A list of texts; empty where there is none."""
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise bad_request(f"{name} must be a list of strings")
    return value


def whole(data: Json, name: str) -> int | None:
    """A positive whole number, or nothing."""
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise bad_request(f"{name} must be a positive integer")
    return value


def minutes(data: Json) -> int | None:
    """`expirationMinutes`: up to a week."""
    found = whole(data, "expirationMinutes")
    return None if found is None else min(found, _WEEK_MINUTES)


def day(text: str) -> date:
    """A local date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_request(f"{text!r} is not a date (YYYY-MM-DD)") from None


def maybe_day(data: Mapping[str, object], name: str) -> date | None:
    """A local date, or nothing."""
    value = data.get(name)
    return day(str(value)) if value is not None else None


def instant(text: str) -> datetime:
    """An ISO 8601 time with its offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise bad_request(f"{text!r} is not a time with an offset")
    return moment


def uuid(text: object) -> str:
    """A UUID, as it is usually written."""
    try:
        return str(UUID(str(text)))
    except ValueError:
        raise invalid_uuid(text) from None


def contact(data: Json, known: Json = NOBODY) -> Json:
    """The `contact` of an object over what is known already."""
    value = data.get("contact")
    if value is None:
        return known
    if not isinstance(value, dict):
        raise bad_request("contact must be an object")
    told = {name: maybe_text(value, name) for name in _NAMES if name in value}
    if told.get("emailAddress") is not None and not _EMAIL.fullmatch(str(told["emailAddress"])):
        raise bad_request("emailAddress must be an email address")
    if "locales" in value:
        return known | told | {"locales": texts(value, "locales")}
    return known | told
