"""Keyed hashes of inputs: two requests are the same input if, and only if, their digests match.

Keyed, because inputs hold names and birth dates: whoever reads the database must not be able to guess
them back.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from app.signing.derive import checked, derived, key_id


class Digester:
    """HMAC-SHA256 over canonical JSON, written with the first key, compared with any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {key_id(key).hex(): derived(key, "digest") for key in reversed(checked(keys))}
        self._active = key_id(keys[0]).hex()

    def digest(self, value: object) -> str:
        """The value's digest, `key id:hash`; TypeError when the value has no canonical form."""
        return self._digest(self._active, canonical(value))

    def matches(self, value: object, digest: str) -> bool:
        """Whether this value made this digest, whichever of our keys wrote it."""
        name = digest.partition(":")[0]
        return name in self._keys and hmac.compare_digest(self._digest(name, canonical(value)), digest)

    def _digest(self, name: str, content: bytes) -> str:
        return f"{name}:{hmac.new(self._keys[name], content, hashlib.sha256).hexdigest()}"


def canonical(value: object) -> bytes:
    """The one JSON spelling of a value: sorted keys, no spaces, UTF-8, instants in UTC, shortest decimals.

    TypeError for floats, naive times and anything else whose spelling is not unique.
    """
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object) -> object:  # noqa: PLR0911 - one line for each kind of value
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return _moment(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return _collection(value)


def _moment(value: date) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise TypeError("a naive time is no instant")
    return value.astimezone(UTC).isoformat()


def _collection(value: object) -> object:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("only text can be a key")
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(part) for part in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")
