"""What operators rely on is written down: every carrier family, every setting, every command."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.payments.registry import FAMILIES as PAYMENT_FAMILIES
from app.settings import PREFIX, CarrierSettings, Settings
from app.wire.transport import AiohttpTransport
from app.wire.wire import Wire
from carriers.contract import Ability
from carriers.registry import FAMILIES
from tests.carriers.contract import CarrierContract
from tests.payments.contract import ProviderContract

# Each contract of tests/carriers, and the ability without which a family does not owe it.
CONTRACTS = {
    CarrierContract.__name__: None,
    "BuyContract": Ability.BUY,
    "RefundContract": Ability.CANCEL,
    "ExchangeContract": Ability.EXCHANGE,
    "ServicesContract": Ability.SERVICES,
    "ChangeContract": Ability.CHANGES,
    "WebhookContract": Ability.WEBHOOKS,
    "TourContract": Ability.TOURS,
}
ROOT = Path(__file__).parents[2]


def rows(document):
    """The first cell of every table row that names something."""
    return re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / document).read_text(), re.MULTILINE)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_a_row(family):
    assert family in rows("carriers.md")


async def abilities(family):
    """What a company of the family can do where its settings take nothing away."""
    account = CarrierSettings(code="anybody", family=family, url="https://x.example", token="t", webhook_secret="w")
    async with AiohttpTransport() as transport:
        carrier = FAMILIES[family](account, Wire(transport, SystemClock()), SystemClock(), timedelta(seconds=1))
    return carrier.profile.abilities


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_family_keeps_the_carrier_contract_with_that_of_each_of_its_abilities(family):
    folder = ROOT / "tests" / "carriers"
    contracts = re.findall(
        r"^class (\w+Contract)\b", "".join(path.read_text() for path in folder.glob("*contract.py")), re.MULTILINE
    )
    tested = (folder / f"test_{family}.py").read_text()
    found = re.findall(r"^class \w+\(([\w,\s]*Contract),?\s*\):", tested, re.MULTILINE)
    can = await abilities(family)
    owed = {name for name, ability in CONTRACTS.items() if ability is None or ability in can}
    assert set(contracts) == set(CONTRACTS)
    assert found
    assert all(set(re.split(r",\s*", kept.strip())) == owed for kept in found)


@pytest.mark.parametrize("family", PAYMENT_FAMILIES)
def test_every_payment_family_keeps_the_provider_contract_and_is_written_about(family):
    tested = (ROOT / "tests" / "payments" / f"test_{family}.py").read_text()
    assert re.search(rf"^class \w+\({ProviderContract.__name__}\)", tested, re.MULTILINE)
    assert re.search(rf"^## .*{family}", (ROOT / "docs" / "payments.md").read_text(), re.MULTILINE | re.IGNORECASE)


def test_every_setting_has_a_row_and_every_row_is_a_setting():
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert {name for name in rows("operations.md") if name.startswith(PREFIX)} == settings


def test_told_numbers_are_the_defaults():
    text = (ROOT / "docs" / "operations.md").read_text()
    told = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \|.*\| (\d+) \|$", text, re.MULTILINE))
    assert len(told) >= 8
    assert {name: float(number) for name, number in told.items()} == {
        name: float(Settings.model_fields[name.lower()].default) for name in told
    }


@pytest.mark.parametrize("target", re.findall(r"make (\w+)", (ROOT / "README.md").read_text()))
def test_every_command_in_the_readme_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
