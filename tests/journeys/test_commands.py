"""The command line, as operators and tools use it: what it prints, and how it refuses."""

import json
import subprocess

import jwt
import pytest

from app.cli import schemas
from app.settings import load_settings
from carriers.sandbox import start
from schema import sdl

pytestmark = pytest.mark.usefixtures("environment")


def test_a_partner_is_created_and_changed_without_forgetting_the_rest(faregate):
    terms = ["--currency", "GBP", "--credit", "GBP=50000", "--fee", "Desk=FIXED:5.00 GBP"]
    made = faregate("partner", "set", "Acme Travel", *terms)
    assert made == (0, "Acme Travel (acme-travel): sells in GBP, credit 50000.00 GBP, 1 fees.\n", "")
    changed = faregate("partner", "set", "Acme Travel", "--credit", "EUR=100")
    assert changed == (0, "Acme Travel (acme-travel): sells in GBP, credit 50000.00 GBP, 100.00 EUR, 1 fees.\n", "")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--credit", "GBP=much"], "is no amount of money"),
        (["--currency", "ZZZ"], "ZZZ"),
        (["--fee", "Desk=GUESS:5"], "is no fee"),
        (["--fee", "Desk=PERCENT:few"], "is no percentage"),
    ],
)
def test_wrong_terms_are_refused_with_a_sentence(faregate, wrong, sentence):
    status, printed, complaint = faregate("partner", "set", "Acme Travel", *wrong)
    assert (status, printed) == (2, "") and sentence in complaint and complaint.startswith("faregate: ")
    assert "There is no partner" in faregate("token", "--partner", "Acme Travel")[2]


def test_a_token_names_its_partner_and_scopes_for_as_long_as_asked(faregate):
    faregate("partner", "set", "Acme Travel")
    status, printed, _ = faregate("token", "--partner", "Acme Travel", "--scopes", "search, refund", "--hours", "2")
    assert status == 0 and printed.count("\n") == 1
    claims = jwt.decode(printed.strip(), options={"verify_signature": False})
    assert (claims["sub"], claims["scope"], claims["exp"] - claims["iat"]) == ("acme-travel", "search refund", 7200)


def test_a_token_needs_a_known_partner_and_known_scopes(faregate):
    status, printed, complaint = faregate("token", "--partner", "Nobody")
    assert (status, printed) == (2, "") and "faregate partner set" in complaint
    faregate("partner", "set", "Acme Travel")
    status, printed, complaint = faregate("token", "--partner", "Acme Travel", "--scopes", "search,everything")
    assert (status, printed) == (2, "") and "everything" in complaint and "refund" in complaint


@pytest.mark.parametrize("command", [["migrate"], ["token", "--partner", "Acme Travel"], ["worker"], ["serve"]])
def test_a_setting_that_nobody_reads_is_an_error(faregate, environment, command):
    environment.setenv("FAREGATE_SEARCH_DEADLINE_SECOND", "5")
    status, printed, complaint = faregate(*command)
    assert (status, printed) == (2, "")
    assert "FAREGATE_SEARCH_DEADLINE_SECOND is no setting" in complaint
    assert "did you mean FAREGATE_SEARCH_DEADLINE_SECONDS?" in complaint


def test_the_schema_is_printed_and_checked(faregate, tmp_path):
    assert faregate("schema") == (0, sdl(), "")
    status, _, complaint = faregate("schema", "--check")
    assert status == 2 and "make schema" in complaint
    (tmp_path / schemas.COMMITTED).write_text(sdl())
    assert faregate("schema", "--check") == (0, "", "")


def test_a_change_that_breaks_clients_is_told(faregate, tmp_path):
    commit(tmp_path, sdl().replace("type Query {", "type Query {\n  gone: String\n", 1))
    status, printed, _ = faregate("schema", "--against", "HEAD")
    assert (status, printed) == (1, "breaking: Field Query.gone was removed.\n")
    commit(tmp_path, sdl())
    assert faregate("schema", "--against", "HEAD")[0] == 0
    assert "git has no schema.graphql at 'nowhere'" in faregate("schema", "--against", "nowhere")[2]


def test_the_sandbox_prints_the_variables_that_a_gateway_starts_with(faregate, environment):
    served = []
    environment.setattr(start, "serve", lambda places: served.extend(place.port for place in places))
    status, printed, _ = faregate("sandbox", "--port", "8123")
    assert status == 0 and served == [8123, 8124, 8125]
    lines, rest = printed.split("\n\n")
    assert rest == ""
    for line in lines.splitlines():
        name, _, value = line.partition("=")
        assert name.startswith("FAREGATE_") and json.loads(value)
        environment.setenv(name, value)
    settings = load_settings()
    assert [(each.code, each.url) for each in settings.payment_providers] == [("sandbox", "http://127.0.0.1:8124")]
    airlines, *operators = [(carrier.code, carrier.url) for carrier in settings.carriers]
    assert airlines == ("duffel", "http://127.0.0.1:8123")
    assert ("luxurygold", "http://127.0.0.1:8125/luxurygold") in operators
    assert settings.exchange.rate("EUR", "GBP") > 0


def commit(folder, schema):
    (folder / schemas.COMMITTED).write_text(schema)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    saved = [*identity, "commit", "--quiet", "-m", "Schema"]
    for command in (["init", "--quiet"], ["add", str(schemas.COMMITTED)], saved):
        subprocess.run(["git", *command], cwd=folder, check=True)
