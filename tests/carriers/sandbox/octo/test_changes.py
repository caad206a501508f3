"""What is done to a booking: extended, moved, cancelled."""

from datetime import datetime, timedelta

import pytest

from tests.carriers.sandbox.octo.shop import (
    ASKED,
    LAST,
    LATER,
    OPEN,
    PLAIN,
    Client,
    availability_id,
    person,
    uuid,
)

WHERE = f"/bookings/{uuid('one')}"


def until(client, days, day=OPEN):
    """Let it be noon in Athens, so many days before the departure."""
    then = datetime.fromisoformat(f"{day}T12:00:00+03:00") - timedelta(days=days)
    client.world.advance(then - client.world.now())


def test_a_hold_is_extended_from_now_and_not_beyond_what_is_told(client, clock):
    client.book(expirationMinutes=30)
    clock.advance(timedelta(minutes=20))
    extended = client.ok("POST", f"{WHERE}/extend", {"expirationMinutes": 60})
    assert extended["utcExpiresAt"] == "2026-11-01T10:20:00Z"
    clock.advance(timedelta(minutes=59))
    assert client.get()["status"] == "ON_HOLD"
    longest = client.ok("POST", f"{WHERE}/extend", {"expirationMinutes": 9999})
    assert longest["utcExpiresAt"] == "2026-11-03T10:19:00Z"


def test_confirming_again_changes_nothing(client):
    client.book()
    assert client.confirm() == client.confirm()
    assert client.error("POST", f"{WHERE}/extend", {}) == "UNPROCESSABLE_ENTITY"


def test_confirming_needs_everybodys_name(client):
    form = client.form()
    form["unitItems"][1]["contact"] = {"firstName": "Larry"}
    client.ok("POST", "/bookings/", form)
    contact = {"firstName": "Gerald", "lastName": "Durrell"}
    assert client.error("POST", f"{WHERE}/confirm", {}) == "BAD_REQUEST"
    assert client.error("POST", f"{WHERE}/confirm", {"contact": contact}) == "UNPROCESSABLE_ENTITY"
    stranger = [{"uuid": uuid("stranger"), "contact": contact}]
    assert client.error("POST", f"{WHERE}/confirm", {"contact": contact, "unitItems": stranger}) == "BAD_REQUEST"
    named = [{"uuid": form["unitItems"][1]["uuid"], "contact": {"lastName": "Durrell"}}]
    people = client.confirm(unitItems=named)["unitItems"]
    assert [item["contact"]["firstName"] for item in people] == ["Gerald", "Larry"]


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_booking_moves_with_its_places_and_at_the_new_price(client, world, confirmed):
    client.book()
    before = client.confirm() if confirmed else None
    moved = client.move(LATER)
    assert (moved["availabilityId"], moved["pricing"]["retail"]) == (availability_id(LATER), 2 * 274890)
    assert (client.left(OPEN), client.left(LATER)) == (40, 38)
    assert client.move(LATER) == moved
    (booking,) = world.ledger()["bookings"]
    assert booking["fees"] == ("50.00" if confirmed else "0.00")
    assert [ticket["state"] for ticket in booking["tickets"]] == ["void", "void", "issued", "issued"] * confirmed
    if before:
        assert moved["unitItems"][0]["ticket"] != before["unitItems"][0]["ticket"]


@pytest.mark.parametrize("day", [LAST, ASKED])
def test_where_there_is_no_room_nothing_moves(client, day):
    held = client.book()
    assert client.error("PATCH", WHERE, {"availabilityId": availability_id(day)}) == "UNPROCESSABLE_ENTITY"
    assert client.error("PATCH", WHERE, {"availabilityId": "x", "notes": "new"}) == "INVALID_AVAILABILITY_ID"
    assert client.error("PATCH", WHERE, {"productId": "x"}) == "INVALID_PRODUCT_ID"
    assert client.get() == held


