"""Duffel's webhooks: nothing is believed before the signature on the raw body is."""

import json
from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Access, AccessCode
from carriers.contract import HeardKind
from carriers.duffel import webhooks
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.exchange import Request
from tests.carriers.contract import Desk
from tests.carriers.test_duffel import QUERY, signed
from tests.carriers.worlds import START, TOKEN, in_process

SECRET = "a secret between Duffel and us"
NOW = int(START.timestamp())
MINE = {"faregate_key": "key-1"}


def hear(headers, body, secret=SECRET, now=START):
    return webhooks.heard(headers, body, secret=secret, now=now)


def event(kind, subject):
    return {"id": "wev_1", "type": kind, "data": {"object": subject}}


@pytest.mark.parametrize(
    ("kind", "subject", "meant", "order", "key"),
    [
        ("order.created", {"id": "ord_1", "metadata": MINE}, HeardKind.ORDER_CREATED, "ord_1", "key-1"),
        ("order.created", {"order_id": "ord_1", "offer_id": "off_1"}, HeardKind.ORDER_CREATED, "ord_1", None),
        ("order.creation_failed", {"offer_id": "off_1", "metadata": MINE}, HeardKind.ORDER_FAILED, None, "key-1"),
        ("order.updated", {"id": "ord_1"}, HeardKind.ORDER_UPDATED, "ord_1", None),
        (
            "order.airline_initiated_change_detected",
            {"id": "ord_1", "aic_id": "aic_1"},
            HeardKind.ORDER_CHANGED,
            "ord_1",
            None,
        ),
        ("order_cancellation.confirmed", {"id": "ore_1", "order_id": "ord_1"}, HeardKind.ORDER_UPDATED, "ord_1", None),
        ("air.order.changed", {"id": "ord_1", "order_id": "ord_1"}, HeardKind.ORDER_CHANGED, "ord_1", None),
        ("payment.created", {"id": "pay_1", "order_id": "ord_1"}, HeardKind.ORDER_UPDATED, "ord_1", None),
    ],
)
def test_an_event_names_what_to_look_at(kind, subject, meant, order, key):
    (heard,) = hear(*signed(event(kind, subject), NOW, SECRET))
    assert (heard.event, heard.kind, heard.order, heard.key) == ("wev_1", meant, order, key)


@pytest.mark.parametrize(
    "ignored",
    [
        event("ping.triggered", {}),
        event("stays.booking.created", {"id": "bok_1"}),
        event("a.type.of.tomorrow", None),
        event("order.creation_failed", {"offer_id": "off_1"}),
    ],
    ids=lambda value: value["type"],
)
def test_what_says_nothing_to_us_is_ignored(ignored):
    assert hear(*signed(ignored, NOW, SECRET)) == ()


def test_the_headers_name_may_be_written_in_any_case():
    headers, body = signed(event("order.updated", {"id": "ord_1"}), NOW, SECRET)
    assert hear({name.lower(): value for name, value in headers.items()}, body)
    assert hear({name.upper(): value for name, value in headers.items()}, body)


HEADERS, BODY = signed(event("order.updated", {"id": "ord_1"}), NOW, SECRET)
SIGNATURE = HEADERS["X-Duffel-Signature"]


@pytest.mark.parametrize(
    ("headers", "body", "secret"),
    [
        ({}, BODY, SECRET),
        (HEADERS, BODY + b"\n", SECRET),
        (HEADERS, BODY, "another secret"),
        ({"X-Duffel-Signature": SIGNATURE[:-1] + "g"}, BODY, SECRET),
        ({"X-Duffel-Signature": SIGNATURE[:-1]}, BODY, SECRET),
        ({"X-Duffel-Signature": f"t={NOW + 1},v1={SIGNATURE[-64:]}"}, BODY, SECRET),
        ({"X-Duffel-Signature": f"t={'9' * 30},v1={SIGNATURE[-64:]}"}, BODY, SECRET),
        ({"X-Duffel-Signature": f"t=٣,v1={SIGNATURE[-64:]}"}, BODY, SECRET),
        ({"X-Duffel-Signature": f"v1={SIGNATURE[-64:]}"}, BODY, SECRET),
    ],
    ids=["none", "body", "secret", "no hex", "short", "another time", "no time at all", "foreign digits", "no time"],
)
def test_whatever_is_not_duffels_is_turned_away(headers, body, secret):
    with pytest.raises(Access) as refused:
        hear(headers, body, secret)
    assert refused.value.code is AccessCode.UNAUTHENTICATED
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("age", [timedelta(hours=-72), timedelta(0), timedelta(minutes=4)], ids=str)
def test_a_delivery_is_taken_as_long_as_duffel_repeats_it(age):
    at = int((START + age).timestamp())
    assert hear(*signed(event("order.updated", {"id": "ord_1"}), at, SECRET))


@pytest.mark.parametrize("age", [timedelta(hours=-74), timedelta(minutes=6)], ids=str)
def test_an_older_one_or_one_from_the_future_is_turned_away(age):
    at = int((START + age).timestamp())
    with pytest.raises(Access):
        hear(*signed(event("order.updated", {"id": "ord_1"}), at, SECRET))


@pytest.mark.parametrize(
    "body", [[], {}, None, {"type": "order.created"}, {"id": "wev_1", "type": "order.created", "data": {"object": 1}}]
)
def test_a_signed_event_that_cannot_be_read_is_turned_away(body):
    with pytest.raises(Access):
        hear(*signed(body, NOW, SECRET))


async def test_the_sandboxs_own_deliveries_are_heard():
    clock = ManualClock(START)
    world = DuffelWorld(clock)
    wish = {"url": "http://gateway.example/webhooks/duffel", "events": ["order.created", "order.creation_failed"]}
    made = world.handle(
        Request(
            "POST",
            "/air/webhooks",
            headers={"authorization": f"Bearer {TOKEN}", "duffel-version": "v2"},
            body=json.dumps({"data": wish}).encode(),
        )
    )
    desk = Desk(in_process(world, clock), clock)
    order = await desk.hold(await desk.offer(QUERY))
    (delivery,) = world.pending_webhooks()
    (heard,) = hear(delivery.headers, delivery.body, made.json()["data"]["secret"])
    assert (heard.kind, heard.order) == (HeardKind.ORDER_CREATED, order.ref)
