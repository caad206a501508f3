"""Facts that look random and never change: every draw is a hash of what it is about."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def draw(*about: object) -> int:
    """A 64-bit number that depends on nothing but its arguments."""
    text = "|".join(map(str, about))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def within(low: int, high: int, *about: object) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + draw(*about) % (high - low + 1)


def happens(percent: int, *about: object) -> bool:
    """True for about `percent` of a hundred different subjects."""
    return draw(*about) % 100 < percent


def pick(options: Sequence[T], *about: object) -> T:
    """One of the options."""
    return options[draw(*about) % len(options)]


@lru_cache(maxsize=1 << 16)
def letters(length: int, alphabet: str, *about: object) -> str:
    """A string over the alphabet."""
    number = int.from_bytes(blake2b("|".join(map(str, about)).encode(), digest_size=32).digest())
    found = []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        found.append(alphabet[digit])
    return "".join(found)


def base62(length: int, *about: object) -> str:
    """An identifier's random-looking tail."""
    return letters(length, _BASE62, *about)


def in_base62(number: int, width: int) -> str:
    """The number in base 62, padded to `width`."""
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_BASE62))
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


def from_base62(text: str) -> int | None:
    """The number `in_base62` wrote; None when it is not one."""
    number = 0
    for letter in text:
        digit = _BASE62.find(letter)
        if digit < 0:
            return None
        number = number * len(_BASE62) + digit
    return number
