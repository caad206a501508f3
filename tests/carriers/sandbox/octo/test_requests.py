"""Departures on request: the operator answers by itself, at once when it is asked to, or never."""

import json
from datetime import timedelta

from carriers.sandbox.exchange import Request
from tests.carriers.sandbox.octo.shop import ASKED, OPEN, PLAIN, Client, uuid

HOUR = timedelta(hours=1)


def control(world, method="POST", **data):
    return world.handle(Request(method, "/_sandbox/requests", {}, {}, json.dumps(data).encode()))


def test_a_request_is_accepted_after_two_hours_and_then_held(client, clock):
    asked = client.book(ASKED)
    assert (asked["status"], asked["utcExpiresAt"]) == ("PENDING", None)
    assert asked["utcAnswerBy"] == "2026-11-03T09:00:00Z"
    clock.advance(2 * HOUR)
    held = client.get()
    assert (held["status"], held["utcExpiresAt"], held["utcAnswerBy"]) == ("ON_HOLD", "2026-11-03T11:00:00Z", None)
    assert client.confirm()["status"] == "CONFIRMED"


def test_a_magic_name_has_it_refused(client, clock):
    client.book(ASKED, name="Requestrefused")
    clock.advance(2 * HOUR)
    assert client.get()["status"] == "REJECTED"


def test_a_magic_name_leaves_it_unanswered(client, clock):
    client.book(ASKED, name="Requestunanswered")
    clock.advance(47 * HOUR)
    assert client.get()["status"] == "PENDING"
    clock.advance(HOUR)
    assert client.get()["status"] == "REJECTED"


def test_the_control_answers_one_or_all_at_once(client, world):
    for key in ("one", "two", "three"):
        client.book(ASKED, ("single",), key=key)
    (refused,) = control(world, accept=False, uuid=uuid("two")).json()["requests"]
    assert (refused["uuid"], refused["status"]) == (uuid("two"), "REJECTED")
    waiting = control(world, "GET").json()["requests"]
    assert [each["uuid"] for each in waiting] == [uuid("one"), uuid("three")]
    assert {each["status"] for each in control(world, accept=True).json()["requests"]} == {"ON_HOLD"}
    assert control(world, accept=True, uuid=uuid("two")).json()["error"] == "INVALID_BOOKING_UUID"
    assert control(world, accept="yes").json()["error"] == "BAD_REQUEST"
    assert control(world, "DELETE").status == 404


def test_a_request_can_be_withdrawn_and_stays_so(client, clock):
    client.book(ASKED)
    gone = client.cancel()
    assert (gone["status"], gone["cancellation"]["refund"]) == ("CANCELLED", "NONE")
    clock.advance(50 * HOUR)
    assert client.get()["status"] == "CANCELLED"


def test_until_it_is_answered_nothing_can_be_done_with_it(client):
    client.book(ASKED)
    contact = {"firstName": "Gerald", "lastName": "Durrell"}
    where = f"/bookings/{uuid('one')}"
    assert client.error("POST", f"{where}/confirm", {"contact": contact}) == "UNPROCESSABLE_ENTITY"
    assert client.error("POST", f"{where}/extend", {}) == "UNPROCESSABLE_ENTITY"
    assert client.error("PATCH", where, {"availabilityId": f"{OPEN}T00:00:00+03:00"}) == "UNPROCESSABLE_ENTITY"


def test_who_cannot_ask_is_refused(world):
    plain = Client(world, capabilities=PLAIN)
    assert plain.error("POST", "/bookings/", plain.form(ASKED)) == "UNPROCESSABLE_ENTITY"
    south = Client(world, region="ZA")
    assert south.check(ASKED)["takesRequests"] is False
    assert south.error("POST", "/bookings/", south.form(ASKED)) == "UNPROCESSABLE_ENTITY"


def test_no_more_places_are_asked_for_or_granted_than_there_are(client, world):
    assert client.check(ASKED)["vacancies"] == 3
    assert Client(world, capabilities=PLAIN).check(ASKED)["vacancies"] == 0
    assert client.error("POST", "/bookings/", client.form(ASKED, ("twin",) * 4)) == "UNPROCESSABLE_ENTITY"
    for key in ("one", "two"):
        client.book(ASKED, key=key)
    control(world, accept=True)
    assert [client.get(key)["status"] for key in ("one", "two")] == ["ON_HOLD", "REJECTED"]
    assert client.check(ASKED)["vacancies"] == 1
    client.book(ASKED, ("single",), key="three")
    control(world, accept=True)
    assert client.check(ASKED)["departureStatus"] == "CLOSED"
