"""The partner's side of a card payment: the example page that frames the form, and a backend that is called back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from aiohttp import web

from app.cli.demo.telling import Json
from app.delivery.payment_callback import TOKEN_TYPE, content_hash
from app.signing.errors import TokenInvalid
from app.signing.jwks import read_keys
from app.signing.jws import Expected, read_header, verified

# The page that the documentation shows; only a checkout of the sources has it.
PAGE: Final = Path(__file__).parents[3] / "docs" / "examples" / "card-form"
_CLAIMS: Final = ("exp", "iat", "iss", "aud", "jti", "event", "sha256")


@dataclass
class Shop:
    """A site of the partner's; `form_url` is what its page frames, `callbacks` what its backend was told."""

    origin: str = ""
    form_url: str = ""
    callbacks: list[Json] = field(default_factory=list)

    @property
    def callback_url(self) -> str:
        """Where its backend hears how payments ended."""
        return f"{self.origin}/callbacks"

    def heard(self, booking: str) -> list[Json]:
        """What its backend was told about the booking."""
        return [told for told in self.callbacks if told["bookingId"] == booking]

    async def payment(self, _request: web.Request) -> web.Response:
        """What its page asks its backend for."""
        return web.json_response({"formUrl": self.form_url})

    async def hear(self, request: web.Request) -> web.Response:
        """Take a callback."""
        self.callbacks.append(await request.json())
        return web.Response()


@asynccontextmanager
async def serving() -> AsyncIterator[Shop]:
    """A shop at an origin of its own on this machine."""
    shop, app = Shop(), web.Application()
    app.router.add_get("/payment.json", shop.payment)
    app.router.add_post("/callbacks", shop.hear)
    if PAGE.is_dir():
        app.router.add_static("/", PAGE)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        shop.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield shop
    finally:
        await runner.cleanup()


def signed_event(callback: Json, keys: bytes, issuer: str, audience: str, now: datetime) -> str:
    """The id of the event that a callback is about, verified with the issuer's keys; TokenInvalid or TokenExpired."""
    header = read_header(callback["authToken"])
    expected = Expected(types=(TOKEN_TYPE,), issuer=issuer, audience=audience, required=_CLAIMS)
    claims = verified(callback["authToken"], header, read_keys(keys)[header.kid], expected, now)
    if claims["sha256"] != content_hash({name: value for name, value in callback.items() if name != "authToken"}):
        raise TokenInvalid("another body")
    return str(claims["event"])
