"""GraphQL over HTTP: who may ask, in which form, and what a wrong request is told."""

import json
import logging
import re
from pathlib import Path

import pytest
from graphql import parse, validate
from graphql.execution.values import VariableValues, get_variable_values
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from app.domain.clock import ManualClock
from app.domain.errors import Access, AccessCode
from app.domain.partner import Scope, Viewer
from app.web.explorer import ASSETS_PATH, Explorer, assets, examples
from app.web.graphql import GRAPHQL_JSON, JSON, MAX_BODY, GraphQLEndpoint
from tests.printed import printed_schema
from tests.search.fakes import NOW, PARTNER, services_over

VIEWER = Viewer(partner=PARTNER, scopes=frozenset({Scope.SEARCH}), actor="token:7")
WHO = json.dumps({"query": "{ viewer { actor } }"}).encode()


async def authenticate(headers):
    match headers.get("authorization"):
        case "Bearer good":
            return VIEWER
        case "Bearer forbidden":
            raise Access(AccessCode.FORBIDDEN, "This partner is closed.")
        case "Bearer broken":
            raise RuntimeError("secret")
    raise Access(AccessCode.UNAUTHENTICATED, "Send a partner token as Authorization: Bearer.")


def app(explorer=None):
    endpoint = GraphQLEndpoint(
        authenticate=authenticate, services=services_over((), ManualClock(NOW)), explorer=explorer
    )
    return Starlette(routes=[Route("/graphql", endpoint), *([assets()] if explorer else [])])


@pytest.fixture
def explorer():
    return Explorer(token=lambda: 'a"</script>', clock=ManualClock(NOW))


async def ask(application, body=WHO, *, method="POST", path="/graphql", token="Bearer good", kind=JSON, accept="*/*"):
    """One request over ASGI, its body in two parts."""
    given = {"authorization": token, "content-type": kind, "accept": accept}
    headers = [(name.encode(), value.encode()) for name, value in given.items() if value is not None]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b"", "root_path": ""}
    parts = [
        {"type": "http.request", "body": body[:10], "more_body": True},
        {"type": "http.request", "body": body[10:], "more_body": False},
    ]
    sent = []

    async def receive():
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await application(scope, receive, send)
    start, *rest = sent
    answer = Response(b"".join(part.get("body", b"") for part in rest), status_code=start["status"])
    answer.raw_headers = start["headers"]
    return answer


def told(answer):
    return json.loads(answer.body)


def code(answer):
    return told(answer)["errors"][0]["extensions"]["code"]


async def test_an_answer():
    answer = await ask(app())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert told(answer) == {"data": {"viewer": {"actor": "token:7"}}}


async def test_variables_and_the_operation_name():
    query = "query A($text: String!) { places(query: $text) { code } } query B { viewer { actor } }"
    body = {"query": query, "variables": {"text": "par"}, "operationName": "A"}
    answer = told(await ask(app(), json.dumps(body).encode()))
    assert [place["code"] for place in answer["data"]["places"]] == ["PAR", "CDG", "ORY"]
    del body["operationName"]
    answer = told(await ask(app(), json.dumps(body).encode()))
    assert "operationName" in answer["errors"][0]["message"] and "data" not in answer
    answer = told(await ask(app(), json.dumps(body | {"operationName": "C"}).encode()))
    assert answer["errors"][0]["message"] == 'Unknown operation named "C".'


async def test_without_a_token_nobody_asks():
    answer = await ask(app(), token=None)
    assert (answer.status_code, answer.headers["www-authenticate"], code(answer)) == (401, "Bearer", "UNAUTHENTICATED")
    answer = await ask(app(), token="Bearer forbidden")
    assert (answer.status_code, code(answer)) == (403, "FORBIDDEN")
    assert "www-authenticate" not in answer.headers


async def test_a_fault_outside_the_schema_is_masked_too(caplog):
    with caplog.at_level(logging.ERROR):
        answer = await ask(app(), token="Bearer broken")
    assert (answer.status_code, code(answer)) == (500, "INTERNAL")
    assert b"secret" not in answer.body
    assert told(answer)["errors"][0]["extensions"]["errorId"] in caplog.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_another_method_is_told_which_one_there_is(method):
    answer = await ask(app(), method=method, accept="text/html")
    assert (answer.status_code, answer.headers["allow"], code(answer)) == (405, "POST", "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "multipart/form-data", "application/jsonp", "application/json; charset=latin-1"]
)
async def test_only_json_is_read(kind):
    answer = await ask(app(), kind=kind)
    assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_json_may_name_its_charset():
    assert (await ask(app(), kind="Application/JSON; charset=UTF-8")).status_code == 200


