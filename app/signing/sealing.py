"""Sealed values: what we hand out and must be able to trust when it comes back (AES-256-GCM).

A sealed value is opaque to whoever carries it. Its form, in base64url:

    version (1) | key id (4) | nonce (12) | AES-256-GCM of [ kind (1) | expiry (5) | context (16) | body ]

The header is authenticated with it. Each purpose has its own key: a cursor can never pass for an offer.
The context stands inside, as a hash: a value carried to another partner is told apart from a forged one.
Nonces are random: retire a key before 2^32 values of one purpose (NIST SP 800-38D, section 8.3).
"""

import hashlib
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntFlag
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.signing.derive import KEY_ID_BYTES, checked, derived, key_id
from app.signing.encoding import from_text, to_text
from app.signing.errors import SealBroken, SealExpired, SealForeign

_VERSION: Final = b"\x01"
_NONCE: Final = 12
_HEADER: Final = len(_VERSION) + KEY_ID_BYTES
_EXPIRY: Final = 5
_CONTEXT: Final = 16
_INNER: Final = 1 + _EXPIRY + _CONTEXT


class _Kind(IntFlag):
    """How the body is written."""

    JSON = 1
    COMPRESSED = 2


class Sealer:
    """Seals with the first key, unseals with any of them; add a new key in front to rotate."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {key_id(key): key for key in reversed(checked(keys))}
        self._active = key_id(keys[0])
        self._ciphers: dict[tuple[bytes, str], AESGCM] = {}

    def seal(
        self,
        purpose: str,
        payload: bytes | Mapping[str, Any],
        context: Mapping[str, str],
        expires_at: datetime | None = None,
    ) -> str:
        """The payload, unreadable and unchangeable, for this purpose and context, until `expires_at`."""
        header = _VERSION + self._active
        nonce = os.urandom(_NONCE)
        kind, body = _written(payload)
        inner = bytes([kind]) + _seconds(expires_at) + _hashed(context) + body
        return to_text(header + nonce + self._cipher(self._active, purpose).encrypt(nonce, inner, header))

    def unseal(self, token: str, purpose: str, context: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """The mapping that was sealed; SealBroken, SealForeign or SealExpired."""
        kind, body = self._opened(token, purpose, context, now)
        if not kind & _Kind.JSON:
            raise SealBroken("sealed bytes, not a mapping")
        opened: dict[str, Any] = json.loads(body)
        return opened

    def unseal_bytes(self, token: str, purpose: str, context: Mapping[str, str], now: datetime) -> bytes:
        """The bytes that were sealed; SealBroken, SealForeign or SealExpired."""
        kind, body = self._opened(token, purpose, context, now)
        if kind & _Kind.JSON:
            raise SealBroken("sealed a mapping, not bytes")
        return body

    def _opened(self, token: str, purpose: str, context: Mapping[str, str], now: datetime) -> tuple[_Kind, bytes]:
        inner = self._decrypted(token, purpose)
        if inner[1 + _EXPIRY : _INNER] != _hashed(context):
            raise SealForeign("sealed for another context")
        expiry = int.from_bytes(inner[1 : 1 + _EXPIRY])
        if expiry and now.timestamp() >= expiry:
            raise SealExpired("past its time")
        kind, body = _Kind(inner[0]), inner[_INNER:]
        return kind, zlib.decompress(body) if kind & _Kind.COMPRESSED else body

    def _decrypted(self, token: str, purpose: str) -> bytes:
        try:
            raw = from_text(token)
            header, nonce, sealed = raw[:_HEADER], raw[_HEADER : _HEADER + _NONCE], raw[_HEADER + _NONCE :]
            cipher = self._cipher(header[1:], purpose)
            return cipher.decrypt(nonce, sealed, header)
        except (ValueError, KeyError, InvalidTag):
            raise SealBroken("unreadable") from None

    def _cipher(self, name: bytes, purpose: str) -> AESGCM:
        found = self._ciphers.get((name, purpose))
        if found is None:
            found = AESGCM(derived(self._keys[name], f"seal/{purpose}"))
            self._ciphers[name, purpose] = found
        return found


def _written(payload: bytes | Mapping[str, Any]) -> tuple[_Kind, bytes]:
    if isinstance(payload, bytes):
        kind, body = _Kind(0), payload
    else:
        kind, body = _Kind.JSON, json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    smaller = zlib.compress(body, 9)
    return (kind | _Kind.COMPRESSED, smaller) if len(smaller) < len(body) else (kind, body)


def _seconds(expires_at: datetime | None) -> bytes:
    return (int(expires_at.timestamp()) if expires_at else 0).to_bytes(_EXPIRY)


def _hashed(context: Mapping[str, str]) -> bytes:
    text = json.dumps(context, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()[:_CONTEXT]
