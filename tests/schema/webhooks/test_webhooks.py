"""Partners see what their backends were told, have it told again, and see nothing of others'."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.events import EventKind
from app.domain.partner import Scope
from app.store.delivery_tables import DeliveryRow
from app.store.tables import OperationRow
from tests.booking.house import OTHER
from tests.delivery.office import HOOK, Office

ENDPOINTS = "{ webhookEndpoints { id url format events active createdAt } }"
PAGE = """query ($first: Int, $after: String, $state: DeliveryState, $bookingId: ID) {
  webhookDeliveries(first: $first, after: $after, state: $state, bookingId: $bookingId) {
    edges { cursor node { id } } nodes { id state }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
WHOLE = """query ($id: ID!) { node(id: $id) { __typename ... on WebhookDelivery {
    id kind type bookingId state attempts answer nextAttemptAt createdAt deliveredAt endpoint { id url active } } } }"""
REPLAY = """mutation ($input: ReplayWebhookDeliveryInput!) { replayWebhookDelivery(input: $input) {
    delivery { id state attempts } operation { id verb state booking { id } } errors { code path message } } }"""


@pytest.fixture
async def office(gateway):
    """The post office of the gateway's house."""
    return Office(gateway.house)


@pytest.fixture
async def refused(gateway, office):
    """Three deliveries about one booking, the oldest of which was refused."""
    await office.endpoint()
    office.backends.answers[HOOK] = [503]
    booking_id = await gateway.held()
    await office.tick()
    return booking_id, await office.deliveries()


async def listed(gateway, **variables):
    page = (await gateway.data(PAGE, **variables))["webhookDeliveries"]
    return [node["id"] for node in page["nodes"]]


async def replay(gateway, delivery_id, partner=None, **given):
    asked = {"partner": partner} if partner else {}
    data = await gateway.data(REPLAY, input={"deliveryId": delivery_id, **given}, **asked)
    return data["replayWebhookDelivery"]


async def test_endpoints_are_shown_without_their_secrets(gateway, office):
    name, _ = await office.endpoint(events=(EventKind.PAYMENT_CAPTURED,))
    await office.endpoint("https://other.example/", partner=OTHER)
    assert (await gateway.data(ENDPOINTS))["webhookEndpoints"] == [
        {
            "id": name,
            "url": HOOK,
            "format": "STANDARD_WEBHOOKS",
            "events": ["PAYMENT_CAPTURED"],
            "active": True,
            "createdAt": "2026-03-01T09:00:00Z",
        }
    ]


async def test_a_delivery_tells_how_it_stands(gateway, office, refused):
    booking_id, (row, taken, _) = refused
    name = (await gateway.data(ENDPOINTS))["webhookEndpoints"][0]["id"]
    shown = (await gateway.data(WHOLE, id=row.id))["node"]
    assert shown == {
        "__typename": "WebhookDelivery",
        "id": row.id,
        "kind": "RESERVE_STARTED",
        "type": "reserve.started",
        "bookingId": booking_id,
        "state": "PENDING",
        "attempts": 1,
        "answer": "HTTP 503",
        "nextAttemptAt": "2026-03-01T09:00:05Z",
        "createdAt": "2026-03-01T09:00:00Z",
        "deliveredAt": None,
        "endpoint": {"id": name, "url": HOOK, "active": True},
    }
    done = (await gateway.data(WHOLE, id=taken.id))["node"]
    assert (done["state"], done["nextAttemptAt"], done["deliveredAt"]) == ("DELIVERED", None, "2026-03-01T09:00:00Z")
    assert (await gateway.data(WHOLE, id=name))["node"] == {"__typename": "WebhookEndpoint"}


async def test_pages_are_newest_first_and_each_once(gateway, office, refused):
    _, rows = refused
    seen, after = [], None
    for _ in rows:
        page = (await gateway.data(PAGE, first=1, after=after))["webhookDeliveries"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        assert page["pageInfo"]["hasNextPage"] is (len(seen) < 3)
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
    assert seen == sorted((row.id for row in rows), reverse=True)
    assert await listed(gateway, after=after) == []


async def test_filters(gateway, office, refused):
    booking_id, (pending, *done) = refused
    other = await gateway.held()
    await office.announcer.announce()
    assert await listed(gateway, state="PENDING", bookingId=booking_id) == [pending.id]
    assert set(await listed(gateway, state="DELIVERED")) == {row.id for row in done}
    assert len(await listed(gateway, bookingId=other)) == len(await listed(gateway)) - 3 > 0
    assert await listed(gateway, state="FAILED") == []
    assert await listed(gateway, bookingId="bk_nobody") == []


@pytest.mark.parametrize(
    ("variables", "path"),
    [({"first": 0}, ["first"]), ({"after": "???"}, ["after"]), ({"bookingId": "a\0b"}, ["bookingId"])],
)
async def test_wrong_questions_are_told_with_their_path(gateway, variables, path):
    (error,) = (await gateway.ask(PAGE, **variables)).errors
    assert (error.extensions["code"], error.extensions["path"]) == ("INVALID_INPUT", path)


async def test_what_failed_is_replayed_at_once_with_a_new_schedule(gateway, office, refused):
    _, (row, *_) = refused
    office.backends.answers[HOOK] = [503] * 20
    for _ in range(10):
        await office.later(timedelta(days=1, hours=3))
    assert (await gateway.data(WHOLE, id=row.id))["node"]["state"] == "FAILED"
    office.backends.answers[HOOK] = [503]
    told = await replay(gateway, row.id)
    assert told["errors"] == [] and told["delivery"] == {"id": row.id, "state": "PENDING", "attempts": 0}
    assert (told["operation"]["verb"], told["operation"]["state"]) == ("REPLAY_WEBHOOK", "DONE")
    await office.tick()
    await office.later(timedelta(seconds=5))
    shown = (await gateway.data(WHOLE, id=row.id))["node"]
    assert (shown["state"], shown["attempts"]) == ("DELIVERED", 2)
    assert {request.headers["webhook-id"] for request in office.backends.posts[HOOK][-2:]} == {row.id}


async def test_what_was_delivered_is_delivered_once_more(gateway, office, refused):
    _, (_, row, _) = refused
    await replay(gateway, row.id)
    await office.tick()
    assert [request.headers["webhook-id"] for request in office.backends.posts[HOOK]].count(row.id) == 2


async def test_the_same_key_replays_once(gateway, office, refused):
    _, (_, row, other) = refused
    first = await replay(gateway, row.id, idempotencyKey="again")
    await office.tick()
    assert (await replay(gateway, row.id, idempotencyKey="again"))["operation"] == first["operation"]
    await office.tick()
    assert [request.headers["webhook-id"] for request in office.backends.posts[HOOK]].count(row.id) == 2
    (error,) = (await replay(gateway, other.id, idempotencyKey="again"))["errors"]
    assert error["code"] == "KEY_REUSED"
    (error,) = (await replay(gateway, other.id, idempotencyKey=" "))["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "idempotencyKey"])


async def test_a_replay_does_not_wait_for_what_changes_the_booking(gateway, office, refused):
    booking_id, (_, row, _) = refused
    operation = (await gateway.house.rows(select(OperationRow)))[0].model_dump()
    busy = OperationRow(**operation | {"id": "op_busy", "key": "busy", "state": "STUCK", "booking_id": booking_id})
    await gateway.house.store.write(lambda session: session.add(busy))
    assert (await replay(gateway, row.id))["errors"] == []


async def test_a_removed_endpoint_is_told_nothing_again(gateway, office, refused):
    _, (row, *_) = refused
    office.backends.answers[HOOK] = [410]
    await office.later(timedelta(seconds=5))
    told = await replay(gateway, row.id)
    assert [(error["code"], error["path"]) for error in told["errors"]] == [("NOT_FOUND", ["input", "deliveryId"])]
    assert "removed" in told["errors"][0]["message"] and told["delivery"]["state"] == "FAILED"
    assert (await gateway.data(ENDPOINTS))["webhookEndpoints"] == []


async def test_partners_see_and_replay_their_own_alone(gateway, office, refused):
    _, rows = refused
    assert (await gateway.data(ENDPOINTS, partner=OTHER))["webhookEndpoints"] == []
    assert (await gateway.data(PAGE, partner=OTHER))["webhookDeliveries"]["nodes"] == []
    assert (await gateway.data(WHOLE, partner=OTHER, id=rows[0].id))["node"] is None
    told = await replay(gateway, rows[1].id, OTHER)
    assert (told["delivery"], told["operation"]) == (None, None)
    assert [error["code"] for error in told["errors"]] == ["NOT_FOUND"]
    assert [row.state for row in await office.house.rows(select(DeliveryRow).order_by(DeliveryRow.event_id))] == [
        "PENDING",
        "DELIVERED",
        "DELIVERED",
    ]


@pytest.mark.parametrize("asked", [ENDPOINTS, PAGE, "REPLAY"])
async def test_a_token_needs_the_scope(gateway, asked):
    gateway.scopes = frozenset({Scope.SEARCH})
    variables = {"input": {"deliveryId": "dl_1"}} if asked == "REPLAY" else {}
    (error,) = (await gateway.ask(REPLAY if asked == "REPLAY" else asked, **variables)).errors
    assert error.extensions["code"] == "FORBIDDEN"
