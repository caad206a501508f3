"""What carriers change, as a client sees it: what was, what is, what can be done, until when, and that it is done."""

from datetime import timedelta

import pytest

from tests.booking.house import OTHER
from tests.schema.gateway import operation, same_as_committed

CHANGES = """query ($id: ID!) { booking(id: $id) { items { journeys { departsAt } } changes {
    id state cancelled choices deadline removed { departsAt } added { departsAt } item { id } } } }"""
ACCEPT = """mutation ($input: AcceptChangeInput!) { acceptChange(input: $input) { change { id state }
    booking { id } operation { state } errors { __typename code path advice ... on WrongState { state } } } }"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on CarrierChange { state } } }"


async def changed(gateway, kind="moved", **how):
    """The id of a ticketed booking whose carrier has changed it, and the change."""
    house = gateway.house
    house.listen()
    booking_id = await gateway.ticketed()
    house.change_flight(house.orders()[0]["booking_reference"], kind, **how)
    await house.deliver()
    await house.later(timedelta())
    return booking_id, await change_of(gateway, booking_id)


async def change_of(gateway, booking_id):
    (change,) = (await gateway.data(CHANGES, id=booking_id))["booking"]["changes"]
    return change


async def test_accepting_what_the_carrier_moved(gateway):
    _, change = await changed(gateway, minutes=90)
    given = {"idempotencyKey": "accept-1", "changeId": change["id"]}
    same_as_committed("accept_change", await gateway.data(operation("accept_change"), input=given))


async def test_a_move_shows_what_was_what_is_and_what_can_be_done(gateway):
    booking_id, change = await changed(gateway, minutes=90)
    booking = (await gateway.data(CHANGES, id=booking_id))["booking"]
    assert change["removed"] == booking["items"][0]["journeys"] != change["added"]
    assert (change["state"], change["cancelled"]) == ("OPEN", False)
    assert change["choices"] == ["ACCEPT", "REFUND", "EXCHANGE"]
    assert change["deadline"] is not None


async def test_what_is_cancelled_cannot_be_accepted(gateway):
    _, change = await changed(gateway, "cancelled")
    assert (change["cancelled"], change["added"], change["choices"]) == (True, [], ["REFUND", "EXCHANGE"])
    payload = await gateway.act(ACCEPT, changeId=change["id"])
    (error,) = payload["errors"]
    assert (error["__typename"], error["state"], error["path"]) == ("WrongState", "OPEN", ["input", "changeId"])
    assert payload["change"]["state"] == "OPEN"


async def test_nothing_can_be_chosen_once_it_has_left(gateway):
    booking_id, change = await changed(gateway)
    gateway.house.clock.advance(timedelta(days=120))
    assert (await change_of(gateway, booking_id))["choices"] == []
    (error,) = (await gateway.act(ACCEPT, changeId=change["id"]))["errors"]
    assert (error["__typename"], error["state"]) == ("WrongState", "LAPSED")


async def test_a_change_is_a_node(gateway):
    _, change = await changed(gateway)
    found = (await gateway.data(NODE, id=change["id"]))["node"]
    assert found == {"__typename": "CarrierChange", "id": change["id"], "state": "OPEN"}


async def test_another_partners_change_does_not_exist(gateway):
    _, change = await changed(gateway)
    assert (await gateway.data(NODE, partner=OTHER, id=change["id"]))["node"] is None
    payload = await gateway.act(ACCEPT, partner=OTHER, changeId=change["id"])
    assert (payload["change"], payload["errors"][0]["code"]) == (None, "NOT_FOUND")


@pytest.mark.parametrize("change_id", ["cc_nothing", "nonsense", "cc_\0"])
async def test_no_such_change(gateway, change_id):
    payload = await gateway.act(ACCEPT, changeId=change_id)
    (error,) = payload["errors"]
    assert (error["path"], payload["operation"], payload["change"]) == (["input", "changeId"], None, None)
