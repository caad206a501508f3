"""The world as a whole: its ledger, its lists, its memory, and what it refuses to read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from carriers.sandbox.exchange import Request
from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.sandbox.octo.shop import ASKED, LATER, PLAIN, START, TOUR, Client, load, uuid


def lived(world):
    client = Client(world)
    client.book()
    client.confirm()
    client.move(LATER)
    client.book(ASKED, key="two")
    return world


def test_worlds_that_live_alike_are_alike():
    one, other = (lived(OctoWorld(ManualClock(START), load=load)) for _ in range(2))
    assert one.ledger() == other.ledger()
    assert one.fingerprint() == other.fingerprint()
    Client(one).cancel()
    assert one.fingerprint() != other.fingerprint()


def test_a_world_goes_on_where_it_was_stopped(clock):
    first = lived(OctoWorld(clock, load=load))
    again = OctoWorld(clock, load=load)
    again.restore(first.snapshot())
    assert again.ledger() == first.ledger()
    clock.advance(timedelta(hours=2))
    assert [each["status"] for each in again.ledger()["bookings"]] == ["CONFIRMED", "ON_HOLD"]


def test_the_ledger_tells_what_is_true(world):
    lived(world)
    ledger = world.ledger()
    sold, asked = ledger["bookings"]
    assert (sold["operator"], sold["product"], sold["option"], sold["date"]) == (
        "insightvacations",
        TOUR,
        "classic",
        LATER,
    )
    assert (sold["region"], sold["reseller_reference"], asked["status"]) == ("UK", "FG-one", "PENDING")
    assert [person["reseller_reference"] for person in sold["people"]] == ["one/0", "one/1"]
    places = {each["date"]: (each["booked"], each["left"]) for each in ledger["departures"]}
    assert places == {LATER: (2, 38), ASKED: (0, 3)}


def test_bookings_are_found_by_reference_or_since_an_instant(client, world, clock):
    client.book()
    clock.advance(timedelta(minutes=1))
    second = client.book(key="two")
    assert client.ok("GET", "/bookings/", resellerReference="FG-two") == [second]
    assert client.ok("GET", "/bookings/", supplierReference=second["supplierReference"]) == [second]
    since = client.ok("GET", "/bookings/", utcCreatedFrom="2026-11-01T09:00:00Z")
    assert [each["uuid"] for each in since] == [uuid("one"), uuid("two")]
    assert client.ok("GET", "/bookings/", utcCreatedFrom="2026-11-01T09:01:00Z") == [second]
    assert client.error("GET", "/bookings/") == "BAD_REQUEST"
    assert client.error("GET", "/bookings/", utcCreatedFrom="yesterday") == "BAD_REQUEST"
    plain = Client(world, capabilities=PLAIN)
    assert plain.error("GET", "/bookings/", utcCreatedFrom="2026-11-01T09:00:00Z") == "BAD_REQUEST"
    assert Client(world, "luxurygold").ok("GET", "/bookings/", resellerReference="FG-two") == []


def test_a_booking_tells_our_terms_to_who_understands_them(client, world):
    client.book()
    ours = client.get()
    plain = Client(world, capabilities=PLAIN).get()
    assert ours.keys() - plain.keys() == {"departureChange", "departureTerms", "region", "utcAnswerBy"}
    assert (ours["region"], ours["pricing"]["currency"], plain["pricing"]["currency"]) == ("UK", "GBP", "GBP")
    assert "pricing" not in Client(world, capabilities="").get()


def test_a_booking_is_remembered_when_its_departure_has_left(client, world):
    client.book()
    client.confirm()
    world.advance(timedelta(days=365))
    assert client.get()["status"] == "CONFIRMED"
    assert world.ledger()["departures"][0]["booked"] == 2


def test_a_booking_still_tells_its_departure_when_that_is_listed_no_more(clock):
    client = Client(OctoWorld(clock, load=of_the_day))
    told = client.book()["availability"]
    clock.advance(timedelta(days=365))
    later = client.get()["availability"]
    assert (later["id"], later["departureStatus"], told["departureStatus"]) == (told["id"], "TOO_LATE", "AVAILABLE")


def of_the_day(today):
    """As the sandbox's own catalogue, which lists nothing that has left."""
    whole = load(today)
    return replace(whole, by_day={key: each for key, each in whole.by_day.items() if each.local_date >= today})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"uuid": "x"}, "INVALID_BOOKING_UUID"),
        ({"availabilityId": None}, "INVALID_AVAILABILITY_ID"),
        ({"unitItems": []}, "UNPROCESSABLE_ENTITY"),
        ({"unitItems": [{"unitId": "child"}]}, "UNPROCESSABLE_ENTITY"),
        ({"unitItems": [{"unitId": "single"}, {"unitId": "child"}]}, "UNPROCESSABLE_ENTITY"),
        ({"unitItems": [{}]}, "INVALID_UNIT_ID"),
        ({"unitItems": [{"unitId": "twin", "uuid": uuid("same")}] * 2}, "BAD_REQUEST"),
        ({"unitItems": "x"}, "BAD_REQUEST"),
        ({"expirationMinutes": -1}, "BAD_REQUEST"),
        ({"contact": "x"}, "BAD_REQUEST"),
        ({"contact": {"emailAddress": "x"}}, "BAD_REQUEST"),
        ({"contact": {"locales": "en"}}, "BAD_REQUEST"),
        ({"notes": 1}, "BAD_REQUEST"),
        ({"currency": "EUR"}, "BAD_REQUEST"),
    ],
)
def test_a_booking_that_cannot_be_meant_is_none(client, world, change, code):
    assert client.error("POST", "/bookings/", client.form() | change) == code
    assert world.ledger()["bookings"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"notes": "\\ud800"}', b"[" * 100_000])
def test_what_cannot_be_read_is_refused(client, body):
    reply = client.world.handle(Request("POST", "/insightvacations/bookings/", {}, client.headers, body))
    assert (reply.status, reply.json()["error"]) == (400, "BAD_REQUEST")


def test_time_runs_one_way(world):
    with pytest.raises(ValueError, match="never"):
        world.advance(timedelta(seconds=-1))


def test_without_messages_none_is_delivered(world):
    assert world.pending_webhooks() == []
    with pytest.raises(LookupError):
        world.webhook_delivered("x", 200)
