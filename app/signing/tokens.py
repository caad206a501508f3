"""Tokens that we issue: ES256 JWTs with a type for each purpose, so that none passes for another."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from jwt.api_jws import PyJWS

from app.signing.errors import TokenInvalid
from app.signing.jws import Expected, PublicKey, read_header, verified
from app.signing.keyring import Keyring

# RFC 9068: the type of an access token.
ACCESS_TOKEN: Final = "at+jwt"  # noqa: S105 - a media type
_ALGORITHM: Final = "ES256"
_JWS: Final = PyJWS()


class Tokens:
    """Signs and verifies under one issuer name."""

    def __init__(self, keyring: Keyring, issuer: str) -> None:
        self._keyring = keyring
        self._issuer = issuer

    def sign(self, claims: Mapping[str, Any], *, typ: str, audience: str, lifetime: timedelta, now: datetime) -> str:
        """A token of these claims, valid from now for `lifetime`; issuer, times and `jti` are set here."""
        issued = int(now.timestamp())
        ours = {
            "iss": self._issuer,
            "aud": audience,
            "iat": issued,
            "exp": issued + int(lifetime.total_seconds()),
            "jti": uuid4().hex,
        }
        payload = json.dumps({**claims, **ours}, separators=(",", ":")).encode()
        key = self._keyring.active
        return _JWS.encode(payload, key.private, _ALGORITHM, headers={"kid": key.kid, "typ": typ})

    def verify(self, token: str, *, typ: str, audience: str, now: datetime) -> dict[str, Any]:
        """The claims of a token of ours; TokenExpired, or TokenInvalid for all else that is wrong."""
        header = read_header(token)
        key = self._keyring.find(header.kid)
        if key is None:
            raise TokenInvalid("unknown key")
        expected = Expected(types=(typ,), issuer=self._issuer, audience=audience)
        return verified(token, header, PublicKey(_ALGORITHM, key.public), expected, now)
