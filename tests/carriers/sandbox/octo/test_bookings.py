"""Places are held, sold, moved and given back, once each."""

from datetime import timedelta

from tests.carriers.sandbox.octo.shop import LAST, OPEN, Client, uuid

WEEK = timedelta(days=7)


def test_a_hold_is_confirmed_with_a_ticket_for_everybody(client, world):
    held = client.book(OPEN, ("twin", "twin", "child"))
    assert (held["status"], held["pricing"]["retail"], held["voucher"]) == ("ON_HOLD", 2 * 249900 + 199900, None)
    sold = client.confirm()
    numbers = {item["ticket"]["deliveryOptions"][0]["deliveryValue"] for item in sold["unitItems"]}
    assert (sold["status"], sold["utcExpiresAt"], len(numbers)) == ("CONFIRMED", None, 3)
    (booking,) = world.ledger()["bookings"]
    assert {ticket["number"] for ticket in booking["tickets"]} == numbers
    assert (booking["amount"], booking["currency"]) == ("6997.00", "GBP")


def test_the_same_uuid_again_is_the_same_booking(client, world):
    first = client.book()
    assert client.book(expirationMinutes=5) == first
    assert client.error("POST", "/bookings/", client.form(people=("single",))) == "INVALID_BOOKING_UUID"
    assert len(world.ledger()["bookings"]) == 1


def test_an_expired_hold_frees_its_places(client, clock):
    client.book(LAST, ("single",), expirationMinutes=30)
    assert client.left(LAST) == 0
    clock.advance(timedelta(minutes=30))
    assert (client.get()["status"], client.left(LAST)) == ("EXPIRED", 1)
    contact = {"contact": {"firstName": "Gerald", "lastName": "Durrell"}}
    assert client.error("POST", f"/bookings/{uuid('one')}/confirm", contact) == "INVALID_BOOKING_UUID"


def test_the_last_place_is_sold_once(client):
    client.book(LAST, ("single",))
    assert client.error("POST", "/bookings/", client.form(LAST, ("single",), key="two")) == "UNPROCESSABLE_ENTITY"


def test_operators_know_nothing_of_each_other(client, world):
    client.book()
    other = Client(world, "luxurygold")
    assert other.error("GET", f"/bookings/{uuid('one')}") == "INVALID_BOOKING_UUID"
    assert other.book()["status"] == "ON_HOLD"
