"""What a request's body must hold; `invalid` says what is wrong with it."""

from datetime import datetime

from app.domain.money import CURRENCIES, Money
from carriers.sandbox.exchange import Json
from carriers.sandbox.payments.errors import invalid

# More than any fare, and no number that a database could not hold.
_LARGEST_MINOR = 10**12


def text(data: Json, name: str) -> str:
    """A filled text."""
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise invalid(f"{name} must be a text.")
    return value


def texts(data: Json, name: str) -> list[str]:
    """A list of texts, which may be empty."""
    value = data.get(name)
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise invalid(f"{name} must be a list of texts.")
    return list(value)


def minor(data: Json) -> int:
    """`amount_minor`: a positive whole number of the currency's minor units."""
    value = data.get("amount_minor")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LARGEST_MINOR:
        raise invalid("amount_minor must be a positive whole number.")
    return value


def money(data: Json) -> Money:
    """`amount_minor` of `currency`."""
    currency = text(data, "currency")
    if currency not in CURRENCIES:
        raise invalid("currency must be an ISO 4217 code.")
    return Money(minor(data), currency)


def instant(data: Json, name: str) -> datetime:
    """An ISO 8601 time with its offset."""
    try:
        moment = datetime.fromisoformat(text(data, name))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid(f"{name} must be a time with an offset.")
    return moment


def address(data: Json, name: str) -> str:
    """A web address."""
    url = text(data, name)
    if not url.startswith(("http://", "https://")):
        raise invalid(f"{name} must be a web address.")
    return url
