"""Settings: read from the environment, refused with a sentence that helps, silent about secrets."""

import json
import os
import traceback
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.partner import Billing, Cycle
from app.settings import RunProfile, SettingsError, load_settings

PEM = "-----BEGIN PRIVATE KEY-----\\nhush-token-key\\n-----END PRIVATE KEY-----"
DUFFEL = {"code": "duffel", "family": "duffel", "url": "https://api.duffel.test/", "token": "hush-token"}
PROVIDER = {"code": "card", "family": "sandbox", "url": "https://pay.test/", "key": "hush-key"}
IDENTITY = {"issuer": "https://login.test/", "jwks_url": "https://login.test/keys", "audience": "faregate"}


@pytest.fixture
def load(monkeypatch):
    """Load settings from these variables and no others."""
    for name in [name for name in os.environ if name.upper().startswith("FAREGATE_")]:
        monkeypatch.delenv(name)

    def loaded(**variables):
        for name, value in variables.items():
            text = value if isinstance(value, str) else json.dumps(value)
            monkeypatch.setenv(f"FAREGATE_{name.upper()}", text)
        return load_settings()

    return loaded


@pytest.fixture
def development(load):
    return lambda **variables: load(profile="development", **variables)


def test_development_needs_nothing(development):
    settings = development()
    assert settings.development and settings.carriers == () and settings.token_keys is None
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:///var/faregate.sqlite3"


def test_production_is_the_default_and_needs_keys(load):
    with pytest.raises(SettingsError, match=r"openssl .* FAREGATE_PROFILE=development"):
        load()


def test_production_starts_with_keys(load):
    settings = load(token_keys=PEM, seal_keys="hush-one, hush-two")
    assert settings.profile is RunProfile.PRODUCTION
    assert [key.get_secret_value() for key in settings.seal_keys] == ["hush-one", "hush-two"]


@pytest.mark.parametrize("half", [{"token_keys": PEM}, {"seal_keys": "hush"}], ids=["token", "seal"])
def test_half_the_keys_are_not_enough_anywhere(load, half):
    with pytest.raises(SettingsError, match="must both be set"):
        load(profile="development", **half)


@pytest.mark.parametrize("empty", ["", "  "])
@pytest.mark.parametrize(
    ("setting", "company", "name"),
    [
        ("carriers", DUFFEL, "token"),
        ("carriers", DUFFEL, "webhook_secret"),
        ("payment_providers", PROVIDER, "key"),
        ("payment_providers", PROVIDER, "webhook_secret"),
    ],
)
def test_a_secret_is_never_empty(development, setting, company, name, empty):
    where = rf"FAREGATE_{setting.upper()} at 0\.{name}: must not be empty; leave it out where there is none\."
    with pytest.raises(SettingsError, match=where):
        development(**{setting: [{**company, name: empty}]})


def test_nothing_shows_a_secret(load):
    settings = load(
        token_keys=PEM,
        seal_keys="hush-seal",
        database_url="postgresql://u:hush-password@db/faregate",
        carriers=[{**DUFFEL, "webhook_secret": "hush-webhook", "overrides": {"extra": "hush-extra"}}],
    )
    shown = repr(settings) + str(settings) + repr(settings.carriers)
    assert "hush" not in shown and "duffel" in shown
    assert settings.carriers[0].token.get_secret_value() == "hush-token"


