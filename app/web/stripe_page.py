"""The page around Stripe's form as HTML, and what it is served with.

The one exception to serving everything ourselves: Stripe allows its script from its own address alone, and the fields
for the card are its frames (docs.stripe.com/js/including, docs.stripe.com/security/guide#content-security-policy).
"""

import copy
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.money import Money, exponent
from app.domain.payment import DeclineReason
from app.payments.contract import ChargeState
from app.payments.stripe.form import FormFacts

ASSETS: Final = "/payments/stripe/static"
STATIC: Final = Path(__file__).parent / "static" / "stripe"
_LOCALES: Final = Path(__file__).parent / "locales" / "stripe_form"
_LANGUAGES: Final = frozenset(path.stem for path in _LOCALES.glob("*.json"))
_STRIPE: Final = "https://js.stripe.com"
_ENDED: Final = "ended"
_STATES: Final = {
    ChargeState.OPEN: "form",
    ChargeState.AUTHORISED: "authorised",
    ChargeState.CAPTURED: "authorised",
    ChargeState.CLOSED: _ENDED,
}
# Issuers ask that nobody at a form learns this.
_UNTOLD: Final = frozenset({DeclineReason.LOST_OR_STOLEN, DeclineReason.SUSPECTED_FRAUD})


def told(reason: DeclineReason | None) -> str | None:
    """The reason as the payer may learn it, in lower case."""
    if reason is None:
        return None
    return (DeclineReason.DECLINED if reason in _UNTOLD else reason).lower()


def form_page(facts: FormFacts, *, path: str, public_key: str, script_url: str, now: datetime) -> str:
    """The page for a session, as far as it has come."""
    locale = _locale(facts.locale)
    texts, amount = _texts(locale.language), _written(facts.charge.amount, locale)
    reason = told(facts.charge.declined)
    page = _page(facts, now) | {
        "path": path,
        "public_key": public_key,
        "language": locale.language,
        "texts": {**texts, "pay": texts["pay"].format(amount=amount)},
    }
    return _rendered(
        texts,
        language=locale.language if locale.language in _LANGUAGES else "en",
        title=texts["title"].format(amount=amount),
        heading=texts["heading"].format(reference=facts.reference),
        amount=amount,
        declined=texts["declined"].get(reason, texts["declined"]["declined"]) if reason else "",
        script_url=script_url,
        page=page,
    )


def unknown_page() -> str:
    """For an address that opens nothing."""
    texts = _texts("en")
    return _rendered(texts, language="en", title=texts["unknown_heading"], page=None)


def headers(script_url: str = _STRIPE, origins: tuple[str, ...] = ()) -> Mapping[str, str]:
    """What the page is served with: our script and Stripe's, Stripe's frames, framed by exactly these origins."""
    parts = urlsplit(script_url)
    host = f"{parts.scheme}://{parts.netloc}"
    scripts, frames, calls = host, host, host
    if host == _STRIPE:
        scripts = f"{host} https://*.js.stripe.com"
        frames = f"{scripts} https://hooks.stripe.com"
        calls = "https://api.stripe.com"
    ancestors = " ".join(origins) or "'none'"
    return {
        "Content-Security-Policy": f"default-src 'none'; script-src 'self' {scripts}; style-src 'self'; "
        f"img-src 'self' data:; connect-src 'self' {calls}; frame-src {frames}; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {ancestors}",
        "Referrer-Policy": "strict-origin",  # the address is the proof, so it goes nowhere
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def _page(facts: FormFacts, now: datetime) -> dict[str, Any]:
    """What the script needs of the session. The client secret is not in it: only a challenge needs that."""
    charge = facts.charge
    left = (charge.expires_at - now).total_seconds() if charge.expires_at else 0
    state = _STATES[charge.state]
    return {
        "state": _ENDED if state == "form" and left <= 0 else state,
        "attempts": charge.attempts,
        "units": facts.units,
        "amount": str(charge.amount.amount),
        "nothing": str(Money.zero(charge.amount.currency).amount),
        "currency": charge.amount.currency,
        "seconds_left": left,
        "outcome_url": facts.outcome_url,
        "origins": facts.origins,
    }


def _written(amount: Money, locale: Locale) -> str:
    """The amount as the locale writes it, with ISO 4217's decimals where CLDR would round some away."""
    pattern = copy.copy(locale.currency_formats["standard"])
    decimals = exponent(amount.currency)
    pattern.frac_prec = (decimals, decimals)
    return str(pattern.apply(amount.amount, locale, currency=amount.currency, currency_digits=False))


def _locale(tag: str) -> Locale:
    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


@cache
def _texts(language: str) -> Mapping[str, Any]:
    name = language if language in _LANGUAGES else "en"
    texts: Mapping[str, Any] = json.loads((_LOCALES / f"{name}.json").read_text(encoding="utf-8"))
    return texts


def _rendered(texts: Mapping[str, Any], **facts: object) -> str:
    return _environment().get_template("stripe_form.html").render(texts=texts, assets=ASSETS, **facts)


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
