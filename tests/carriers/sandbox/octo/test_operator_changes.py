"""What operators change by themselves: departures cancelled or moved, bookings given up, when the control says so."""

import json

import pytest

from carriers.sandbox.exchange import Request
from tests.carriers.sandbox.octo.shop import ELSEWHERE, LATER, OPEN, OPTION, PLAIN, TOUR, Client, availability_id, uuid

DEPARTURE = {"operator": "insightvacations", "product": TOUR, "option": OPTION, "date": OPEN}


def control(world, **data):
    return world.handle(Request("POST", "/_sandbox/departure_changes", {}, {}, json.dumps(data).encode()))


@pytest.fixture
def sold(client):
    client.book()
    return client.confirm()


def answer(client, change, key="one"):
    return client.ok("PATCH", f"/bookings/{uuid(key)}", {"departureChange": {"id": change["id"], "accepted": True}})


def test_a_cancelled_departure_leaves_who_understands_it_a_choice(client, world, sold):
    told = control(world, kind="cancelled", **DEPARTURE).json()
    assert told == {"bookings": [{"uuid": sold["uuid"], "status": "CONFIRMED", "date": OPEN}]}
    found = client.get()
    assert (found["status"], found["availability"]["departureStatus"]) == ("CONFIRMED", "CANCELLED")
    assert found["departureChange"]["utcMadeAt"] == "2026-11-01T09:00:00Z"
    assert not found["departureChange"]["accepted"]
    assert client.check()["departureStatus"] == "CANCELLED"
    assert client.error("POST", "/bookings/", client.form(key="two")) == "UNPROCESSABLE_ENTITY"


def test_it_costs_nothing_to_cancel_what_was_cancelled_or_moved(client, world, sold):
    control(world, kind="moved", uuid=sold["uuid"], to=LATER)
    assert client.cancel()["cancellation"]["refund"] == "FULL"
    client.book(key="two")
    client.confirm(key="two")
    control(world, kind="cancelled", **DEPARTURE)
    assert client.cancel(key="two")["cancellation"]["refund"] == "FULL"


def test_a_moved_departure_takes_its_bookings_along_at_their_price(client, world, sold):
    control(world, kind="moved", **DEPARTURE, to=LATER)
    found = client.get()
    assert found["availabilityId"] == availability_id(LATER)
    assert found["pricing"] == sold["pricing"]
    assert client.check()["departureStatus"] == "CANCELLED"
    assert world.ledger()["bookings"][0]["changes"][0]["date"] == OPEN


def test_a_move_that_was_accepted_is_as_if_it_had_been_booked(client, world, sold):
    control(world, kind="moved", uuid=sold["uuid"], to=LATER)
    accepted = answer(client, client.get()["departureChange"])
    assert accepted["departureChange"]["accepted"]
    assert answer(client, accepted["departureChange"]) == accepted
    assert client.cancel()["cancellation"]["refund"] == "PARTIAL"


def test_another_departure_instead_is_free_and_answers_the_change(client, world, sold):
    control(world, kind="cancelled", **DEPARTURE)
    assert client.move(LATER)["departureChange"] is None
    (booking,) = world.ledger()["bookings"]
    assert (booking["fees"], booking["moves"][0]["fee"]) == ("0.00", "0.00")


def test_only_the_latest_move_can_be_accepted_and_no_cancellation(client, world, sold):
    control(world, kind="moved", uuid=sold["uuid"], to=LATER)
    first = client.get()["departureChange"]
    control(world, kind="cancelled", **DEPARTURE | {"date": LATER})
    wish = {"departureChange": {"id": first["id"], "accepted": True}}
    assert client.error("PATCH", f"/bookings/{uuid('one')}", wish) == "UNPROCESSABLE_ENTITY"
    wish["departureChange"]["id"] = client.get()["departureChange"]["id"]
    assert client.error("PATCH", f"/bookings/{uuid('one')}", wish) == "UNPROCESSABLE_ENTITY"
    assert client.error("PATCH", f"/bookings/{uuid('one')}", {"departureChange": True}) == "BAD_REQUEST"


def test_plain_octo_is_told_of_a_cancelled_departure_by_its_cancelled_booking(world):
    plain = Client(world, capabilities=PLAIN, region="ZZ")
    plain.book()
    plain.confirm()
    control(world, kind="cancelled", **DEPARTURE)
    found = plain.get()
    assert (found["status"], found["cancellation"]["refund"]) == ("CANCELLED", "FULL")
    assert found["cancellation"]["reason"] == "Cancelled by the operator"


def test_what_waits_for_an_answer_or_a_payment_ends(client, world):
    client.book()
    control(world, kind="cancelled", uuid=uuid("one"))
    assert (client.get()["status"], client.get()["cancellation"]["refund"]) == ("CANCELLED", "NONE")
    client.book(day="2027-05-10", key="two")
    control(world, kind="cancelled", **DEPARTURE | {"date": "2027-05-10"})
    assert client.get("two")["status"] == "REJECTED"


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "late"},
        {"kind": "moved"},
        {"kind": "cancelled", "to": LATER},
        {"kind": "cancelled"},
        {"kind": "cancelled", "date": "2027-05-30"},
        {"kind": "moved", "to": ELSEWHERE},
        {"kind": "cancelled", "uuid": uuid("nobody")},
    ],
)
def test_a_wish_that_makes_no_sense_changes_nothing(client, world, sold, wish):
    before = world.fingerprint()
    named = DEPARTURE if len(wish) > 1 else {}
    assert control(world, **named | wish).status == 400
    assert world.fingerprint() == before
