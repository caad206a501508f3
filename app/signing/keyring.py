"""Our own ES256 keys: one signs, all verify.

To rotate without a gap: `added` on every process, then `activated`, and `without` once the last token of the
old key has expired. At each of these steps any process verifies what any other signs.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.signing.encoding import to_text
from app.signing.errors import KeyTrouble

_BEGIN: Final = "-----BEGIN"


class SigningKey:
    """A private key on the curve P-256, named by its RFC 7638 thumbprint."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self.private = private
        self.public = private.public_key()
        self._point = _point(self.public)
        self.kid = _thumbprint(self._point)

    def __repr__(self) -> str:
        return f"SigningKey({self.kid})"

    @classmethod
    def generate(cls) -> "SigningKey":
        """A fresh key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as a JWK (RFC 7517)."""
        return {**self._point, "kid": self.kid, "alg": "ES256", "use": "sig"}

    def to_pem(self) -> str:
        """The private key in PKCS 8 PEM, unencrypted."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode("ascii")


class Keyring:
    """Several keys, the first of which signs. Immutable: rotating makes a new ring."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        if not keys:
            raise KeyTrouble("a keyring needs at least one signing key")
        self._keys = {key.kid: key for key in keys}
        self.active = keys[0]

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    @classmethod
    def generate(cls) -> "Keyring":
        """A ring with one fresh key."""
        return cls([SigningKey.generate()])

    @classmethod
    def from_pem(cls, text: str) -> "Keyring":
        """The ring written as one or more PEM private keys, active one first; KeyTrouble if one is unfit."""
        blocks = text.replace("\\n", "\n").split(_BEGIN)[1:]
        return cls([_read(_BEGIN + block) for block in blocks])

    def to_pem(self) -> str:
        """Every private key, active one first, as `from_pem` reads them."""
        return "".join(key.to_pem() for key in self._keys.values())

    def find(self, kid: str) -> SigningKey | None:
        """The key of that name."""
        return self._keys.get(kid)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys as a JWK set, to publish."""
        return {"keys": [key.jwk for key in self._keys.values()]}

    def added(self, key: SigningKey) -> "Keyring":
        """This ring and one more key that verifies but does not sign yet."""
        return Keyring([*self._keys.values(), key])

    def activated(self, kid: str) -> "Keyring":
        """This ring with that key signing; KeyError if it has none of that name."""
        return Keyring([self._keys[kid], *(key for key in self._keys.values() if key.kid != kid)])

    def without(self, kid: str) -> "Keyring":
        """This ring with that key gone: its tokens are worth nothing from now on."""
        return Keyring([key for key in self._keys.values() if key.kid != kid])


def _read(pem: str) -> SigningKey:
    try:
        private = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    except (ValueError, TypeError):
        raise KeyTrouble("a token key is not an unencrypted PEM private key") from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise KeyTrouble("a token key is not for ES256: it must lie on the curve P-256")
    return SigningKey(private)


def _point(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {
        "crv": "P-256",
        "kty": "EC",
        "x": to_text(numbers.x.to_bytes(32)),
        "y": to_text(numbers.y.to_bytes(32)),
    }


def _thumbprint(point: dict[str, str]) -> str:
    members: dict[str, Any] = dict(sorted(point.items()))
    return to_text(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())
