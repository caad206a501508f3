"""Signed callbacks: what a provider signed for us is believed; everything forged, foreign, late or changed is not."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization

from app.domain.clock import ManualClock
from app.signing.callbacks import PAYMENT_CALLBACK, CallbackVerifier, body_hash
from app.signing.errors import TokenExpired, TokenInvalid
from app.signing.jwks import RemoteKeys
from app.signing.keyring import Keyring, SigningKey
from app.signing.tokens import ACCESS_TOKEN, Tokens
from tests.ground.signing.forging import encoded, refused, signed_by

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
ISSUER, AUDIENCE = "https://pay.test", "https://gateway.test/payments/card/callbacks"
RING = Keyring.generate()
BODY = b'{"event":"ev_1","kind":"payment.authorised","charge":"ch_1"}'
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + FIVE_MINUTES).timestamp()),
    "jti": "j_1",
    "event": "ev_1",
    "body": base64.urlsafe_b64encode(hashlib.sha256(BODY).digest()).rstrip(b"=").decode(),
}


def verifier(ring=RING, clock=None, audience=AUDIENCE, **how):
    """A verifier that is told the ring's public keys, or whatever `publish` answers."""

    async def fetch():
        return json.dumps(how.get("publish", ring.jwks)()).encode()

    return CallbackVerifier(RemoteKeys(fetch, clock or ManualClock(NOW)), ISSUER, audience)


def signed(claims=CLAIMS, key=RING.active, **header):
    """A token with a right signature, over whatever header and claims."""
    return signed_by(key, claims, **{"typ": PAYMENT_CALLBACK, **header})


def headed(signature=lambda _text: b"", **header):
    """A token over the right claims with this header and signature."""
    text = f"{encoded({'kid': RING.active.kid, 'typ': PAYMENT_CALLBACK, **header})}.{encoded(CLAIMS)}"
    return f"{text}.{encoded(signature(text.encode()))}"


def public_forms():
    """The public key in every form in which somebody might hash with it."""
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = RING.active.public.public_bytes(serialization.Encoding.PEM, info)
    der = RING.active.public.public_bytes(serialization.Encoding.DER, info)
    return {"pem": pem, "der": der, "jwk": json.dumps(RING.active.jwk).encode()}


async def verify(token, body=BODY, now=NOW, **made):
    return await verifier(**made).verify(token, body, now)


async def test_what_the_provider_signed_for_us_is_believed():
    assert await verify(signed()) == CLAIMS


def test_the_body_is_named_as_anybody_would_hash_it():
    assert body_hash(BODY) == CLAIMS["body"]


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b"ch_1", b"ch_2"), BODY[:-1]], ids=str)
async def test_another_body_is_refused(body):
    with refused("another body"):
        await verify(signed(), body)


@pytest.mark.parametrize(
    "claimed",
    [CLAIMS["body"] + "=", CLAIMS["body"].lower(), hashlib.sha256(BODY).hexdigest(), "\ud800", "é" * 43],
    ids=ascii,
)
async def test_a_body_is_named_in_one_spelling_only(claimed):
    with refused("another body"):
        await verify(signed({**CLAIMS, "body": claimed}))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_an_unsigned_token_is_refused(algorithm):
    with refused("algorithm"):
        await verify(headed(alg=algorithm))


@pytest.mark.parametrize("form", ["pem", "der", "jwk"])
async def test_the_public_key_is_no_shared_secret(form):
    secret = public_forms()[form]
    with refused("algorithm"):
        await verify(headed(lambda text: hmac.new(secret, text, hashlib.sha256).digest(), alg="HS256"))


async def test_a_shared_secret_that_the_provider_publishes_is_no_key():
    secret = b"x" * 32
    published = {"keys": [{"kty": "oct", "kid": RING.active.kid, "alg": "HS256", "k": encoded(secret)}]}
    token = headed(lambda text: hmac.new(secret, text, hashlib.sha256).digest(), alg="HS256")
    with refused("unknown key"):
        await verify(token, publish=lambda: published)


async def test_a_key_under_the_name_of_another_is_refused():
    other = SigningKey.generate()
    with refused("signature"):
        await verify(signed(key=other, kid=RING.active.kid))
    both = RING.added(other)
    with refused("signature"):
        await verify(signed(kid=other.kid), ring=both)
    assert await verify(signed(key=other), ring=both)


async def test_a_key_the_provider_does_not_publish_is_refused():
    with refused("unknown key"):
        await verify(signed(key=SigningKey.generate()))


@pytest.mark.parametrize("kid", [None, 7, ["a"], {"a": 1}])
async def test_a_key_is_named_by_text(kid):
    with refused("must be text"):
        await verify(headed(alg="ES256", kid=kid))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
