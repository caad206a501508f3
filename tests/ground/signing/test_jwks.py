"""Tokens of an identity provider: verified by its published keys, asked for seldom and never twice at once."""

import asyncio
import json
import logging
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.api_jws import PyJWS

from app.domain.clock import ManualClock
from app.domain.errors import AccessCode
from app.signing.errors import TokenExpired, TokenInvalid
from app.signing.jwks import IdentityProvider, RemoteKeys, read_keys

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ISSUER, AUDIENCE = "https://login.test/", "faregate"
EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65_537, 2_048)
ED = ed25519.Ed25519PrivateKey.generate()


@contextmanager
def refused(reason):
    """Refused for this reason, which the client is not told."""
    with pytest.raises(TokenInvalid) as caught:
        yield
    assert reason in caught.value.reason
    assert str(caught.value) == "The token is not valid." and caught.value.code == AccessCode.UNAUTHENTICATED


def jwk(private, kid, **more):
    algorithm = {
        ec.EllipticCurvePrivateKey: ECAlgorithm,
        rsa.RSAPrivateKey: RSAAlgorithm,
        ed25519.Ed25519PrivateKey: OKPAlgorithm,
    }
    maker = next(maker for kind, maker in algorithm.items() if isinstance(private, kind))
    return {**json.loads(maker.to_jwk(private.public_key())), "kid": kid, **more}


def token(private, algorithm, kid, typ="at+jwt", **changed):
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "acme",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(hours=1)).timestamp()),
        **changed,
    }
    return PyJWS().encode(json.dumps(claims).encode(), private, algorithm, headers={"kid": kid, "typ": typ})


class Provider:
    """A stand-in for the provider's key set over the wire, counting how often it is asked."""

    def __init__(self, *keys):
        self.keys = list(keys)
        self.asked = 0
        self.down = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self):
        self.asked += 1
        await self.gate.wait()
        if self.down:
            raise OSError("unreachable")
        return json.dumps({"keys": self.keys}).encode()


def made(provider, clock=None, **how):
    clock = clock or ManualClock(NOW)
    keys = RemoteKeys(provider.fetch, clock, **how)
    return keys, IdentityProvider(keys, ISSUER, AUDIENCE, ("at+jwt", "JWT"))


@pytest.mark.parametrize(
    ("private", "algorithm", "stated"),
    [
        (EC, "ES256", None),
        (RSA, "RS256", None),
        (RSA, "PS256", "PS256"),
        (ED, "EdDSA", None),
    ],
    ids=["ES256", "RS256", "PS256", "EdDSA"],
)
async def test_each_kind_of_asymmetric_key_verifies(private, algorithm, stated):
    more = {"alg": stated} if stated else {}
    _, idp = made(Provider(jwk(private, "k", **more)))
    assert (await idp.verify(token(private, algorithm, "k"), NOW))["sub"] == "acme"


async def test_the_algorithm_is_the_keys_and_not_the_tokens():
    _, idp = made(Provider(jwk(RSA, "k")))
    with refused("algorithm"):
        await idp.verify(token(RSA, "PS256", "k"), NOW)


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k", "alg": "HS256"},
        jwk(EC, "k", alg="HS256"),
        jwk(EC, "k", alg="none"),
        jwk(EC, "k", use="enc"),
        jwk(RSA, "k", alg="RSA-OAEP"),
        {"kty": "EC", "crv": "P-256", "kid": "k", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "secp256k1", "kid": "k"},
        {**jwk(EC, "k"), "kid": 7},
        {**jwk(EC, "k"), "kty": ["EC"]},
        {**jwk(EC, "k"), "x": 7},
        jwk(rsa.generate_private_key(65_537, 1_024), "k"),
        {"kid": "k"},
        "rubbish",
    ],
    ids=lambda entry: str(entry)[:30],
)
def test_unfit_keys_are_left_out_and_the_others_stay(entry):
    assert list(read_keys(json.dumps({"keys": [entry, jwk(EC, "good")]}).encode())) == ["good"]


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"keys": 1}', b"<html>"], ids=str)
def test_what_is_no_key_set_raises(document):
    with pytest.raises(ValueError, match=r"JWK set|Expecting value"):
        read_keys(document)


def padded(size):
    """A key set that is this many bytes long."""
    written = json.dumps({"keys": [jwk(EC, "k")], "pad": ""}).encode()
    return written[:-2] + b"x" * (size - len(written)) + written[-2:]


def test_a_set_longer_than_any_honest_one_is_not_read():
    assert list(read_keys(padded(262_144))) == ["k"]
    with pytest.raises(ValueError, match="readable size"):
        read_keys(padded(262_145))


def test_a_set_of_more_keys_than_anybody_needs_is_not_read():
    entries = [{**jwk(EC, "k"), "kid": str(number)} for number in range(101)]
    assert len(read_keys(json.dumps({"keys": entries[:100]}).encode())) == 100
    with pytest.raises(ValueError, match="more keys"):
        read_keys(json.dumps({"keys": entries}).encode())


async def test_a_known_key_asks_nobody():
    provider = Provider(jwk(EC, "k"))
    keys, _ = made(provider)
    for _ in range(5):
        assert await keys.find("k")
    assert provider.asked == 1


async def test_unknown_keys_ask_at_most_once_per_interval():
    provider, clock = Provider(jwk(EC, "k")), ManualClock(NOW)
    keys, _ = made(provider, clock)
    for kid in ("x", "y", "z"):
        assert await keys.find(kid) is None
    assert provider.asked == 1
    clock.advance(timedelta(minutes=1))
    provider.keys.append(jwk(EC, "x"))
    assert await keys.find("x") and provider.asked == 2


