"""What a client sees of a request: until when it is answered, why it cannot be paid, what follows it, how it ends."""

from datetime import timedelta

import pytest

from tests.booking.house import PARTNER
from tests.tours.selling import answer, looked_at, refused, request

BOOKING = """query ($id: ID!) { booking(id: $id) {
    state payBy items { state answerBy payBy inventoryHeld } openOperations { id } timeline { kind } } }"""
PAY = """mutation ($input: PayInput!) { pay(input: $input) {
    errors { code message advice ... on RequestPending { answerBy } } } }"""
CANCEL = """mutation ($input: CancelInput!) { cancel(input: $input) {
    booking { state items { state answerBy } } operation { verb state } errors { code } } }"""


async def test_it_is_seen_until_when_it_is_answered_and_not_paid_before(gateway):
    booking_id = (await request(gateway.house)).booking_id
    booking = (await gateway.data(BOOKING, partner=PARTNER, id=booking_id))["booking"]
    until = gateway.house.clock.now() + timedelta(hours=48)
    assert (booking["state"], booking["payBy"], booking["openOperations"]) == ("REQUESTED", None, [])
    (item,) = booking["items"]
    assert item == {
        "state": "REQUESTED",
        "answerBy": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        "payBy": None,
        "inventoryHeld": False,
    }
    wish = {"idempotencyKey": "p1", "bookingId": booking_id, "method": {"onAccount": {}}}
    (error,) = (await gateway.data(PAY, partner=PARTNER, input=wish))["pay"]["errors"]
    assert (error["code"], error["advice"], error["answerBy"]) == ("REQUEST_PENDING", "WAIT", item["answerBy"])
    assert "has not answered the request yet" in error["message"]


async def test_a_refused_request_shows_who_refused_it(gateway):
    booking_id = (await request(gateway.house, passengers=(refused(),))).booking_id
    answer(gateway.house, accept=False)
    await looked_at(gateway.house, booking_id)
    booking = (await gateway.data(BOOKING, partner=PARTNER, id=booking_id))["booking"]
    assert booking["state"] == "REJECTED"
    assert [event["kind"] for event in booking["timeline"]][-2:] == ["REQUEST_REJECTED", "ITEM_REJECTED"]


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_client_withdraws_it(gateway, accepted):
    booking_id = (await request(gateway.house)).booking_id
    if accepted:
        answer(gateway.house, accept=True)
    wish = {"idempotencyKey": "c1", "bookingId": booking_id}
    taken = (await gateway.data(CANCEL, partner=PARTNER, input=wish))["cancel"]
    assert (taken["booking"]["state"], taken["errors"]) == ("CANCELLED", [])
    assert taken["operation"] == {"verb": "CANCEL", "state": "DONE"}
