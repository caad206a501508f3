"""A partner's terms on the command line: kept, changed one at a time, and refused with a sentence."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.cli.partners import needed_partner
from app.domain.partner import Billing, Cycle
from app.settings import load_settings

TERMS = {
    "--origin": "https://shop.example",
    "--payment-limit-hours": "24",
    "--payment-warning-hours": "0.5",
    "--balance-warning-days": "10",
    "--commission-percent": "7.25",
    "--billing": "WEEKLY:1@Europe/London+30",
}


@pytest.fixture
def acme(faregate):
    """Set some of its terms; the partner as it is stored then."""

    def change(*options):
        status, _, complaint = faregate("partner", "set", "Acme Travel", *options)
        assert (status, complaint) == (0, "")
        return needed_partner(load_settings(), "Acme Travel")

    return change


def test_every_term_is_kept_until_it_is_named_again(acme):
    partner = acme(*(word for option in TERMS.items() for word in option))
    assert partner.origins == ("https://shop.example",)
    assert (partner.payment_limit, partner.payment_warning) == (timedelta(hours=24), timedelta(minutes=30))
    assert partner.balance_warning == timedelta(days=10)
    assert partner.commission_percent == Decimal("7.25")
    assert partner.billing == Billing(cycle=Cycle.WEEKLY, day=1, zone="Europe/London", due_days=30)
    assert acme("--currency", "GBP") == partner.__class__(**{**fields(partner), "currency": "GBP"})


def fields(partner):
    return {name: getattr(partner, name) for name in partner.__slots__}


def test_billing_has_defaults(acme):
    assert acme("--billing", "MONTHLY:28").billing == Billing(cycle=Cycle.MONTHLY, day=28, zone="UTC", due_days=14)


def test_origins_are_written_as_browsers_do_and_replaced_together(acme):
    given = (
        "https://Shop.Example:443",
        "https://shop.example/",
        "https://app.shop.example:8443",
        "http://localhost:3000",
    )
    partner = acme(*(word for origin in given for word in ("--origin", origin)))
    assert partner.origins == ("https://shop.example", "https://app.shop.example:8443", "http://localhost:3000")
    assert acme("--origin", "https://new.example").origins == ("https://new.example",)
    assert acme("--origin", "none").origins == ()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--origin", "https://shop.example/pay", "has no path"),
        ("--origin", "http://shop.example", "Only https"),
        ("--origin", "shop.example", "whole address"),
        ("--origin", "https://*.shop.example ", "whole address"),
        ("--origin", "https://*.shop.example", "no wildcards"),
        ("--origin", "https://a.example;script-src", "no wildcards"),
        ("--origin", "https://shop.example,https://b.example", "letters, digits"),
        ("--origin", "https://a.example; script-src *", "whole address"),
        ("--origin", "https://me@shop.example", "no user"),
        ("--commission-percent", "101", "0 to 100"),
        ("--commission-percent", "NaN", "0 to 100"),
        ("--commission-percent", "some", "no percentage"),
        ("--payment-warning-hours", "-1", "no time to wait"),
        ("--payment-limit-hours", "nan", "no time to wait"),
        ("--billing", "DAILY:1", "is no billing"),
        ("--billing", "WEEKLY:8", "1 (Monday) to 7"),
        ("--billing", "MONTHLY:29", "1 to 28"),
        ("--billing", "MONTHLY:1@Europe/Atlantis", "no time zone"),
    ],
)
def test_a_term_that_cannot_be_is_refused_with_a_sentence(faregate, option, value, sentence):
    status, printed, complaint = faregate("partner", "set", "Acme Travel", option, value)
    assert (status, printed) == (2, "") and sentence in complaint


def test_in_production_pages_need_https_too(faregate, environment):
    environment.setenv("FAREGATE_PROFILE", "production")
    environment.setenv("FAREGATE_TOKEN_KEYS", "key")
    environment.setenv("FAREGATE_SEAL_KEYS", "key")
    status, _, complaint = faregate("partner", "set", "Acme Travel", "--origin", "http://localhost:3000")
    assert status == 2 and "Only https" in complaint