async def test_many_tasks_make_one_request():
    provider = Provider(jwk(EC, "k"))
    provider.gate.clear()
    keys, _ = made(provider)
    waiting = [asyncio.ensure_future(keys.find("k")) for _ in range(20)]
    await asyncio.sleep(0)
    provider.gate.set()
    assert all(await asyncio.gather(*waiting)) and provider.asked == 1


async def test_keys_stay_when_the_provider_is_down(caplog):
    provider, clock = Provider(jwk(EC, "k")), ManualClock(NOW)
    keys, _ = made(provider, clock)
    await keys.find("k")
    provider.down = True
    clock.advance(timedelta(hours=2))
    with caplog.at_level(logging.WARNING):
        assert await keys.find("k")
    assert provider.asked == 2 and "could not be fetched" in caplog.text


async def test_a_withdrawn_key_stops_verifying():
    provider, clock = Provider(jwk(EC, "k")), ManualClock(NOW)
    keys, _ = made(provider, clock)
    await keys.find("k")
    provider.keys = [jwk(RSA, "new")]
    clock.advance(timedelta(hours=1))
    assert await keys.find("k") is None and await keys.find("new")


async def test_a_slow_refresh_does_not_hold_up_known_keys():
    provider, clock = Provider(jwk(EC, "k")), ManualClock(NOW)
    keys, _ = made(provider, clock)
    await keys.find("k")
    provider.gate.clear()
    clock.advance(timedelta(hours=2))
    slow = asyncio.ensure_future(keys.find("x"))
    await asyncio.sleep(0)
    assert await asyncio.wait_for(keys.find("k"), 1)
    provider.gate.set()
    assert await slow is None


async def test_a_storm_of_unknown_keys_is_one_request_an_interval():
    provider, clock = Provider(jwk(EC, "k")), ManualClock(NOW)
    keys, _ = made(provider, clock)
    for minute in range(5):
        assert not any(await asyncio.gather(*(keys.find(f"{minute}/{number}") for number in range(200))))
        clock.advance(timedelta(minutes=1))
    assert provider.asked == 5


async def test_askers_that_go_away_do_not_make_us_ask_again():
    provider = Provider(jwk(EC, "k"))
    provider.gate.clear()
    keys, _ = made(provider)
    for number in range(20):
        asker = asyncio.ensure_future(keys.find(str(number)))
        await asyncio.sleep(0)
        asker.cancel()
        await asyncio.wait({asker})
    provider.gate.set()
    assert await keys.find("k") and provider.asked == 1


async def test_a_fetch_that_hangs_is_given_up_and_tried_again_later(caplog):
    provider, clock = Provider(jwk(EC, "k")), ManualClock(NOW)
    provider.gate.clear()
    keys, _ = made(provider, clock, patience=timedelta())
    async with asyncio.timeout(5):
        assert await asyncio.gather(*(keys.find(kid) for kid in ("k", "x", "k"))) == [None, None, None]
    assert provider.asked == 1 and "TimeoutError" in caplog.text
    provider.gate.set()
    assert await keys.find("k") is None
    clock.advance(timedelta(minutes=1))
    keys._patience = timedelta(seconds=5)
    assert await keys.find("k") and provider.asked == 2


async def test_a_fetch_that_hangs_holds_up_no_token_of_a_known_key():
    provider, clock = Provider(jwk(EC, "k")), ManualClock(NOW)
    keys, idp = made(provider, clock)
    await keys.find("k")
    provider.gate.clear()
    clock.advance(timedelta(minutes=1))
    strangers = [asyncio.ensure_future(keys.find(f"x{number}")) for number in range(50)]
    while provider.asked < 2:
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        for _ in range(50):
            assert (await idp.verify(token(EC, "ES256", "k"), NOW))["sub"] == "acme"
    assert not any(stranger.done() for stranger in strangers)
    provider.gate.set()
    assert not any(await asyncio.gather(*strangers)) and provider.asked == 2


async def test_a_set_that_could_not_be_renewed_is_asked_for_again_an_interval_later():
    provider, clock = Provider(jwk(EC, "k")), ManualClock(NOW)
    keys, _ = made(provider, clock)
    await keys.find("k")
    provider.down = True
    clock.advance(timedelta(hours=1))
    assert await keys.find("k")
    provider.down, provider.keys = False, [jwk(EC, "new")]
    assert await keys.find("k") and provider.asked == 2
    clock.advance(timedelta(minutes=1))
    assert await keys.find("k") is None and provider.asked == 3


async def test_a_cancelled_asker_does_not_silence_the_next():
    provider = Provider(jwk(EC, "k"))
    provider.gate.clear()
    keys, _ = made(provider)
    impatient = asyncio.ensure_future(keys.find("k"))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    provider.gate.set()
    assert await keys.find("k")


@pytest.mark.parametrize(
    "changed",
    [{"iss": "https://other.test/"}, {"aud": "other"}, {"typ": "logout+jwt"}, {"sub": None}],
    ids=str,
)
async def test_tokens_for_others_are_refused(changed):
    _, idp = made(Provider(jwk(EC, "k")))
    with pytest.raises(TokenInvalid):
        await idp.verify(token(EC, "ES256", "k", **changed), NOW)


async def test_expiry_follows_the_given_clock():
    _, idp = made(Provider(jwk(EC, "k")))
    with pytest.raises(TokenExpired):
        await idp.verify(token(EC, "ES256", "k"), NOW + timedelta(hours=1))


async def test_a_shared_secret_never_verifies():
    _, idp = made(Provider(jwk(EC, "k")))
    with refused("algorithm"):
        await idp.verify(token(b"x" * 32, "HS256", "k"), NOW)
