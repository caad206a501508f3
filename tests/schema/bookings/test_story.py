"""What a client sees from reserve to ticket, whole; the expected answers stand beside the operations."""

import pytest

from tests.schema.gateway import ADA, CANCEL, ERASE, UPDATE, open_gateway, operation, same_as_committed


@pytest.fixture
async def reserved(gateway):
    passenger = ADA | {
        "loyalty": [{"airline": "zz", "number": "ZZ123"}],
        "assistance": ["WCHR"],
        "document": {"kind": "PASSPORT", "number": "512345678", "issuingCountry": "GB", "expiresOn": "2031-05-01"},
    }
    given = {
        "idempotencyKey": "a-client-made-this",
        "offers": [gateway.house.token(await gateway.house.holdable())],
        "passengers": [passenger],
        "partnerReference": "ORDER-1815",
    }
    return await gateway.data(operation("reserve"), input=given)


def test_reserve(reserved):
    same_as_committed("reserve", reserved)


async def test_pay_and_ticket(gateway, reserved):
    booking_id = reserved["reserve"]["booking"]["id"]
    given = {"idempotencyKey": "p-1", "bookingId": booking_id, "method": {"onAccount": {"reference": "INV-7"}}}
    same_as_committed("pay", await gateway.data(operation("pay"), input=given))


async def test_a_page_of_bookings(gateway):
    await gateway.ticketed()
    await gateway.held()
    same_as_committed("booking_page", await gateway.data(operation("booking_page"), first=1))


async def test_cancel_gives_the_hold_back(gateway):
    booking_id = await gateway.held()
    payload = await gateway.act(CANCEL, bookingId=booking_id)
    assert payload["booking"] == {"id": booking_id, "state": "CANCELLED"}
    assert payload["operation"]["state"] == "DONE"
    assert payload["errors"] == []
    (answer,) = (await gateway.data(operation("booking_page"), first=1))["bookings"]["nodes"]
    assert (answer["paymentState"], answer["balance"]) == ("UNPAID", {"amount": "0.00"})
    assert answer["timeline"][-1]["kind"] == "ITEM_CANCELLED"


async def test_an_erased_traveller_leaves_a_valid_record(gateway):
    booking_id = await gateway.ticketed()
    people = "query ($id: ID!) { booking(id: $id) { passengers { id givenName bornOn erasedAt document { kind } } } }"
    (before,) = (await gateway.data(people, id=booking_id))["booking"]["passengers"]
    payload = await gateway.act(ERASE, bookingId=booking_id, travellerId=before["id"])
    assert payload["errors"] == []
    (after,) = (await gateway.data(people, id=booking_id))["booking"]["passengers"]
    assert before["givenName"] == "Ada"
    assert after == {
        "id": before["id"],
        "givenName": None,
        "bornOn": None,
        "erasedAt": "2026-03-01T09:00:00Z",
        "document": None,
    }
    (shown,) = (await gateway.data(operation("booking_page"), first=1))["bookings"]["nodes"]
    assert shown["tickets"][0]["passenger"] == {"familyName": None}


async def test_what_the_carrier_holds_for_nobody_can_be_corrected(gateway):
    booking_id = await gateway.held(offers=[gateway.house.token(await bought_at_once(gateway))])
    people = "query ($id: ID!) { booking(id: $id) { items { inventoryHeld } passengers { id email familyName } } }"
    known = (await gateway.data(people, id=booking_id))["booking"]
    assert known["items"] == [{"inventoryHeld": False}]
    (ada,) = known["passengers"]
    changes = {"email": "countess@example.org", "loyalty": None}
    payload = await gateway.act(UPDATE, bookingId=booking_id, travellerId=ada["id"], changes=changes)
    assert payload["errors"] == []
    (corrected,) = (await gateway.data(people, id=booking_id))["booking"]["passengers"]
    assert corrected == ada | {"email": "countess@example.org"}


async def test_what_the_carrier_does_not_correct_is_named(gateway):
    booking_id = await gateway.held()
    people = "query ($id: ID!) { booking(id: $id) { passengers { id } } }"
    (ada,) = (await gateway.data(people, id=booking_id))["booking"]["passengers"]
    payload = await gateway.act(UPDATE, bookingId=booking_id, travellerId=ada["id"], changes={"familyName": "King"})
    (error,) = payload["errors"]
    assert (error["__typename"], error["fields"]) == ("NotCorrectable", ["FAMILY_NAME"])
    assert error["path"] == ["input", "changes"]


async def test_the_same_people_on_the_same_flight_are_a_warning(gateway):
    offer = await gateway.house.holdable()
    first = await gateway.reserve(offer)
    second = await gateway.reserve(offer)
    (known,) = (await gateway.data("{ bookings(first: 100) { nodes { reference id } } }"))["bookings"]["nodes"][1:]
    assert first["warnings"] == []
    assert second["errors"] == []
    assert second["warnings"] == [{"code": "DUPLICATE_SUSPECTED", "bookingReference": known["reference"]}]


async def test_one_booking_may_take_several_offers_all_or_nothing():
    gateway = await open_gateway()
    out, back = await gateway.house.holdable(), (await gateway.house.offers("EWR", "JFK"))[0]
    payload = await gateway.reserve(out, back)
    assert payload["errors"] == []
    query = "query ($id: ID!) { booking(id: $id) { items { id } total { amount } journeys { origin { code } } } }"
    booking = (await gateway.data(query, id=payload["booking"]["id"]))["booking"]
    assert len(booking["items"]) == 2
    assert {journey["origin"]["code"] for journey in booking["journeys"]} == {"JFK", "EWR"}


async def bought_at_once(gateway):
    return next(offer for offer in await gateway.house.offers("FRA", "MAD") if not offer.holdable)
