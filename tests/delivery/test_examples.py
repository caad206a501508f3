"""The examples partners start from: they believe what we really send, and nothing that only looks like it."""

import asyncio
import base64
import importlib.util
import json
import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.domain.clock import ManualClock
from app.signing.keyring import SigningKey
from app.store.delivery_tables import EndpointFormat
from app.wire.transport import AiohttpTransport
from tests.delivery.office import ADDRESS, ISSUER, KEYRING

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "verify-callback"
NODE = shutil.which("node")
WITHOUT_NODE = NODE is None and "CI" not in os.environ
javascript = pytest.mark.skipif(WITHOUT_NODE, reason="no Node")  # `make test` needs Python alone; CI never skips this


def example():
    """The example in Python, as a backend would import it."""
    spec = importlib.util.spec_from_file_location("verify", EXAMPLES / "verify.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PYTHON = example()


class Shop:
    """A partner's backend and the gateway's key set, on a real port."""

    def __init__(self):
        self.heard = []
        self.keys = KEYRING.jwks()
        self.fetched = 0

    async def open(self):
        application = web.Application()
        application.router.add_post("/callbacks", self.hear)
        application.router.add_get("/.well-known/jwks.json", self.publish)
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.origin = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def hear(self, request):
        self.heard.append(await request.read())
        return web.Response(status=204)

    async def publish(self, _request):
        self.fetched += 1
        return web.json_response(self.keys)

    @property
    def key_set(self):
        return f"{self.origin}/.well-known/jwks.json"

    async def asked(self, language, body, *, audience=None, issuer=ISSUER):
        """Why the example does not believe this body; None when it does."""
        if language == "py":
            keys = PYTHON.Keys(self.key_set)
            try:
                await asyncio.to_thread(PYTHON.verify, body, keys, issuer, audience or self.origin)
            except PYTHON.NotGenuine as error:
                return str(error).lower()
            return None
        status, told = await self.ran(NODE, "verify.mjs", body, issuer, audience or self.origin)
        assert status == 0 or told.startswith("not genuine: "), told
        return told.lower() if status else None

    async def ran(self, program, file, body, issuer, audience):
        """How the example ends as a command: its status and all it printed."""
        process = await asyncio.create_subprocess_exec(
            *(program, EXAMPLES / file, self.key_set, issuer, audience),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(process.communicate(body), 60)
        return process.returncode, told.decode()


@pytest.fixture
async def shop():
    shop = Shop()
    await shop.open()
    yield shop
    await shop.runner.cleanup()


@pytest.fixture
def send(office, booked, shop):
    """Really send a callback, some time ago; its body."""

    async def really(ago=timedelta()):
        office.clock = ManualClock(datetime.now(UTC) - ago)
        async with AiohttpTransport() as office.backends:
            office.open()
            await office.endpoint(f"{shop.origin}/callbacks", EndpointFormat.PAYMENT_CALLBACK)
            await office.paid(booked)
            await office.tick()
        (body,) = shop.heard
        return body

    return really


@pytest.fixture(params=["py", pytest.param("mjs", marks=javascript)])
def language(request):
    return request.param


@pytest.mark.parametrize(
    ("program", "file"), [(sys.executable, "verify.py"), pytest.param(NODE, "verify.mjs", marks=javascript)]
)
async def test_what_was_really_sent_is_believed(office, shop, send, program, file):
    body = await send()
    (row,) = await office.deliveries()
    assert await shop.ran(program, file, body, ISSUER, shop.origin) == (0, f"{row.id} success 123.45 GBP\n")
    status, told = await shop.ran(program, file, body, ISSUER, "https://other.example")
    assert status == 1 and told.startswith("not genuine: ") and "audience" in told.lower()


async def test_white_space_and_order_are_not_part_of_what_was_signed(shop, send, language):
    body = json.loads(await send())
    loose = json.dumps(dict(reversed(body.items())), indent=2).encode()
    assert await shop.asked(language, loose) is None


async def test_whatever_a_payer_typed_is_hashed_alike(office, shop, send, language):
    office.provider.address = replace(ADDRESS, line1='"\u2028\x00\x1f\x7f\\/ Straße \U0001f600', city="\ufffd")
    assert await shop.asked(language, await send()) is None


async def test_a_changed_body_is_not_believed(shop, send, language):
    body = await send()
    assert "not the one" in await shop.asked(language, body.replace(b"123.45", b"123.46"))
    assert "not the one" in await shop.asked(language, body.replace(b'"success"', b'"failure"'))
    assert "not the one" in await shop.asked(language, body.replace("Kraków".encode(), b"Krakow"))


async def test_what_is_for_another_or_from_another_is_not_believed(shop, send, language):
    body = await send()
    assert "audience" in await shop.asked(language, body, audience="https://other.example")
    assert "issuer" in await shop.asked(language, body, issuer="https://other.example")


async def test_what_is_too_old_is_not_believed(shop, send, language):
    assert "expired" in await shop.asked(language, await send(ago=timedelta(minutes=6)))


async def test_a_key_rotated_away_is_not_believed(shop, send, language):
    body = await send()
    shop.keys = KEYRING.added(SigningKey.generate()).without(KEYRING.active.kid).jwks()
    assert "unknown key" in await shop.asked(language, body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"authToken": 7}', b'{"authToken": "a.b.c"}', b"null"])
async def test_what_is_no_callback_is_not_believed(shop, language, body):
    assert await shop.asked(language, body) is not None


def forged(body, *, key=KEYRING.active.private, algorithm="ES256", claims=(), **header):
    """The same body with another token."""
    content = json.loads(body)
    payload = content["authToken"].split(".")[1]
    signed = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) | dict(claims)
    headers = {"kid": KEYRING.active.kid, "typ": "payment-callback+jwt"} | header
    content["authToken"] = jwt.encode(signed, key, algorithm, headers)
    return json.dumps(content).encode()


def public_pem():
    return KEYRING.active.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


async def test_forged_tokens_are_not_believed(shop, send, language, monkeypatch):
    body = await send()
    stranger = SigningKey.generate()
    assert await shop.asked(language, forged(body)) is None
    # PyJWT refuses to make this one.
    monkeypatch.setattr(jwt.algorithms.HMACAlgorithm, "prepare_key", lambda _self, key: key)
    for forgery in (
        forged(body, key=None, algorithm="none"),
        forged(body, key=public_pem(), algorithm="HS256"),
        forged(body, key=stranger.private),
        forged(body, key=stranger.private, jwk=stranger.jwk),
        forged(body, key=stranger.private, kid=stranger.kid, jku="https://evil.example/jwks.json"),
        forged(body, typ="at+jwt"),
        forged(body, crit=["exp"]),
        forged(body, claims={"exp": None}),
        forged(body, claims={"event": ""}),
        forged(body, claims={"iat": 33_000_000_000}),
    ):
        assert await shop.asked(language, forgery) is not None


async def test_unknown_keys_make_it_ask_once_a_minute_at_most(shop, send):
    """In one process, as a backend would run it."""
    body = await send()
    keys = PYTHON.Keys(shop.key_set)
    verify = lambda body: asyncio.to_thread(PYTHON.verify, body, keys, ISSUER, shop.origin)  # noqa: E731
    assert (await verify(body))["status"] == "success"
    for _ in range(3):
        with pytest.raises(PYTHON.NotGenuine):
            await verify(forged(body, kid="somebody's"))
        assert (await verify(body))["status"] == "success"
    assert shop.fetched == 1
