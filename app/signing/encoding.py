"""Base64 for URLs without padding, read strictly: one value has exactly one spelling."""

import base64
import binascii


def to_text(raw: bytes) -> str:
    """Base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_text(text: str) -> bytes:
    """The bytes; ValueError for anything that `to_text` would not have written."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if to_text(raw) != text:
        raise ValueError("not canonical base64url")
    return raw
