"""What each profile serves: development shows GraphiQL and moves time, production does neither."""

import pytest

from app.signing.derive import new_secret
from app.signing.keyring import Keyring
from tests.journeys.conftest import founded
from tests.journeys.travellers import held

HTML = {"Accept": "text/html"}


@pytest.fixture
async def production(tmp_path):
    keys = {"token_keys": Keyring.generate().to_pem(), "seal_keys": new_secret()}
    async with founded(tmp_path, **keys) as town:
        yield town


async def status(town, path, **how):
    async with town.http.get(f"{town.gateway}{path}", **how) as answer:
        return answer.status


async def test_production_books_and_shows_neither_graphiql_nor_a_movable_clock(production):
    assert (await held(production))["state"] == "HELD"
    async with production.http.get(f"{production.gateway}/graphql", headers=HTML) as answer:
        assert answer.status == 405 and "graphiql" not in (await answer.text()).lower()
    assert await status(production, "/_development/clock") == 404
    assert await status(production, "/health/live") == await status(production, "/health/ready") == 200
    async with production.http.post(f"{production.gateway}/graphql", json={"query": "{ __typename }"}) as answer:
        assert answer.status == 401
    assert not list(production.settings.data_dir.glob("keys/*")), "production keeps no keys of its own"


async def test_development_shows_graphiql_and_a_movable_clock(town):
    async with town.http.get(f"{town.gateway}/graphql", headers=HTML) as answer:
        assert answer.status == 200 and "graphiql" in (await answer.text()).lower()
    assert await status(town, "/_development/clock") == 200
