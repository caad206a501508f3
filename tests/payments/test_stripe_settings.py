"""Stripe from settings: what is missing or wrong is said at start, and no value is ever repeated."""

from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.money import CURRENCIES, Money, MoneyError
from app.domain.payment import DeclineReason
from app.domain.refusals import PaymentUnavailable
from app.payments.contract import PaymentVerb
from app.payments.registry import UnknownProviderError, providers
from app.payments.stripe import declines
from app.payments.stripe.amounts import UnsayableError, from_stripe, to_stripe
from app.settings import SettingsError
from tests.payments.stripe_scenes import LINKS, START, Till, over, settings


def build(**changed):
    return over(None, ManualClock(START), settings(**changed))


def test_the_profile_is_stripes():
    profile = build().profile
    assert (profile.code, profile.name, profile.family) == ("stripe", "Stripe", "stripe")
    assert profile.write_deadline == timedelta(seconds=30)
    # Ten business days.
    assert profile.refund_arrival == timedelta(weeks=2)
    assert set(profile.recovery) == set(PaymentVerb)


def test_the_script_is_of_the_librarys_release_and_can_be_another():
    assert build().script_url == "https://js.stripe.com/endive/stripe.js"
    assert build(overrides={"script_url": "http://127.0.0.1:1/stripe.js"}).script_url == "http://127.0.0.1:1/stripe.js"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"webhook_secret": None}, "webhook_secret"),
        ({"public_key": None}, "public_key"),
        ({"public_key": " "}, "public_key"),
        ({"overrides": {"write_deadline_seconds": -1}}, "write_deadline_seconds"),
        ({"overrides": {"script_url": "javascript:whsec_secret"}}, "script_url"),
        ({"overrides": {"scripturl": "https://js.stripe.com"}}, "scripturl"),
    ],
)
def test_what_is_missing_or_wrong_is_named(changed, named):
    with pytest.raises(SettingsError) as error:
        build(**changed)
    assert named in str(error.value)
    assert "whsec" not in str(error.value)
    assert "sk_test" not in str(error.value)


def test_a_library_that_would_print_payers_data_is_not_started(monkeypatch):
    monkeypatch.setenv("STRIPE_LOG", "debug")
    with pytest.raises(SettingsError, match="STRIPE_LOG"):
        build()


def test_an_unknown_family_and_an_unknown_provider_say_what_there_is():
    with pytest.raises(SettingsError, match=r"known: .*stripe"):
        build(family="strype")
    made = providers([settings()], None, ManualClock(START), read_deadline=timedelta(seconds=1), links=LINKS)
    assert made.get("stripe") is made.first()
    with pytest.raises(UnknownProviderError, match="names: stripe"):
        made.get("another")
    with pytest.raises(PaymentUnavailable):
        providers([], None, ManualClock(START), read_deadline=timedelta(seconds=1), links=LINKS).first()


async def test_a_provider_gives_its_secrets_to_nobody():
    till = Till()
    await till.open()
    assert "sk_test" not in repr(till.world.sent)
    assert "whsec" not in repr(vars(settings()))


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("123.45", "EUR", 12_345),
        ("500", "JPY", 500),
        ("5", "ISK", 500),
        ("120", "MGA", 120),
        ("10.45", "HUF", 1_045),
        ("800.45", "TWD", 80_045),
        ("5.120", "KWD", 5_120),
        ("0.010", "BHD", 10),
    ],
)
def test_amounts_are_said_in_stripes_units_and_heard_back(amount, currency, units):
    money = Money.of(amount, currency)
    assert to_stripe(money) == units
    assert from_stripe(units, currency.lower()) == money


@pytest.mark.parametrize(("amount", "currency"), [("5.124", "KWD"), ("1.5", "MGA"), ("1000", "UGX"), ("0.001", "TND")])
def test_what_cannot_be_said_exactly_is_not_rounded(amount, currency):
    with pytest.raises(UnsayableError):
        to_stripe(Money.of(amount, currency))


def test_whole_units_can_be_said_in_every_other_currency_and_mean_the_same():
    for currency in sorted(CURRENCIES - {"UGX"}):
        money = Money.of(7, currency)
        assert from_stripe(to_stripe(money), currency.lower()) == money


@pytest.mark.parametrize(("units", "currency"), [(550, "isk"), (1, "xxx")])
def test_what_is_no_amount_is_no_money(units, currency):
    with pytest.raises(MoneyError):
        from_stripe(units, currency)


def test_the_issuers_code_says_more_than_the_errors():
    assert declines.reason("card_declined", "insufficient_funds") is DeclineReason.INSUFFICIENT_FUNDS
    assert declines.reason("expired_card", None) is DeclineReason.EXPIRED_CARD
    assert declines.reason("expired_card", "generic_decline") is DeclineReason.EXPIRED_CARD
    assert declines.reason("a code of tomorrow", "another") is DeclineReason.DECLINED
    assert declines.reason(None) is DeclineReason.DECLINED


def test_every_reason_can_be_told_and_the_payer_learns_nothing_of_a_stolen_card():
    assert set(declines.SENTENCES) == set(DeclineReason)
    assert set(declines.REASONS.values()) == set(DeclineReason) - {DeclineReason.DECLINED}
    secret = {DeclineReason.LOST_OR_STOLEN, DeclineReason.SUSPECTED_FRAUD}
    assert {declines.SENTENCES[reason] for reason in secret} == {declines.SENTENCES[DeclineReason.DECLINED]}