@pytest.mark.parametrize(
    "variables",
    [
        {"carriers": [{**DUFFEL, "code": "Hush"}]},
        {"carriers": [{**DUFFEL, "token": {"hush": 1}}]},
        {"carriers": '[{"token": "hush'},
        {"database_url": "mysql://hush"},
        {"exchange": {"base": "HUSH", "rates": {}}},
        {"search_deadline_seconds": "hush"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_errors_name_the_variable_and_not_the_value(development, variables):
    with pytest.raises(SettingsError) as caught:
        development(**variables)
    told = "".join(traceback.format_exception(caught.value))
    assert next(iter(variables)) in str(caught.value).lower() and "hush" not in told.lower()


def test_every_problem_is_told_at_once(development):
    with pytest.raises(SettingsError) as caught:
        development(search_deadline_seconds="0", public_url="ftp://x")
    assert len(str(caught.value).splitlines()) == 2


def test_the_place_inside_a_table_is_named(development):
    with pytest.raises(SettingsError, match=r"FAREGATE_CARRIERS at 0\.url: must be an http"):
        development(carriers=[{**DUFFEL, "url": "duffel"}])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DATABSE_URL", "FAREGATE_DATABASE_URL"),
        ("SEARCH_DEADLINE", "FAREGATE_SEARCH_DEADLINE_SECONDS"),
        ("CARRIER", "FAREGATE_CARRIERS"),
    ],
)
def test_an_unknown_name_is_told_with_the_one_probably_meant(development, name, meant):
    with pytest.raises(SettingsError, match=f"FAREGATE_{name} is no setting of Faregate; did you mean {meant}"):
        development(**{name: "x"})


def test_names_of_the_test_tools_are_left_alone(development):
    assert development(proof_seconds="60", test_database_url="x")


def test_unknown_fields_of_a_carrier_are_refused(development):
    with pytest.raises(SettingsError, match="tokn"):
        development(carriers=[{**DUFFEL, "tokn": "x"}])


def test_carriers_are_named_once(development):
    with pytest.raises(SettingsError, match="a code of its own"):
        development(carriers=[DUFFEL, DUFFEL])


def test_how_a_carrier_is_settled_with(development):
    agreed = {"cycle": "WEEKLY", "day": 5, "zone": "Europe/Paris", "due_days": 7}
    usual, other = development(carriers=[DUFFEL, DUFFEL | {"code": "other", "billing": agreed}]).carriers
    assert usual.billing.to_domain() == Billing()
    assert other.billing.to_domain() == Billing(cycle=Cycle.WEEKLY, day=5, zone="Europe/Paris", due_days=7)


@pytest.mark.parametrize(
    ("billing", "problem"),
    [
        ({"day": 29}, r"at 0\.billing: the day of a monthly cycle is 1 to 28\."),
        ({"cycle": "WEEKLY", "day": 8}, r"at 0\.billing: the day of a weekly cycle is 1 to 7\."),
        ({"zone": "Mars/Base"}, r"at 0\.billing: the zone must be an IANA time zone"),
        ({"due_days": -1}, r"at 0\.billing: a statement cannot be due before it is issued\."),
        ({"cycle": "DAILY"}, r"at 0\.billing\.cycle: "),
        ({"days": 3}, r"at 0\.billing\.days: "),
    ],
)
def test_a_carriers_account_is_closed_on_days_there_are(development, billing, problem):
    with pytest.raises(SettingsError, match=f"FAREGATE_CARRIERS {problem}"):
        development(carriers=[DUFFEL | {"billing": billing}])


def test_a_carriers_url_loses_its_last_slash(development):
    assert development(carriers=[DUFFEL]).carriers[0].url == "https://api.duffel.test"


@pytest.mark.parametrize(
    "url", ["gateway.example", "ftp://gateway.example", "https://gateway.example/path", "https://u:p@gateway.example"]
)
def test_the_public_url_is_an_origin(development, url):
    with pytest.raises(SettingsError, match="FAREGATE_PUBLIC_URL"):
        development(public_url=url)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:////data/f.sqlite3", "sqlite+aiosqlite:////data/f.sqlite3"),
        ("postgres://u:p@h/n", "postgresql+asyncpg://u:p@h/n"),
        ("postgresql+asyncpg://h/n", "postgresql+asyncpg://h/n"),
    ],
)
def test_a_database_gets_the_driver_we_use(development, given, used):
    assert development(database_url=given).database_url.get_secret_value() == used


def test_the_default_database_lies_in_the_data_folder(development):
    settings = development(data_dir="/srv/faregate")
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:////srv/faregate/faregate.sqlite3"
    assert settings.keys_dir == Path("/srv/faregate/keys")


def test_rates_cross_over_the_base(development):
    exchange = development(exchange={"base": "EUR", "rates": {"USD": "1.25", "GBP": 0.5}}).exchange
    assert exchange.rate("EUR", "USD") == Decimal("1.25") and exchange.rate("USD", "EUR") == Decimal("0.8")
    assert exchange.rate("GBP", "USD") == Decimal("2.5") and exchange.rate("USD", "JPY") is None


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_a_positive_number(development, rate):
    with pytest.raises(SettingsError, match=r"FAREGATE_EXCHANGE at rates\.USD"):
        development(exchange={"base": "EUR", "rates": {"USD": rate}})


def test_an_identity_provider_is_read(development):
    provider = development(identity_provider=IDENTITY).identity_provider
    assert provider.jwks_url == "https://login.test/keys" and provider.partner_claim == "sub"


def test_secrets_may_come_from_files(load, tmp_path):
    (tmp_path / "faregate_token_keys").write_text(PEM.replace("\\n", "\n"))
    (tmp_path / "faregate_seal_keys").write_text("hush-file\n")
    settings = load(secrets_dir=str(tmp_path))
    assert "\nhush-token-key\n" in settings.token_keys.get_secret_value()
    assert settings.seal_keys[0].get_secret_value() == "hush-file"


def test_an_empty_variable_is_as_good_as_none(development):
    assert development(carriers="", seal_keys="").carriers == ()