async def test_a_body_is_read_only_so_far():
    answer = await ask(app(), b" " * (MAX_BODY + 1))
    assert (answer.status_code, code(answer)) == (413, "BODY_TOO_LARGE")
    assert (await ask(app(), b" " * (MAX_BODY - len(WHO)) + WHO)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[" * 100_000,
        b"[]",
        b'"{ viewer { actor } }"',
        b"{}",
        b'{"query": ""}',
        b'{"query": 5}',
        b'{"query": "{ viewer { actor } }", "variables": []}',
        b'{"query": "{ viewer { actor } }", "operationName": 5}',
    ],
)
async def test_a_body_that_asks_nothing(body):
    answer = await ask(app(), body)
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("accept", "status"), [("*/*", 200), (JSON, 200), (GRAPHQL_JSON, 400), (f"{GRAPHQL_JSON}, {JSON}", 400)]
)
async def test_a_wrong_document_has_no_data_and_the_status_its_media_type_says(accept, status):
    answer = await ask(app(), b'{"query": "{ nothing }"}', accept=accept)
    assert (answer.status_code, code(answer)) == (status, "GRAPHQL_VALIDATION_FAILED")
    assert "data" not in told(answer)
    assert answer.headers["content-type"].split(";")[0] == (GRAPHQL_JSON if status == 400 else JSON)


async def test_an_error_in_a_field_keeps_its_data_and_200():
    answer = await ask(app(), b'{"query": "{ places(query: \\"p\\", first: 99) { code } }"}', accept=GRAPHQL_JSON)
    assert answer.status_code == 200
    assert told(answer)["data"] is None and code(answer) == "INVALID_INPUT"


async def test_browsers_get_graphiql_in_the_development_profile_only(explorer):
    answer = await ask(app(explorer), method="GET", accept="text/html,*/*", token=None)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    answer = await ask(app(explorer), method="GET", accept=JSON)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


async def test_the_token_cannot_break_out_of_the_page(explorer):
    page = (await ask(app(explorer), method="GET", accept="text/html")).body.decode()
    assert page.count("</script>") == page.count("<script")
    setup = json.loads(re.search(r'type="application/json">(.*?)</script>', page)[1])
    assert setup["token"] == 'a"</script>'


async def test_the_page_needs_nothing_from_elsewhere(explorer):
    application = app(explorer)
    page = (await ask(application, method="GET", accept="text/html")).body.decode()
    addresses = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page)
    assert len(addresses) == 6
    for address in addresses:
        assert address.startswith(ASSETS_PATH)
        assert (await ask(application, method="GET", path=address)).status_code == 200


async def test_no_style_sheet_asks_for_anything_else():
    for sheet in (Path(__file__).parents[2] / "app/web/static/graphiql").glob("*.css"):
        assert re.findall(r"url\((?!data:|\"data:|'data:|#)[^)]+\)", sheet.read_text()) == []


@pytest.mark.parametrize(
    "example",
    examples(ManualClock(NOW)),
    ids=lambda example: re.search(r"^(?:query|mutation) (\w+)", example["query"], re.MULTILINE)[1],
)
def test_every_example_is_valid_and_has_the_variables_it_needs(example):
    document = parse(example["query"])
    assert validate(printed_schema(), document) == []
    needed = document.definitions[0].variable_definitions or ()
    variables = json.loads(example["variables"])
    assert set(variables) == {variable.variable.name.value for variable in needed}
    assert isinstance(get_variable_values(printed_schema(), needed, variables), VariableValues)
    assert re.findall(r"\{\w+\}", example["variables"]) == []


def test_the_first_examples_search_a_month_ahead():
    search = examples(ManualClock(NOW))[1]
    assert [leg["date"] for leg in json.loads(search["variables"])["input"]["legs"]] == ["2026-12-20", "2026-12-27"]
