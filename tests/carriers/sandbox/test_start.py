"""The bundled worlds: at neighbouring ports, each with its settings, going on where they were stopped."""

import json

from app.cli.serving import _with_sandbox
from app.domain.clock import ManualClock
from app.settings import Settings
from carriers.sandbox.exchange import Request, encode
from carriers.sandbox.server import create_app
from carriers.sandbox.start import WORLDS, open_sandbox
from tests.carriers.worlds import START

OPERATORS = {
    "aatkings": "AAT Kings",
    "brendanvacations": "Brendan Vacations",
    "insightvacations": "Insight Vacations",
    "luxurygold": "Luxury Gold",
    "grandeuropeantravel": "Grand European Travel",
}
GATEWAY = "http://127.0.0.1:8000"


def opened(state=None):
    return open_sandbox(ManualClock(START), 8100, GATEWAY, state)


def told(sandbox, name):
    return json.loads(sandbox.variables[f"FAREGATE_{name}"])


def test_each_world_has_its_port_and_is_named_in_the_settings():
    sandbox = opened()
    places = [(place.world.name, place.port) for place in sandbox.places]
    assert places == [("duffel", 8100), ("payments", 8101), ("octo", 8102)]
    assert len(sandbox.places) == WORLDS
    (carrier, *_), (provider,) = told(sandbox, "CARRIERS"), told(sandbox, "PAYMENT_PROVIDERS")
    assert (carrier["url"], provider["url"]) == ("http://127.0.0.1:8100", "http://127.0.0.1:8101")
    assert (provider["code"], provider["family"]) == ("sandbox", "sandbox")


def test_each_tour_operator_is_a_carrier_and_one_is_coming_soon():
    sandbox = opened()
    _, *operators = told(sandbox, "CARRIERS")
    assert {each["code"]: each["name"] for each in operators} == OPERATORS
    assert [each["code"] for each in operators if each["overrides"].get("coming_soon")] == ["grandeuropeantravel"]
    world = sandbox.places[2].world
    for each in operators[:-1]:
        path = each["url"].removeprefix("http://127.0.0.1:8102")
        supplier = world.handle(
            Request("GET", f"{path}/supplier/", {}, {"authorization": f"Bearer {each['token']}"})
        ).json()
        assert (supplier["name"], supplier["endpoint"]) == (each["name"], each["url"])


def test_callbacks_go_to_the_gateway_and_nowhere_twice(tmp_path):
    for _ in range(2):
        sandbox = opened(tmp_path)
    core = sandbox.places[1].world._core
    assert [receiver.url for receiver in core.facts.receivers.values()] == [f"{GATEWAY}/payments/sandbox/callbacks"]
    (provider,) = told(sandbox, "PAYMENT_PROVIDERS")
    assert provider["overrides"]["callback_url"] == f"{GATEWAY}/payments/sandbox/callbacks"


def test_the_worlds_go_on_where_they_were_stopped(tmp_path):
    first = opened(tmp_path).places[1].world
    before = published(first)
    again = opened(tmp_path).places[1].world
    assert published(again) == before
    assert again.fingerprint() == first.fingerprint()


def test_no_two_sandboxes_have_the_same_keys(tmp_path):
    assert published(opened(tmp_path / "a").places[1].world) != published(opened(tmp_path / "b").places[1].world)


def test_the_secret_told_last_is_the_one_that_signs(tmp_path):
    opened(tmp_path)
    sandbox = opened(tmp_path)
    duffel = sandbox.places[0]
    create_app(duffel.world, duffel.state)
    (webhook,) = duffel.world._core.facts.webhooks.values()
    assert webhook.secret == told(sandbox, "CARRIERS")[0]["webhook_secret"]


def test_card_providers_and_rates_of_ones_own_stay_beside_the_sandbox(tmp_path):
    own = {"code": "mine", "family": "sandbox", "url": "http://localhost:1", "key": "k"}
    rates = {"base": "EUR", "rates": {"USD": "1.2"}}
    plain = Settings(profile="development", data_dir=tmp_path)
    variables = opened().variables
    assert [each.code for each in _with_sandbox(plain, variables).payment_providers] == ["sandbox"]
    settings = Settings(profile="development", data_dir=tmp_path, payment_providers=[own], exchange=rates)
    both = _with_sandbox(settings, variables)
    assert [each.code for each in both.payment_providers] == ["mine"]
    assert [each.code for each in both.carriers] == ["duffel", *OPERATORS]
    assert both.exchange == settings.exchange


def published(world):
    return world.handle(Request("GET", "/.well-known/jwks.json", {}, {}, encode({}))).json()
