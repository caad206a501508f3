"""The pages as HTML: the form as far as its charge has come, and the issuer's challenge."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.money import Money
from carriers.sandbox.exchange import Json
from carriers.sandbox.payments import payer
from carriers.sandbox.payments.core import Core
from carriers.sandbox.payments.facts import Charge, State
from carriers.sandbox.payments.form.words import Words, words_for

_TEMPLATES = Path(__file__).parent / "templates"
_VIEWS = {State.OPEN: "form", State.AUTHORISED: "authorised", State.CAPTURED: "authorised", State.CLOSED: "ended"}
# What a form posted without script is told: only the field's name comes back.
_PROBLEMS = {
    "number": "number_not_a_test_card",
    "expiry": "expiry_malformed",
    "cvc": "cvc_malformed",
    "name": "name_missing",
    "country": "country_missing",
}


def form(core: Core, charge: Charge, invalid: Iterable[str]) -> str:
    """The form while the charge is open, else a message; `invalid` names fields that were refused before."""
    words = words_for(charge.locale)
    problems = {name: words(_PROBLEMS[name]) for name in invalid if name in _PROBLEMS}
    return _rendered(
        "form.html",
        words,
        view=_VIEWS[charge.state],
        amount=words.money(charge.amount),
        reference=charge.reference,
        path=_path(charge),
        country=words.locale.territory,
        challenge_url=payer.challenge_url(core, charge),
        declined=words.declined(charge.declined),
        problems=problems,
        facts=_facts(core, charge, words),
    )


def challenge(core: Core, charge: Charge, secret: str) -> str:
    """What the issuer asks, or thanks for the answer."""
    words = words_for(charge.locale)
    return _rendered(
        "challenge.html",
        words,
        amount=words.money(charge.amount),
        card=charge.card,
        code=payer.CHALLENGE_CODE,
        path=f"/challenge/{secret}",
        form_path=_path(charge),
        answered=payer.challenge_url(core, charge) is None,
    )


def unknown() -> str:
    """For an address that opens nothing."""
    return _rendered("unknown.html", words_for("en"))


def _facts(core: Core, charge: Charge, words: Words) -> Json:
    """What the script needs: the charge, whom to tell, and what to say."""
    return {
        "state": _VIEWS[charge.state],
        "path": _path(charge),
        "challenge_url": payer.challenge_url(core, charge),
        "attempts": charge.attempts,
        "amount": str(charge.amount.amount),
        "nothing": str(Money.zero(charge.amount.currency).amount),
        "currency": charge.amount.currency,
        "month": core.now().strftime("%Y-%m"),
        "seconds_left": (charge.expires_at - core.now()).total_seconds(),
        "outcome_url": charge.outcome_url,
        "origins": charge.origins,
        "texts": {**words.texts, "pay": words("pay", amount=words.money(charge.amount))},
    }


def _path(charge: Charge) -> str:
    return f"/pay/{charge.secret}"


def _rendered(template: str, words: Words, **facts: object) -> str:
    return _environment().get_template(template).render(words=words, **facts)


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(_TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
