"""Callbacks that are signed with JWTs: a token that says who calls, for whom, about which event and with which body.

Replay is harmless by what the token binds, not by what this module remembers. A token that comes again names the same
event, which the inbox keeps once in the database, for every process; with another body it fails, since its `body` is
the hash of the one it was signed for. A retry that is signed anew has another `jti` and the same event: heard before.
That leaves a signer who puts one `jti` on two events: the inbox keeps it beside the event, and refuses the second.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Any, Final

from app.signing.encoding import to_text
from app.signing.errors import TokenInvalid
from app.signing.jwks import RemoteKeys
from app.signing.jws import Expected, read_header, verified

# The type of a payment provider's callback, so that no other token of its keys passes for one.
PAYMENT_CALLBACK: Final = "payment-callback+jwt"
_REQUIRED: Final = ("exp", "iat", "iss", "aud", "jti", "event", "body")


class CallbackVerifier:
    """Verifies the callbacks of one issuer to one address of ours, by the keys the issuer publishes."""

    def __init__(self, keys: RemoteKeys, issuer: str, audience: str, typ: str = PAYMENT_CALLBACK) -> None:
        self._keys = keys
        self._expected = Expected((typ.lower(),), issuer, audience, _REQUIRED)

    async def verify(self, token: str, body: bytes, now: datetime) -> dict[str, Any]:
        """The claims of the token that came with this raw body: `event` is what to keep once.

        TokenExpired when it is late, TokenInvalid for all else that is wrong; both are Access.
        """
        header = read_header(token)
        key = await self._keys.find(header.kid)
        if key is None:
            raise TokenInvalid("unknown key")
        claims = verified(token, header, key, self._expected, now)
        _check_body(claims["body"], body)
        return claims


def body_hash(body: bytes) -> str:
    """What a token's `body` claim holds: the raw body's SHA-256 in base64url without padding."""
    return to_text(hashlib.sha256(body).digest())


def _check_body(claimed: str, body: bytes) -> None:
    # A claim may hold what cannot be encoded, and only ASCII text can be compared in constant time.
    if not (claimed.isascii() and hmac.compare_digest(claimed, body_hash(body))):
        raise TokenInvalid("signed for another body")
