"""Single facts in another company's answers: texts and instants. What is missing or makes no sense raises."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


class Incomplete(Exception):  # noqa: N818 - it says what the answer is
    """An answer without the facts we need, or with facts that contradict each other."""


@contextmanager
def whole(whose: str, what: str) -> Iterator[None]:
    """Whatever cannot be read inside makes the whole thing Incomplete."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        raise Incomplete(f"{whose} sent an unusable {what} ({type(error).__name__}).") from None


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


def text_or_none(value: object) -> str | None:
    """A text, where there is one."""
    return value if isinstance(value, str) and value else None
