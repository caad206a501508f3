"""Carriers' webhooks over HTTP: read no further than allowed, and answered by what became of them."""

import json

import pytest
from starlette.applications import Starlette

from app.web.carriers import LONGEST_BODY, carrier_routes
from tests.booking.house import House


@pytest.fixture
async def house():
    house = await House().open()
    house.listen()
    await house.reserve()
    return house


async def post(house, headers, parts, code="duffel"):
    """Status and message of the answer to a body in these parts; None is where the sender waits for an answer."""
    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    path = f"/carriers/{code}/webhooks"
    scope = {"type": "http", "method": "POST", "path": path, "headers": named, "query_string": b"", "root_path": ""}
    coming = [
        {"type": "http.request", "body": part, "more_body": index < len(parts)} for index, part in enumerate(parts, 1)
    ]
    sent = []

    async def receive():
        return coming.pop(0)

    async def send(message):
        sent.append(message)

    await Starlette(routes=carrier_routes(house.desk))(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])["message"], len(coming)


async def test_heard_and_heard_before(house):
    (message,) = house.world.pending_webhooks()
    assert await post(house, message.headers, [message.body[:9], message.body[9:]]) == (200, "Heard.", 0)
    assert await post(house, message.headers, [message.body]) == (200, "Heard before.", 0)


async def test_one_that_is_not_the_carriers(house):
    (message,) = house.world.pending_webhooks()
    assert await post(house, message.headers, [message.body, b" "]) == (401, "The signature is not valid.", 0)
    assert await post(house, message.headers, [message.body], "nobody") == (404, "There is no such carrier here.", 0)


async def test_one_too_large_is_not_read_to_its_end(house):
    parts = [b"x" * LONGEST_BODY, b"x", b"never read"]
    assert await post(house, {}, parts) == (413, "The event is too large.", 1)
