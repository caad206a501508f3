"""Where partners may be told, and from where their pages may show the card form: addresses, checked."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

# Stricter than URLs are: an origin becomes a word of a security policy.
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]+")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


class AddressError(ValueError):
    """The text says what is wrong with the address, and does not repeat it."""


def endpoint_url(text: str, *, development: bool) -> str:
    """The URL of an endpoint; AddressError unless it is https, or http to this machine in development."""
    parts = _checked(text, development=development)
    return parts._replace(scheme=parts.scheme.lower(), netloc=_host(parts), path=parts.path or "/").geturl()


def page_origin(text: str, *, development: bool) -> str:
    """The origin of a partner's pages; AddressError for anything more, or less, than an origin."""
    parts = _checked(text, development=development)
    if parts.path.strip("/") or parts.query:
        raise AddressError("An origin has no path or query, such as https://shop.example.")
    return origin_of(text)


def origin_of(url: str) -> str:
    """The origin of a URL as browsers write it (WHATWG URL, origin): lower case, without the scheme's own port."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{_host(parts)}"


def _checked(text: str, *, development: bool) -> SplitResult:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise AddressError("This is no address.") from None
    if not host or not text.isascii() or not text.isprintable() or " " in text:
        raise AddressError("Write the whole address, such as https://shop.example/hooks; other alphabets in punycode.")
    if not _NAME.fullmatch(host):
        raise AddressError("A host has letters, digits, dots and hyphens; there are no wildcards.")
    if parts.username is not None or parts.fragment:
        raise AddressError("An address has no user and no fragment.")
    if parts.scheme != "https" and not (parts.scheme == "http" and development and _is_here(host)):
        raise AddressError("Only https is allowed; in development also http to this machine, such as http://127.0.0.1.")
    return parts


def _host(parts: SplitResult) -> str:
    name = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
    return name if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme.lower())} else f"{name}:{parts.port}"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
