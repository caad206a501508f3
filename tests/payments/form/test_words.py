"""The form's words and amounts, language by language."""

import re

import pytest

from app.domain.money import Money
from app.domain.payment import DeclineReason
from carriers.sandbox.payments.form.words import LANGUAGES, words_for

NBSP, NARROW, QUOTE = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{RIGHT SINGLE QUOTATION MARK}"


@pytest.mark.parametrize(
    ("tag", "amount", "written"),
    [
        ("en-GB", Money(123456, "EUR"), "€1,234.56"),
        ("en-US", Money(123456, "USD"), "$1,234.56"),
        ("de-DE", Money(123456, "EUR"), f"1.234,56{NBSP}€"),
        ("de-CH", Money(123456, "CHF"), f"CHF{NBSP}1{QUOTE}234.56"),
        ("fr-FR", Money(123456, "EUR"), f"1{NARROW}234,56{NBSP}€"),
        ("es-ES", Money(1234567, "EUR"), f"12.345,67{NBSP}€"),
        ("en", Money(1235, "JPY"), "¥1,235"),
        ("en", Money(1234567, "KWD"), f"KWD{NBSP}1,234.567"),
        ("en", Money(123456, "HUF"), f"HUF{NBSP}1,234.56"),
        ("nl-NL", Money(123456, "EUR"), f"€{NBSP}1.234,56"),
    ],
)
def test_amounts_are_written_as_the_locale_does_with_the_decimals_of_the_currency(tag, amount, written):
    assert words_for(tag).money(amount) == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_facts(language):
    texts, english = words_for(language).texts, words_for("en").texts
    assert _facts(texts) == _facts(english)
    assert _facts(texts["declined"]) == _facts(english["declined"])
    assert all(texts[name] for name in texts)


@pytest.mark.parametrize(
    ("tag", "lang", "number"),
    [
        ("de-AT", "de-AT", "Kartennummer"),
        ("fr", "fr", "Numéro de carte"),
        ("es-MX", "es-MX", "Número de tarjeta"),
        ("nl-NL", "en", "Card number"),
        ("xx-nonsense!", "en", "Card number"),
    ],
)
def test_words_are_the_locales_or_english_and_say_which(tag, lang, number):
    words = words_for(tag)
    assert (words.tag, words("number")) == (lang, number)


def test_countries_are_named_and_sorted_in_the_payers_language():
    german = words_for("de-DE").countries
    assert ("AT", "Österreich") in german
    names = [name for _code, name in german]
    assert names.index("Norwegen") < names.index("Österreich") < names.index("Pakistan")
    assert {"EU", "ZZ", "UN"}.isdisjoint(code for code, _name in german)


@pytest.mark.parametrize("reason", [DeclineReason.LOST_OR_STOLEN, DeclineReason.SUSPECTED_FRAUD])
def test_a_thief_learns_nothing(reason):
    words = words_for("en")
    assert words.declined(reason) == words.declined(DeclineReason.DECLINED)


def test_every_other_reason_has_words_of_its_own():
    said = [words_for("en").declined(reason) for reason in DeclineReason]
    assert len(set(said)) == len(DeclineReason) - 2
    assert words_for("en").declined(None) == ""


def _facts(texts):
    return {name: set(re.findall(r"{\w+}", text)) for name, text in texts.items() if isinstance(text, str)}
