"""Verify a payment callback of Faregate's. Needs PyJWT and cryptography: pip install "pyjwt[crypto]".

    verify.py JWKS_URL ISSUER AUDIENCE < body.json

JWKS_URL is the gateway's address with /.well-known/jwks.json, ISSUER the gateway's address, and AUDIENCE the origin of
your own endpoint. Prints the event's id and exits 0 when the callback is genuine; otherwise says why not and exits 1.
"""

import base64
import hashlib
import json
import sys
import time
import urllib.request

import jwt

MINUTE, HOUR = 60, 3600
LEEWAY = 30  # seconds between your clock and ours
REQUIRED = ["iss", "aud", "iat", "exp", "jti", "event", "sha256"]


class NotGenuine(Exception):
    """The callback proves nothing: answer 400, and believe none of it."""


class Keys:
    """The gateway's public keys by `kid`. Keep one of these: it remembers them, and asks again hourly.

    For a key it does not know it asks sooner, but no more than once a minute, whatever tokens may claim.
    """

    def __init__(self, url: str) -> None:
        self.url, self.known, self.asked = url, {}, -HOUR

    def find(self, kid: str) -> jwt.PyJWK | None:
        """The key of this name; an OSError when the key set cannot be had: answer 503, and we come again."""
        if time.monotonic() - self.asked >= (HOUR if kid in self.known else MINUTE):
            self.asked = time.monotonic()
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                self.known = {key.key_id: key for key in jwt.PyJWKSet.from_json(answer.read()).keys}
        return self.known.get(kid)


def verify(body: bytes, keys: Keys, issuer: str, audience: str) -> dict:
    """The callback with its `event`, once everything about it was checked."""
    try:
        callback = json.loads(body)
        token = callback.pop("authToken")
        header = jwt.get_unverified_header(token)
        need(header.get("typ") == "payment-callback+jwt", "the token is not about a payment callback")
        key = keys.find(header.get("kid"))  # from our key set alone, whatever else the token brings
        need(key is not None, "unknown key")
        claims = jwt.decode(
            token,
            key.key,
            algorithms=["ES256"],  # never what the token itself says
            issuer=issuer,
            audience=audience,
            options={"require": REQUIRED},
            leeway=LEEWAY,
        )
    except (ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
        raise NotGenuine(f"{type(error).__name__}: {error}") from None
    need(isinstance(claims["event"], str) and claims["event"], "nameless")
    need(claims["sha256"] == content_hash(callback), "the body is not the one that was signed")
    return {**callback, "event": claims["event"]}


def content_hash(callback: dict) -> str:
    """SHA-256 of the body without its token in canonical JSON (RFC 8785), in base64url without padding.

    Names are ASCII and values text, so sorted names without blanks are all that is canonical about it.
    """
    canonical = json.dumps(callback, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


def need(truth: bool, why: str) -> None:
    """NotGenuine unless it is so."""
    if not truth:
        raise NotGenuine(why)


if __name__ == "__main__":
    jwks_url, issuer, audience = sys.argv[1:]
    try:
        callback = verify(sys.stdin.buffer.read(), Keys(jwks_url), issuer, audience)
    except NotGenuine as error:
        sys.exit(f"not genuine: {error}")
    # The same event may come again, with another token. Insert its id into a table where it is unique, in the
    # transaction that acts on the callback; when it is there already, answer 200 and do nothing.
    print(callback["event"], callback["status"], callback["amount"], callback["currency"])
