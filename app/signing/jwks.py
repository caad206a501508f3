"""Tokens that somebody else issued, verified by the keys they publish (RFC 7517).

The issuer's key set is kept, and asked for again when a token names a key we do not know, at most once per
interval and by one task at a time; and now and then, so that a withdrawn key stops verifying. When the
issuer cannot be reached, the keys we have go on verifying. Nobody waits for an answer longer than `patience`, and
while one is waited for, tokens of known keys are verified.
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
# More than any honest set needs, certificates included.
_LONGEST_SET: Final = 262_144
_MOST_KEYS: Final = 100
# What each kind of key may be used for; the first where the set does not say. Never a shared secret.
_BY_KIND: Final[Mapping[tuple[Any, Any], tuple[str, ...]]] = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
}


class RemoteKeys:
    """The public keys an issuer publishes, fetched when needed.

    A set is asked for once per `interval` at most, and trusted for `longest` before it is asked for again.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[bytes]],
        clock: Clock,
        interval: timedelta = timedelta(minutes=1),
        longest: timedelta = timedelta(hours=1),
        patience: timedelta = timedelta(seconds=5),
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._interval = interval
        self._longest = longest
        self._patience = patience
        self._keys: Mapping[str, PublicKey] = {}
        self._asked: datetime | None = None
        self._fetched: datetime | None = None
        self._asking: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> PublicKey | None:
        """The key of that name, asking the issuer if we do not know it, or have not heard for `longest`."""
        if self._asking is None and self._due(kid):
            self._asking = asyncio.create_task(self._refresh(), name="fetch published keys")
            await asyncio.shield(self._asking)
        elif self._asking is not None and kid not in self._keys:
            await asyncio.shield(self._asking)
        return self._keys.get(kid)

    def _due(self, kid: str) -> bool:
        known_for = self._longest if kid in self._keys else timedelta()
        return self._past(self._asked, self._interval) and self._past(self._fetched, known_for)

    def _past(self, moment: datetime | None, span: timedelta) -> bool:
        return moment is None or self._clock.now() - moment >= span

    async def _refresh(self) -> None:
        """Ask once, in a task of its own: an asker that is cancelled takes the answer from nobody."""
        self._asked = self._clock.now()
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                document = await self._fetch()
            self._keys, self._fetched = read_keys(document), self._asked
        except Exception as error:  # noqa: BLE001 - whatever a fetch raises, the keys we have stay good
            _LOG.warning("Published keys could not be fetched (%s); keeping those we have.", type(error).__name__)
        finally:
            self._asking = None


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
    """The usable keys of a JWK set by name; others are left out. ValueError when it is no key set, or too large."""
    content = json.loads(document) if len(document) <= _LONGEST_SET else None
    if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
        raise ValueError("not a JWK set of a readable size")  # noqa: TRY004 - as for any other unreadable document
    if len(content["keys"]) > _MOST_KEYS:
        raise ValueError("more keys than anybody needs")
    entries = [entry for entry in content["keys"] if isinstance(entry, dict)]
    named = {entry["kid"]: _usable(entry) for entry in entries if isinstance(entry.get("kid"), str)}
    return {kid: key for kid, key in named.items() if key is not None}


def _usable(entry: Mapping[str, Any]) -> PublicKey | None:
    kind = entry.get("kty"), entry.get("crv")
    algorithms = next((fitting for known, fitting in _BY_KIND.items() if known == kind), ())
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
