"""A page's words, amounts and countries in the payer's language."""

import copy
import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from app.domain.money import Money, exponent
from app.domain.payment import DeclineReason

_LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("en", "de", "fr", "es")
# CLDR's currency spacing, which Babel leaves out.
_BETWEEN_CODE_AND_DIGITS = re.compile(r"(?<=[A-Za-z])(?=\d)")
# In CLDR, but no country of ISO 3166-1: regions, unions, and codes for tests.
_NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())


class Words:
    """Texts in the locale's language, else in English; amounts always as the locale writes them."""

    def __init__(self, tag: str) -> None:
        self.locale = _parsed(tag)
        known = self.locale.language in LANGUAGES
        self.tag = str(self.locale).replace("_", "-") if known else "en"
        self.texts = _texts(self.locale.language if known else "en")

    def __call__(self, name: str, **facts: str) -> str:
        """The text with its facts filled in."""
        return str(self.texts[name]).format_map(facts)

    def declined(self, reason: DeclineReason | None) -> str:
        """What the payer is told; not that a card is reported stolen or looks like fraud, as issuers ask."""
        if reason is None:
            return ""
        reasons: dict[str, str] = self.texts["declined"]
        return reasons.get(reason.value.lower(), reasons["declined"])

    def money(self, amount: Money) -> str:
        """The amount with its currency's sign; the decimals are ISO 4217's, where CLDR rounds some away."""
        pattern = copy.copy(self.locale.currency_formats["standard"])
        decimals = exponent(amount.currency)
        pattern.frac_prec = (decimals, decimals)
        written = pattern.apply(amount.amount, self.locale, currency=amount.currency, currency_digits=False)
        return _BETWEEN_CODE_AND_DIGITS.sub("\N{NO-BREAK SPACE}", written)

    @cached_property
    def countries(self) -> list[tuple[str, str]]:
        """Code and name of every country, by name."""
        names = Locale.parse(self.tag, sep="-").territories
        found = [(code, name) for code, name in names.items() if _is_country(code)]
        return sorted(found, key=lambda country: _plain(country[1]))


@cache
def words_for(tag: str) -> Words:
    """The words for a BCP 47 tag."""
    return Words(tag)


def _parsed(tag: str) -> Locale:
    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


@cache
def _texts(language: str) -> Mapping[str, Any]:
    texts: Mapping[str, Any] = json.loads((_LOCALES / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def _is_country(code: str) -> bool:
    return code.isalpha() and code not in _NO_COUNTRIES


def _plain(name: str) -> str:
    """Without accents, so that Österreich is found under O."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
