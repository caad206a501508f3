"""The world's signing keys: made from its seed, published as a JWK set, replaced without a gap."""

from hashlib import blake2b
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from carriers.sandbox.chance import base62
from carriers.sandbox.exchange import Json
from carriers.sandbox.payments.core import Core
from carriers.sandbox.payments.facts import SigningKey

# The order of P-256 (FIPS 186-5): a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def rotate(core: Core) -> None:
    """Sign with a new key from now on; the old ones stay published."""
    core.facts.counter += 1
    about = f"{core.facts.seed}|signing key|{core.facts.counter}"
    number = int.from_bytes(blake2b(about.encode(), digest_size=48).digest()) % (_ORDER - 1) + 1
    core.facts.keys.insert(0, SigningKey(base62(12, about), number))


def retire(core: Core) -> None:
    """Publish no key any more but the one that signs."""
    del core.facts.keys[1:]


def published(core: Core) -> Json:
    """The public keys as a JWK set (RFC 7517)."""
    return {"keys": [_public(key) for key in core.facts.keys]}


def signed(core: Core, kind: str, claims: dict[str, Any]) -> str:
    """A JWT of this `typ` by the active key (ES256)."""
    active = core.facts.keys[0]
    return jwt.encode(claims, _private(active), "ES256", headers={"typ": kind, "kid": active.kid})


def _private(key: SigningKey) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(key.number, ec.SECP256R1())


def _public(key: SigningKey) -> Json:
    shown = ECAlgorithm.to_jwk(_private(key).public_key(), as_dict=True)
    return {**shown, "kid": key.kid, "alg": "ES256", "use": "sig"}
