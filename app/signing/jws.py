"""A signed token taken apart with suspicion: the header chooses a key by name and nothing else.

PyJWT checks the signature alone. Times are checked here, against the clock we are given: PyJWT asks the wall.
"""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from jwt.api_jws import PyJWS

from app.signing.encoding import from_text
from app.signing.errors import TokenExpired, TokenInvalid

LONGEST: Final = 8_192
_DOTS: Final = 2
# Clocks of two machines differ; more than this is a token from the future.
LEEWAY: Final = timedelta(seconds=30)
# A token brings no keys, no certificates and no rules of its own.
_FORBIDDEN: Final = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"})
_MOMENTS: Final = ("exp", "iat", "nbf")
_NAMES: Final = ("sub", "jti", "event", "body")
_JWS: Final = PyJWS()


@dataclass(frozen=True)
class PublicKey:
    """A verification key bound to its one algorithm."""

    algorithm: str
    key: Any


@dataclass(frozen=True)
class Expected:
    """What a token has to be: its types, who issued it, for whom, and the claims it must have."""

    types: Collection[str]
    issuer: str
    audience: str
    required: tuple[str, ...] = ("exp", "iat", "iss", "aud", "jti")


@dataclass(frozen=True)
class Header:
    """The three header fields we read; unverified until the signature is."""

    kid: str
    algorithm: str
    type: str


def read_header(token: str) -> Header:
    """The token's header; TokenInvalid when it is malformed, or tries to bring its own key or rules."""
    if len(token) > LONGEST or token.count(".") != _DOTS:
        raise TokenInvalid("not in the form of a token")
    try:
        header = _object(from_text(token.partition(".")[0]))
    except ValueError:
        raise TokenInvalid("malformed header") from None
    if _FORBIDDEN & header.keys():
        raise TokenInvalid("forbidden header")
    kid, algorithm, type_ = header.get("kid"), header.get("alg"), header.get("typ", "")
    if not (isinstance(kid, str) and isinstance(algorithm, str) and isinstance(type_, str)):
        raise TokenInvalid("kid, alg and typ must be text")
    return Header(kid, algorithm, type_.lower().removeprefix("application/"))


def verified(token: str, header: Header, key: PublicKey, expected: Expected, now: datetime) -> dict[str, Any]:
    """The claims of a token signed by `key`, as expected and in time; TokenInvalid or TokenExpired."""
    if header.algorithm != key.algorithm:
        raise TokenInvalid("algorithm is not the key's")
    if header.type not in expected.types:
        raise TokenInvalid("type is not the expected one")
    claims = _object(_payload(token, key))
    _check_parties(claims, expected)
    _check_times(claims, now)
    return claims


def _payload(token: str, key: PublicKey) -> bytes:
    try:
        payload: bytes = _JWS.decode_complete(token, key.key, algorithms=[key.algorithm])["payload"]
    except jwt.PyJWTError:
        raise TokenInvalid("signature") from None
    return payload


def _object(raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        raise TokenInvalid("not JSON") from None
    if not isinstance(content, dict):
        raise TokenInvalid("not an object")
    return content


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    missing = [name for name in expected.required if name not in claims]
    if missing:
        raise TokenInvalid(f"without {', '.join(missing)}")
    if not all(isinstance(claims[name], str) and claims[name] for name in _NAMES if name in expected.required):
        raise TokenInvalid("nameless")
    if claims.get("iss") != expected.issuer:
        raise TokenInvalid("another issuer")
    audience = claims.get("aud")
    if expected.audience not in (audience if isinstance(audience, list) else [audience]):
        raise TokenInvalid("another audience")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    moments = {name: _moment(claims[name]) for name in _MOMENTS if name in claims}
    latest_start = (now + LEEWAY).timestamp()
    if any(moments[name] > latest_start for name in ("iat", "nbf") if name in moments):
        raise TokenInvalid("from the future")
    if moments["exp"] <= now.timestamp():
        raise TokenExpired("past its time")


def _moment(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenInvalid("a time is not a number of seconds")
    return value
