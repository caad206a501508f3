"""The secrets of Standard Webhooks: made here, sealed in the database, the old one good for a day after a rotation."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from app.signing.sealing import Sealer

PREFIX: Final = "whsec_"
OVERLAP: Final = timedelta(hours=24)
_PURPOSE: Final = "endpoint"
# The specification asks for 24 to 64 bytes.
_BYTES: Final = 32


def new_secret() -> str:
    """A fresh secret as partners are given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def sealed(sealer: Sealer, endpoint_id: str, secret: str) -> str:
    """The first secret of an endpoint, sealed."""
    return _sealed(sealer, endpoint_id, [{"secret": secret}])


def rotated(sealer: Sealer, endpoint_id: str, known: str, secret: str, now: datetime) -> str:
    """The secrets with a new one in front; the one that was in front goes on for `OVERLAP`."""
    previous = _opened(sealer, endpoint_id, known, now)[0]["secret"]
    until = (now + OVERLAP).isoformat()
    return _sealed(sealer, endpoint_id, [{"secret": secret}, {"secret": previous, "until": until}])


def active(sealer: Sealer, endpoint_id: str, known: str, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first; SealBroken when no key of ours opens them."""
    entries = _opened(sealer, endpoint_id, known, now)
    return [
        entry["secret"] for entry in entries if "until" not in entry or datetime.fromisoformat(entry["until"]) > now
    ]


def _sealed(sealer: Sealer, endpoint_id: str, entries: Sequence[Mapping[str, str]]) -> str:
    return sealer.seal(_PURPOSE, {"secrets": list(entries)}, {"endpoint": endpoint_id})


def _opened(sealer: Sealer, endpoint_id: str, known: str, now: datetime) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = sealer.unseal(known, _PURPOSE, {"endpoint": endpoint_id}, now)["secrets"]
    return entries
