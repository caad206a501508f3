"""What goes wrong on demand, and what is true afterwards."""

from datetime import timedelta

import pytest

from carriers.sandbox.exchange import Delivery
from carriers.sandbox.faults import FaultError
from tests.carriers.sandbox.octo.shop import LATER, OPEN, availability_id, uuid

WHERE = f"/bookings/{uuid('one')}"


@pytest.fixture
def strike(world):
    def add(endpoint, kind, **more):
        world.faults.add(world.endpoints, {"endpoint": endpoint, "kind": kind} | more)

    return add


def bookings(world):
    return [booking["status"] for booking in world.ledger()["bookings"]]


@pytest.mark.parametrize(
    ("kind", "more", "status", "happened"),
    [
        ("time_out_before", {}, 0, False),
        ("lost_reply", {}, 0, True),
        ("error_500", {}, 500, False),
        ("error_500", {"effect": True}, 500, True),
        ("unclear_502", {"effect": True}, 502, True),
        ("error_503", {}, 503, False),
        ("rate_limited", {"seconds": 7}, 429, False),
    ],
)
def test_an_answer_is_lost_with_its_effect_or_without(client, world, strike, kind, more, status, happened):
    strike("bookings.create", kind, **more)
    reply = client.send("POST", "/bookings/", client.form())
    assert (reply.status, bookings(world)) == (status, ["ON_HOLD"] * happened)
    assert (reply.delivery is Delivery.NO_REPLY) == (status == 0)
    if status == 429:
        assert reply.headers["retry-after"] == "7"
    assert client.book()["status"] == "ON_HOLD"
    assert len(bookings(world)) == 1


def test_an_effect_comes_late_and_once(client, world, clock, strike):
    strike("bookings.create", "late_effect", seconds=40)
    assert client.send("POST", "/bookings/", client.form()).delivery is Delivery.NO_REPLY
    assert client.error("GET", WHERE) == "INVALID_BOOKING_UUID"
    clock.advance(timedelta(seconds=40))
    assert client.get()["status"] == "ON_HOLD"
    strike("bookings.confirm", "late_effect", seconds=40)
    contact = {"contact": {"firstName": "Gerald", "lastName": "Durrell"}}
    client.send("POST", f"{WHERE}/confirm", contact)
    client.cancel()
    clock.advance(timedelta(seconds=40))
    assert bookings(world) == ["CANCELLED"]


def test_the_last_places_go_to_others(client, strike):
    strike("bookings.create", "sold_out")
    assert client.error("POST", "/bookings/", client.form()) == "UNPROCESSABLE_ENTITY"
    assert client.left(OPEN) == 0
    client.book(LATER)
    strike("bookings.update", "sold_out")
    assert client.error("PATCH", WHERE, {"optionId": "extended"}) == "UNPROCESSABLE_ENTITY"


@pytest.mark.parametrize("endpoint", ["availability.check", "availability.departures", "availability.calendar"])
def test_prices_rise_when_they_are_looked_at(client, strike, endpoint):
    strike(endpoint, "price_changed", percent=20)
    wish = {"productId": "greece", "optionId": "classic", "localDateStart": OPEN, "localDateEnd": OPEN}
    if endpoint == "availability.departures":
        entry = {"productId": "greece", "optionId": "classic", "localDate": OPEN}
        client.ok("POST", "/departures/availability", {"departures": [entry]})
    else:
        client.ok("POST", "/availability/calendar" if endpoint.endswith("calendar") else "/availability", wish)
    assert client.check(OPEN)["unitPricing"][0]["retail"] == 299880
    assert client.check(LATER)["unitPricing"][0]["retail"] == 274890
    assert client.book()["pricing"]["retail"] == 2 * 299880


def test_an_agreed_price_stays(client, strike):
    held = client.book()
    strike("availability.check", "price_changed")
    client.check(OPEN)
    assert client.confirm()["pricing"] == held["pricing"]


@pytest.mark.parametrize("action", ["confirm", "cancel", "extend"])
def test_the_operator_refuses(client, strike, action):
    held = client.book()
    strike(f"bookings.{action}", "refused")
    assert client.error("POST", f"{WHERE}/{action}", {}) == "UNPROCESSABLE_ENTITY"
    assert client.get() == held


def test_tickets_come_later(client, clock, strike):
    client.book()
    strike("bookings.confirm", "documents_later", hours=3)
    sold = client.confirm()
    assert (sold["status"], sold["voucher"], sold["unitItems"][0]["ticket"]) == ("CONFIRMED", None, None)
    clock.advance(timedelta(hours=3))
    assert client.get()["unitItems"][0]["ticket"]


def test_a_slow_answer_is_whole(client, strike):
    strike("*", "slow", seconds=9)
    reply = client.send("GET", "/supplier/")
    assert (reply.delay_seconds, reply.status) == (9, 200)


def test_faults_strike_where_they_have_a_meaning(client, strike):
    with pytest.raises(FaultError):
        strike("bookings.get", "sold_out")
    with pytest.raises(FaultError):
        strike("orders.create", "lost_reply")
    strike("*", "accepted_202_created", times=None)
    assert client.book()["availabilityId"] == availability_id(OPEN)