def test_what_is_wrong_with_a_change_keeps_it_from_happening(client):
    held = client.book()
    wish = {"availabilityId": availability_id(LATER), "expirationMinutes": 0}
    assert client.error("PATCH", WHERE, wish) == "BAD_REQUEST"
    assert client.get() == held


def test_another_option_is_another_departure_of_the_same_product(client):
    client.book()
    moved = client.move(OPEN, optionId="extended")
    assert (moved["optionId"], moved["availability"]["localDateEnd"]) == ("extended", "2027-05-20")


def test_a_sold_booking_moves_until_the_day_that_its_terms_name(client):
    client.book()
    client.confirm()
    until(client, 60)
    assert client.error("PATCH", WHERE, {"availabilityId": availability_id(LATER)}) == "UNPROCESSABLE_ENTITY"
    assert client.ok("PATCH", WHERE, {"notes": "Vegetarian"})["notes"] == "Vegetarian"


def test_people_leave_and_join_at_todays_price(client, world):
    client.book()
    world.faults.add(world.endpoints, {"endpoint": "bookings.update", "kind": "price_changed"})
    people = [person("one/0", "twin", "Durrell"), person("new", "twin", "Wells")]
    changed = client.ok("PATCH", WHERE, {"unitItems": people})
    prices = {item["resellerReference"]: item["pricing"]["retail"] for item in changed["unitItems"]}
    assert prices == {"one/0": 249900, "new": 274890}
    more = [person(f"more/{index}", "twin", "Durrell") for index in range(41)]
    assert client.error("PATCH", WHERE, {"unitItems": more}) == "UNPROCESSABLE_ENTITY"


@pytest.mark.parametrize(
    ("days", "refund", "kept"), [(60, "PARTIAL", 10), (59, "PARTIAL", 30), (8, "PARTIAL", 60), (7, "NONE", 100)]
)
def test_cancelling_costs_what_the_scale_says(client, world, days, refund, kept):
    client.book()
    client.confirm()
    until(client, days)
    gone = client.cancel(reason="ill")
    assert (gone["status"], gone["cancellation"]["refund"], gone["cancellation"]["reason"]) == (
        "CANCELLED",
        refund,
        "ill",
    )
    (booking,) = world.ledger()["bookings"]
    assert booking["cancellation"]["percent_kept"] == kept
    assert {ticket["state"] for ticket in booking["tickets"]} == {"void"}
    assert client.cancel() == gone


def test_plain_octo_gives_all_back_until_the_cutoff(world):
    client = Client(world, capabilities=PLAIN)
    for key in ("one", "two"):
        client.book(key=key)
        client.confirm(key)
    assert client.cancel("two")["cancellation"]["refund"] == "FULL"
    until(client, 60)
    assert client.get()["cancellable"] is False
    assert client.error("POST", f"{WHERE}/cancel") == "UNPROCESSABLE_ENTITY"
    assert client.error("PATCH", WHERE, {"availabilityId": availability_id(LATER)}) == "UNPROCESSABLE_ENTITY"
    assert client.cancel(force=True)["cancellation"]["refund"] == "NONE"


def test_a_cancelled_hold_was_never_paid(client):
    client.book(LAST, ("single",))
    gone = client.cancel()
    assert (gone["status"], gone["cancellation"]["refund"], client.left(LAST)) == ("CANCELLED", "NONE", 1)


def test_what_has_ended_cannot_be_ended_again(client, clock):
    client.book(expirationMinutes=1)
    clock.advance(timedelta(minutes=1))
    assert client.error("POST", f"{WHERE}/cancel") == "UNPROCESSABLE_ENTITY"
    assert client.error("PATCH", WHERE, {"notes": "x"}) == "UNPROCESSABLE_ENTITY"
    client.book(key="left")
    client.confirm("left")
    until(client, 0)
    assert client.error("POST", f"/bookings/{uuid('left')}/cancel") == "UNPROCESSABLE_ENTITY"
