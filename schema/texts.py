"""Texts that clients send: bounded, and made of characters that can be stored and printed."""

import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final, TypeVar

from strawberry.utils.str_converters import to_camel_case

from app.domain.refusals import InvalidInput

T = TypeVar("T")

LONGEST: Final = 255
# A field may allow more: `strawberry.field(metadata={ALLOWED: ...})`.
ALLOWED: Final = "longest"
# Controls, and halves of characters that no encoding can write.
_NOT_TEXT: Final = {"Cc", "Cs"}


def checked(given: T, *path: str) -> T:
    """The input itself; InvalidInput, with the path of the field, for a text in it that cannot be meant."""
    for place, text, longest in _texts(given, path, LONGEST):
        if len(text) > longest:
            raise InvalidInput(message=f"This may have {longest} characters at most; it has {len(text)}.", path=place)
        if any(unicodedata.category(sign) in _NOT_TEXT for sign in text):
            raise InvalidInput(message="This contains characters that cannot be written, such as tabs.", path=place)
    return given


def _texts(value: Any, path: tuple[str, ...], longest: int) -> Iterator[tuple[tuple[str, ...], str, int]]:  # noqa: ANN401
    if isinstance(value, str):
        yield path, value, longest
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, (*path, str(index)), longest)
    elif is_dataclass(value):
        for field in fields(value):
            name = getattr(field, "graphql_name", None) or to_camel_case(field.name)
            allowed = field.metadata.get(ALLOWED, LONGEST)
            yield from _texts(getattr(value, field.name), (*path, name), allowed)
