"""From settings to carriers."""

from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.recovery import Lost
from app.settings import CarrierSettings, SettingsError
from carriers.contract import Ability, Verb
from carriers.duffel.profile import SETTLE_DELAY, WRITE_DEADLINE
from carriers.registry import UnknownCarrierError, carriers
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.worlds import READ_DEADLINE, START, SandboxTransport, instant_wire


def set_up(*accounts):
    clock = ManualClock(START)
    wire = instant_wire(SandboxTransport(DuffelWorld(clock)), clock)
    return carriers(accounts, wire, clock, read_deadline=READ_DEADLINE)


def account(code="duffel", **more):
    return CarrierSettings(code=code, **{"family": "duffel", "url": "https://api.duffel.com", "token": "t"} | more)


def test_each_account_is_a_carrier_of_its_own():
    known = set_up(account(), account("duffel-us", name="Duffel, US agency", webhook_secret="s"))
    assert [carrier.profile.code for carrier in known] == ["duffel", "duffel-us"]
    assert (len(known), "duffel-us" in known, "acme" in known) == (2, True, False)
    assert known.get("duffel-us").profile.name == "Duffel, US agency"


def test_an_unknown_code_names_those_there_are():
    with pytest.raises(UnknownCarrierError, match=r"'acme'.*duffel, duffel-us"):
        set_up(account(), account("duffel-us")).get("acme")


def test_no_carriers_at_all_are_possible():
    with pytest.raises(UnknownCarrierError, match="none"):
        set_up().get("duffel")


def test_an_unknown_family_stops_the_start():
    with pytest.raises(SettingsError, match=r"'acme'.*duffel"):
        set_up(account("acme", family="acme_air"))


@pytest.mark.parametrize(
    "overrides", [{"settle_secs": 5}, {"settle_seconds": -1}, {"abilities": ["FLY"]}], ids=["name", "number", "ability"]
)
def test_a_wrong_override_stops_the_start(overrides):
    with pytest.raises(SettingsError, match=f"'duffel'.*{next(iter(overrides))}"):
        set_up(account(overrides=overrides))


def test_the_profile_is_duffels_unless_overridden():
    profile = set_up(account()).get("duffel").profile
    assert profile.write_deadline == WRITE_DEADLINE >= timedelta(seconds=130)
    assert {verb: recovery.lost for verb, recovery in profile.recovery.items()} == {
        Verb.HOLD: Lost.LOOK_FIRST,
        Verb.BUY: Lost.LOOK_FIRST,
        Verb.PAY: Lost.IDEMPOTENT,
        Verb.CANCEL: Lost.IDEMPOTENT,
        Verb.REFUND: Lost.IDEMPOTENT,
        Verb.EXCHANGE: Lost.LOOK_FIRST,
        Verb.ADD_SERVICES: Lost.LOOK_FIRST,
        Verb.ACCEPT: Lost.IDEMPOTENT,
    }
    # An airline may take 120 seconds.
    assert {recovery.settle_delay for recovery in profile.recovery.values()} == {SETTLE_DELAY}
    assert timedelta(seconds=120) < SETTLE_DELAY
    assert profile.correctable == frozenset()


def test_webhooks_need_their_secret():
    assert Ability.WEBHOOKS not in set_up(account()).get("duffel").profile.abilities
    assert Ability.WEBHOOKS in set_up(account(webhook_secret="s")).get("duffel").profile.abilities


def test_a_deployment_may_shorten_the_waits():
    overrides = {"settle_seconds": 5, "write_deadline_seconds": 20}
    profile = set_up(account(overrides=overrides)).get("duffel").profile
    assert profile.recovery[Verb.HOLD].settle_delay == timedelta(seconds=5)
    assert profile.write_deadline == timedelta(seconds=20)


def operator(**overrides):
    more = {"family": "octo", "url": "https://octo.example/luxurygold", "name": "Luxury Gold", "overrides": overrides}
    return set_up(account("luxurygold", **more)).get("luxurygold")


def test_a_tour_operator_does_what_octo_can_unless_overridden():
    assert operator().profile.abilities == {
        Ability.TOURS,
        Ability.HOLD,
        Ability.EXTEND,
        Ability.REQUESTS,
        Ability.CANCEL,
        Ability.EXCHANGE,
        Ability.CHANGES,
    }
    assert operator(abilities=["HOLD", "SEARCH"]).profile.abilities == {Ability.HOLD}
    assert operator(settle_seconds=7).profile.recovery[Verb.PAY].settle_delay == timedelta(seconds=7)


def test_an_operator_that_is_coming_soon_sells_tours_and_is_asked_for_nothing():
    profile = operator(coming_soon=True).profile
    assert (profile.coming_soon, profile.abilities) == (True, {Ability.TOURS})


@pytest.mark.parametrize("overrides", [{"hold_minutes": 0}, {"coming": True}, {"write_deadline_seconds": 0}])
def test_a_wrong_override_of_an_operator_stops_the_start(overrides):
    with pytest.raises(SettingsError, match=f"'luxurygold'.*{next(iter(overrides))}"):
        operator(**overrides)