async def test_a_token_brings_no_key_of_its_own(name):
    mallory = SigningKey.generate()
    brought = {"jwk": mallory.jwk, "jku": "https://mallory.test/keys", "x5u": "https://mallory.test/c", "x5c": ["MIIB"]}
    with refused("forbidden"):
        await verify(signed(key=mallory, kid=mallory.kid, **{name: brought[name]}))


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": ["urn:x"], "urn:x": 1}, {"crit": []}], ids=str)
async def test_a_token_makes_no_rules(header):
    with refused("forbidden"):
        await verify(signed(**header))


@pytest.mark.parametrize("audience", ["https://gateway.test/payments/other/callbacks", "", None, [], ["other"], 7])
async def test_a_callback_for_somebody_else_is_refused(audience):
    with refused("another audience"):
        await verify(signed({**CLAIMS, "aud": audience}))


@pytest.mark.parametrize("issuer", ["https://pay.test/", "https://PAY.test", "https://other.test", "", None, [ISSUER]])
async def test_a_callback_by_somebody_else_is_refused(issuer):
    with refused("another issuer"):
        await verify(signed({**CLAIMS, "iss": issuer}))


@pytest.mark.parametrize("claim", sorted(CLAIMS))
async def test_each_claim_is_required(claim):
    with refused(f"without {claim}"):
        await verify(signed({name: value for name, value in CLAIMS.items() if name != claim}))


@pytest.mark.parametrize("value", [None, "", 7, [], {}], ids=str)
@pytest.mark.parametrize("claim", ["jti", "event", "body"])
async def test_each_name_is_text(claim, value):
    with refused("nameless"):
        await verify(signed({**CLAIMS, claim: value}))


@pytest.mark.parametrize("value", [None, "1", True, [], float("inf"), float("nan")], ids=str)
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
async def test_each_time_is_a_number(claim, value):
    with refused("number of seconds"):
        await verify(signed({**CLAIMS, claim: value}))


async def test_an_expired_callback_says_so():
    assert await verify(signed(), now=NOW + FIVE_MINUTES - timedelta(seconds=1))
    with pytest.raises(TokenExpired):
        await verify(signed(), now=NOW + FIVE_MINUTES)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
async def test_a_callback_from_the_future_is_refused(claim):
    later = int((NOW + timedelta(minutes=1)).timestamp())
    with refused("future"):
        await verify(signed({**CLAIMS, claim: later}))


@pytest.mark.parametrize("typ", [ACCESS_TOKEN, "JWT", "ticket+jwt", "", "payment-callback"])
async def test_a_token_of_another_type_is_refused(typ):
    with refused("type"):
        await verify(signed(typ=typ))


async def test_a_login_token_is_no_callback():
    """Signed by the same key, by the right issuer for the right audience, with every claim."""
    claims = {"event": "ev_1", "body": CLAIMS["body"], "sub": "acme"}
    wanted = {"audience": AUDIENCE, "lifetime": FIVE_MINUTES, "now": NOW}
    login = Tokens(RING, ISSUER).sign(claims, typ=ACCESS_TOKEN, **wanted)
    with refused("type"):
        await verify(login)
    assert await verify(Tokens(RING, ISSUER).sign(claims, typ=PAYMENT_CALLBACK, **wanted))


async def test_keys_rotate_without_a_gap_and_the_old_one_ends():
    clock = ManualClock(NOW)
    old, new = SigningKey.generate(), SigningKey.generate()
    published = [old.jwk]
    hearing = verifier(clock=clock, publish=lambda: {"keys": published})
    lasting = {**CLAIMS, "exp": int((NOW + timedelta(days=1)).timestamp())}
    assert await hearing.verify(signed(lasting, key=old), BODY, clock.now())
    clock.advance(timedelta(minutes=1))
    published[:] = [new.jwk, old.jwk]
    assert await hearing.verify(signed(lasting, key=new), BODY, clock.now())
    assert await hearing.verify(signed(lasting, key=old), BODY, clock.now())
    published[:] = [new.jwk]
    clock.advance(timedelta(hours=1))
    with refused("unknown key"):
        await hearing.verify(signed(lasting, key=old), BODY, clock.now())
    assert await hearing.verify(signed(lasting, key=new), BODY, clock.now())


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_changing_any_part_breaks_it(part):
    parts = signed().split(".")
    parts[part] = parts[part][:5] + ("A" if parts[part][5] != "A" else "B") + parts[part][6:]
    with pytest.raises(TokenInvalid):
        await verify(".".join(parts))


@pytest.mark.parametrize(
    "token",
    [
        *("", ".", "..", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "x" * 9_000, "\ud800.a.b"),
        *(f"{encoded(b'[' * 5_000)}.e30.AA", f"{encoded([])}.e30.AA", f"{encoded(b'no JSON')}.e30.AA"),
        *(signed(b"[]"), signed(b"no JSON"), signed(b"\xff")),
    ],
    ids=lambda token: ascii(token[:12]),
)
async def test_rubbish_is_refused(token):
    with pytest.raises(TokenInvalid):
        await verify(token)
