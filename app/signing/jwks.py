"""Tokens of an identity provider, verified by the keys it publishes (RFC 7517).

The provider's key set is kept, and asked for again when a token names a key we do not know, at most once per
interval and by one task at a time; and now and then, so that a withdrawn key stops verifying. When the
provider cannot be reached, the keys we have go on verifying.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from app.domain.clock import Clock
from app.signing.errors import TokenInvalid
from app.signing.jws import Expected, PublicKey, read_header, verified

_LOG: Final = logging.getLogger(__name__)
_SMALLEST_RSA: Final = 2_048
# What each kind of key may be used for; the first where the set does not say. Never a shared secret.
_BY_KIND: Final[Mapping[tuple[Any, Any], tuple[str, ...]]] = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
}


class RemoteKeys:
    """The public keys a provider publishes, fetched when needed."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[bytes]],
        clock: Clock,
        interval: timedelta = timedelta(minutes=1),
        longest: timedelta = timedelta(hours=1),
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._interval = interval
        self._longest = longest
        self._keys: Mapping[str, PublicKey] = {}
        self._asked: datetime | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> PublicKey | None:
        """The key of that name, asking the provider if we do not know it, or have not asked for `longest`."""
        if self._due(kid) and not (kid in self._keys and self._lock.locked()):
            async with self._lock:
                await self._refresh(kid)
        return self._keys.get(kid)

    def _due(self, kid: str) -> bool:
        patience = self._longest if kid in self._keys else self._interval
        return self._asked is None or self._clock.now() - self._asked >= patience

    async def _refresh(self, kid: str) -> None:
        if not self._due(kid):
            return
        asked = self._clock.now()
        try:
            self._keys = read_keys(await self._fetch())
        except Exception:  # noqa: BLE001 - whatever a fetch raises, the keys we have stay good
            _LOG.warning("The identity provider's keys could not be fetched; keeping those we have.")
        # Not reached when the asking task is cancelled: the next one may ask at once.
        self._asked = asked


class IdentityProvider:
    """Verifies access tokens that somebody else issued."""

    def __init__(self, keys: RemoteKeys, issuer: str, audience: str, types: tuple[str, ...]) -> None:
        self._keys = keys
        required = ("exp", "iat", "iss", "aud", "sub")
        self._expected = Expected(tuple(name.lower() for name in types), issuer, audience, required)

    async def verify(self, token: str, now: datetime) -> dict[str, Any]:
        """The claims of the provider's token; TokenExpired, or TokenInvalid for everything else."""
        header = read_header(token)
        key = await self._keys.find(header.kid)
        if key is None:
            raise TokenInvalid("unknown key")
        return verified(token, header, key, self._expected, now)


def read_keys(document: bytes) -> dict[str, PublicKey]:
    """The usable keys of a JWK set by name; others are left out. ValueError when it is no key set at all."""
    content = json.loads(document)
    if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
        raise ValueError("not a JWK set")  # noqa: TRY004 - as for any other unreadable document
    entries = [entry for entry in content["keys"] if isinstance(entry, dict)]
    named = {entry["kid"]: _usable(entry) for entry in entries if isinstance(entry.get("kid"), str)}
    return {kid: key for kid, key in named.items() if key is not None}


def _usable(entry: Mapping[str, Any]) -> PublicKey | None:
    algorithms = _BY_KIND.get((entry.get("kty"), entry.get("crv")), ())
    algorithm = entry.get("alg", algorithms[0] if algorithms else None)
    if algorithm not in algorithms or entry.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK(_public(entry), algorithm=algorithm).key
    except jwt.PyJWTError:
        return None
    return None if _weak(key) else PublicKey(algorithm, key)


def _public(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name in {"kty", "crv", "x", "y", "n", "e"}}


def _weak(key: object) -> bool:
    return isinstance(key, rsa.RSAPublicKey) and key.key_size < _SMALLEST_RSA
