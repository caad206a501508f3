"""Our own tokens: what is signed comes back; everything forged, foreign or late does not."""

import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.signing.errors import KeyTrouble, TokenExpired, TokenInvalid
from app.signing.keyring import Keyring, SigningKey
from app.signing.tokens import ACCESS_TOKEN, Tokens
from tests.ground.signing.forging import encoded, refused, signed_by

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ISSUER, AUDIENCE = "https://gateway.test", "faregate"
RING = Keyring.generate()
TOKENS = Tokens(RING, ISSUER)
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "acme",
    "jti": "1",
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + HOUR).timestamp()),
}


def signed(tokens=TOKENS, **claims):
    return tokens.sign({"sub": "acme", **claims}, typ=ACCESS_TOKEN, audience=AUDIENCE, lifetime=HOUR, now=NOW)


def verify(token, now=NOW, typ=ACCESS_TOKEN, audience=AUDIENCE, tokens=TOKENS):
    return tokens.verify(token, typ=typ, audience=audience, now=now)


def forged(claims=CLAIMS, key=RING.active, **header):
    """A token with a right signature by our key, over whatever header and claims."""
    return signed_by(key, claims, **{"typ": ACCESS_TOKEN, **header})


def raw_token(header, claims=CLAIMS, signature=b""):
    return f"{encoded(header)}.{encoded(claims)}.{encoded(signature)}"


def test_what_is_signed_comes_back():
    claims = verify(signed(scope="search book"))
    assert claims["sub"] == "acme" and claims["scope"] == "search book"
    assert claims["exp"] - claims["iat"] == 3600 and claims["iss"] == ISSUER


def test_every_token_has_an_id_of_its_own():
    assert verify(signed())["jti"] != verify(signed())["jti"]


def test_a_caller_cannot_choose_issuer_or_times():
    claims = verify(signed(iss="mallory", exp=9_999_999_999))
    assert claims["iss"] == ISSUER and claims["exp"] == int((NOW + HOUR).timestamp())


def test_the_reference_forgery_is_accepted_so_that_the_others_fail_for_their_reason():
    assert verify(forged())["sub"] == "acme"


def test_time_is_the_given_clock_not_the_wall():
    assert verify(signed(), NOW + HOUR - timedelta(seconds=1))
    with pytest.raises(TokenExpired):
        verify(signed(), NOW + HOUR)


@pytest.mark.parametrize("claim", ["exp", "iat", "iss", "aud", "jti"])
def test_each_registered_claim_is_required(claim):
    with refused(claim):
        verify(forged({name: value for name, value in CLAIMS.items() if name != claim}))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.test"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"iat": CLAIMS["iat"] + 60},
        {"nbf": CLAIMS["iat"] + 60},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": float("inf")},
        {"iat": None},
    ],
    ids=str,
)
def test_wrong_claims_are_refused(changed):
    with pytest.raises(TokenInvalid):
        verify(forged({**CLAIMS, **changed}))


def test_an_audience_among_several_is_enough():
    assert verify(forged({**CLAIMS, "aud": ["other", AUDIENCE]}))


def test_a_slightly_fast_clock_is_forgiven():
    assert verify(forged({**CLAIMS, "iat": CLAIMS["iat"] + 20}))


@pytest.mark.parametrize("payload", [b"[]", b"not json", b"\xff"], ids=str)
def test_claims_that_are_no_object_are_refused(payload):
    with pytest.raises(TokenInvalid):
        verify(forged(payload))


@pytest.mark.parametrize("typ", ["JWT", "ticket+jwt", "", None])
def test_another_type_is_refused(typ):
    with refused("type"):
        verify(forged(typ=typ))


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": RING.active.jwk},
        {"jku": "https://mallory.test/keys"},
        {"x5u": "https://mallory.test/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"]},
        {"crit": ["urn:unknown"]},
        {"zip": "DEF"},
    ],
    ids=lambda header: "-".join(header),
)
def test_a_token_brings_no_keys_and_no_rules(header):
    with refused("forbidden"):
        verify(forged(**header))


def test_algorithm_none_is_refused():
    for algorithm in ("none", "None", "NONE"):
        header = {"alg": algorithm, "kid": RING.active.kid, "typ": ACCESS_TOKEN}
        with refused("algorithm"):
            verify(raw_token(header))


def test_the_public_key_is_no_shared_secret():
    public = json.dumps(RING.active.jwk).encode()
    header = {"alg": "HS256", "kid": RING.active.kid, "typ": ACCESS_TOKEN}
    text = f"{encoded(header)}.{encoded(CLAIMS)}"
    token = f"{text}.{encoded(hmac.new(public, text.encode(), hashlib.sha256).digest())}"
    with refused("algorithm"):
        verify(token)


def test_another_key_under_our_name_is_refused():
    stranger = SigningKey.generate()
    stranger.kid = RING.active.kid
    with refused("signature"):
        verify(forged(key=stranger))


def test_an_unknown_key_is_refused():
    with refused("unknown key"):
        verify(forged(key=SigningKey.generate()))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_changing_any_part_breaks_it(part):
    parts = signed().split(".")
    flipped = "A" if parts[part][5] != "A" else "B"
    parts[part] = parts[part][:5] + flipped + parts[part][6:]
    with pytest.raises(TokenInvalid):
        verify(".".join(parts))


@pytest.mark.parametrize(
    "token",
    [
        *("", ".", "..", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "x" * 9_000),
        *(raw_token([]), raw_token({"alg": "ES256"}), f"{encoded(b'[' * 5_000)}.e30.AA"),
    ],
    ids=lambda token: token[:12],
)
def test_rubbish_is_refused(token):
    with pytest.raises(TokenInvalid):
        verify(token)


@pytest.mark.parametrize("kid", [None, 7, ["a"]])
def test_a_key_name_that_is_no_text_is_refused(kid):
    with pytest.raises(TokenInvalid):
        verify(raw_token({"alg": "ES256", "kid": kid, "typ": ACCESS_TOKEN}))


def test_rotation_has_no_gap():
    old, fresh = Keyring.generate(), SigningKey.generate()
    added = old.added(fresh)
    activated = added.activated(fresh.kid)
    stages = [old, added, activated, activated.without(old.active.kid)]
    for one, other in itertools.pairwise(stages[:3]):
        assert verify(signed(Tokens(one, ISSUER)), tokens=Tokens(other, ISSUER))
        assert verify(signed(Tokens(other, ISSUER)), tokens=Tokens(one, ISSUER))
    assert verify(signed(Tokens(stages[2], ISSUER)), tokens=Tokens(stages[3], ISSUER))
    with refused("unknown key"):
        verify(signed(Tokens(old, ISSUER)), tokens=Tokens(stages[3], ISSUER))


def test_a_ring_survives_its_pem():
    ring = Keyring.generate().added(SigningKey.generate())
    read = Keyring.from_pem(ring.to_pem())
    assert read.jwks() == ring.jwks() and read.active.kid == ring.active.kid
    assert Keyring.from_pem(ring.to_pem().replace("\n", "\\n")).jwks() == ring.jwks()


def test_published_keys_are_public_only():
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"} for key in RING.jwks()["keys"])
    assert "PRIVATE" not in repr(RING) + repr(RING.active)


ED25519_KEY = (
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n"
)


TORN_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize("pem", ["", "nonsense", TORN_KEY, ED25519_KEY], ids=["empty", "text", "torn", "curve"])
def test_keys_that_cannot_sign_es256_are_named(pem):
    with pytest.raises(KeyTrouble):
        Keyring.from_pem(pem)
