"""Symmetric keys: each use has its own, derived from a secret that is used for nothing else (RFC 5869)."""

import base64
import binascii
import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.signing.errors import KeyTrouble

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 4


def new_secret() -> str:
    """A fresh 256-bit secret as base64, as `FAREGATE_SEAL_KEYS` takes it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def read_secret(text: str) -> bytes:
    """The 32 bytes of a base64 secret; KeyTrouble for any other length or spelling."""
    try:
        raw = base64.b64decode(text.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise KeyTrouble("a seal key is not base64: make one with `openssl rand -base64 32`") from None
    if len(raw) != KEY_BYTES:
        raise KeyTrouble(f"a seal key has {len(raw)} bytes, not {KEY_BYTES}: make one with `openssl rand -base64 32`")
    return raw


def checked(keys: Sequence[bytes]) -> tuple[bytes, ...]:
    """The keys, active one first; KeyTrouble when there is none, or one is too short to be a secret."""
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise KeyTrouble(f"need at least one key of {KEY_BYTES} bytes")
    return tuple(keys)


def derived(key: bytes, use: str, length: int = KEY_BYTES) -> bytes:
    """The key for one use; knowing it tells nothing about the secret or about other uses."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=f"faregate/{use}".encode()).derive(key)


def key_id(key: bytes) -> bytes:
    """Four public bytes that name a secret."""
    return derived(key, "key-id", KEY_ID_BYTES)
