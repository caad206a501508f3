"""What a payer does: fill in the form and answer the issuer's challenge."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from carriers.sandbox.exchange import Json
from carriers.sandbox.payments import charges
from carriers.sandbox.payments.cards import BY_NUMBER, BY_TOKEN, Card, passes_luhn
from carriers.sandbox.payments.core import Core
from carriers.sandbox.payments.errors import invalid, not_found
from carriers.sandbox.payments.facts import Charge, State

# What the issuers of this world send to every payer.
CHALLENGE_CODE = "1234"
BILLING_FIELDS = ("line1", "line2", "city", "country", "state", "post_code")
_LONGEST = 200
_EXPIRY = re.compile(r"(0[1-9]|1[0-2])\s*/\s*(?:20)?([0-9]{2})")
_CVC_DIGITS = {"American Express": 4}


@dataclass(frozen=True, slots=True)
class CardForm:
    """What the payer typed, once it makes sense. The number is not kept."""

    card: Card
    billing: dict[str, str] = field(repr=False)


def charge_by_secret(core: Core, secret: str) -> Charge:
    """The charge whose form this secret opens; `charge_not_found`."""
    found = (charge for charge in core.facts.charges.values() if charge.secret == secret)
    return _known(next(found, None))


def charge_by_challenge(core: Core, secret: str) -> Charge:
    """The charge whose latest challenge, answered or not, this secret opens; `charge_not_found`."""
    with_challenge = (charge for charge in core.facts.charges.values() if charge.challenge is not None)
    found = (charge for charge in with_challenge if charge.challenge and charge.challenge.secret == secret)
    return _known(next(found, None))


def submit_card(core: Core, charge: Charge, form: CardForm) -> None:
    """Try the card. A charge that is open no more takes none and stays as it is."""
    if charge.state is not State.OPEN:
        return
    charges.attempt(core, charge, form.card)
    charge.billing = form.billing


def passes(answer: Json) -> bool:
    """Whether the issuer takes the answer: the code it sent, or from a script without a page, `passed`."""
    return answer.get("code") == CHALLENGE_CODE or str(answer.get("passed")).lower() == "true"


def answer_challenge(core: Core, charge: Charge, *, passed: bool) -> None:
    """Answer the charge's challenge; once only, and only while the charge is open."""
    if charge.challenge is not None:
        charges.answer(core, charge, BY_TOKEN[charge.challenge.card], passed=passed)


def challenge_url(core: Core, charge: Charge) -> str | None:
    """Where the payer answers the challenge that is waiting; None when none is."""
    challenge = charge.challenge
    waiting = challenge is not None and not challenge.answered and charge.state is State.OPEN
    return f"{core.origin}/challenge/{challenge.secret}" if challenge and waiting else None


def read_form(data: Json, now: datetime) -> CardForm:
    """What was typed; `invalid` names each field that cannot be right, and never repeats what is in it."""
    typed = {name: value.strip() for name, value in data.items() if isinstance(value, str)}
    number = re.sub(r"[\s-]", "", typed.get("number", ""))
    card = BY_NUMBER.get(number)
    wrong = {
        "number": _wrong_number(number, card),
        "expiry": _wrong_expiry(typed.get("expiry", ""), now),
        "cvc": _wrong_cvc(typed.get("cvc", ""), card),
        "name": None if typed.get("name") else "missing",
        "country": _wrong_country(typed.get("country", "")),
    }
    wrong |= {name: "too_long" for name, value in typed.items() if len(value) > _LONGEST}
    fields = {name: problem for name, problem in wrong.items() if problem}
    if fields or card is None:
        raise invalid("Some fields cannot be right.", **fields)
    return CardForm(card, {name: typed.get(name, "") for name in BILLING_FIELDS})


def _wrong_number(number: str, card: Card | None) -> str | None:
    if not number:
        return "missing"
    if not (number.isascii() and number.isdigit() and passes_luhn(number)):
        return "not_a_card"
    return None if card else "not_a_test_card"


def _wrong_expiry(expiry: str, now: datetime) -> str | None:
    found = _EXPIRY.fullmatch(expiry)
    if found is None:
        return "malformed" if expiry else "missing"
    # A card is good to the last day of its month.
    month, year = int(found[1]), 2000 + int(found[2])
    return "expired" if (year, month) < (now.year, now.month) else None


def _wrong_cvc(cvc: str, card: Card | None) -> str | None:
    if not cvc:
        return "missing"
    digits = _CVC_DIGITS.get(card.brand, 3) if card else len(cvc)
    return None if cvc.isascii() and cvc.isdigit() and len(cvc) == digits else "malformed"


def _wrong_country(country: str) -> str | None:
    """It may be left out."""
    return None if re.fullmatch(r"([A-Z]{2})?", country) else "malformed"


def _known(charge: Charge | None) -> Charge:
    if charge is None:
        raise not_found()
    return charge
