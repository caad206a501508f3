"""Identifiers: long ones for machines, short ones that people can read out."""

import secrets
import time
from typing import Protocol

# Crockford's base 32 (https://www.crockford.com/base32.html), which sorts as its value does.
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
# Without I, L, O, S, U, Z and 0, 1, 2, 5: nothing here sounds or looks like anything else.
REFERENCE_ALPHABET = "ABCDEFGHJKMNPQRTVWXY346789"
REFERENCE_LENGTH = 6


class Ids(Protocol):
    """Where every floor gets new identifiers."""

    def new(self, prefix: str) -> str:
        """A new unique id that starts with the prefix and sorts by the time it was made."""
        ...

    def reference(self) -> str:
        """A short booking reference; unique only with high probability, so the store checks."""
        ...


def _base32(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, 32)
        digits.append(_BASE32[digit])
    return "".join(reversed(digits))


class RandomIds:
    """Unguessable ids: 48 bits of milliseconds, then 80 random bits."""

    def new(self, prefix: str) -> str:
        """A new id such as `bk_01hzy3...`."""
        return f"{prefix}_{_base32(time.time_ns() // 1_000_000, 10)}{_base32(secrets.randbits(80), 16)}"

    def reference(self) -> str:
        """Six characters of the unambiguous alphabet."""
        return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
