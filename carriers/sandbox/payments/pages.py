"""The pages and files for the payer's browser, and the headers that keep them to themselves."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from carriers.sandbox.exchange import Reply, Request
from carriers.sandbox.payments import payer
from carriers.sandbox.payments.core import Core
from carriers.sandbox.payments.errors import PaymentError
from carriers.sandbox.payments.facts import Charge
from carriers.sandbox.payments.form import html

_STATIC = Path(__file__).parent / "form" / "static"
_FILES = re.compile(r"/pay/([a-z]+\.(?:js|css))")
_PAGES = re.compile(r"/(pay|challenge)/([A-Za-z0-9]+)")
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
# What may stand in a header's list of origins (RFC 6454, without wildcards).
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
_ALWAYS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
_PRIVATE = _ALWAYS | {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "x-robots-tag": "noindex",
}


def page(core: Core, request: Request) -> Reply | None:
    """The page or file at this address; None where there is none."""
    if request.method != "GET":
        return None
    if file := _FILES.fullmatch(request.path):
        return _file(file[1])
    found = _PAGES.fullmatch(request.path)
    if found is None:
        return None
    try:
        return _form(core, found[2], request) if found[1] == "pay" else _challenge(core, found[2])
    except PaymentError as error:
        return Reply(error.status, _PRIVATE | {"content-security-policy": _policy()}, html.unknown().encode())


def _form(core: Core, secret: str, request: Request) -> Reply:
    charge = payer.charge_by_secret(core, secret)
    invalid = ",".join(request.query.get("invalid", [])).split(",")
    policy = _policy(
        *(f"connect-src 'self' {_origin(charge.outcome_url)}", "form-action 'self'", "frame-src 'self'"),
        framed_by=_origins(charge),
    )
    return _page(html.form(core, charge, invalid), policy)


def _challenge(core: Core, secret: str) -> Reply:
    charge = payer.charge_by_challenge(core, secret)
    # Every page around it has to be allowed: the form, and what frames the form.
    policy = _policy("form-action 'self'", framed_by=["'self'", *_origins(charge)])
    return _page(html.challenge(core, charge, secret), policy)


def _policy(*more: str, framed_by: list[str] | None = None) -> str:
    """A Content-Security-Policy: own scripts and styles, and nothing that is not named."""
    own = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'")
    framing = " ".join(("frame-ancestors", *(framed_by or ["'none'"])))
    return "; ".join((*own, *more, framing))


def _origins(charge: Charge) -> list[str]:
    return [origin for origin in charge.origins if _ORIGIN.fullmatch(origin)]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if _ORIGIN.fullmatch(origin) else ""


def _page(text: str, policy: str) -> Reply:
    return Reply(200, _PRIVATE | {"content-security-policy": policy}, text.encode())


@cache
def _file(name: str) -> Reply | None:
    path = _STATIC / name
    if not path.is_file():
        return None
    headers = _ALWAYS | {"content-type": _TYPES[path.suffix], "cache-control": "no-cache"}
    return Reply(200, headers | {"cross-origin-resource-policy": "same-origin"}, path.read_bytes())
