"""Discrepancies as operators see and settle them, and as nobody else does."""

from dataclasses import replace

import pytest

from app.domain.partner import Scope
from tests.booking.house import OTHER, PARTNER
from tests.reconcile.scenes import Office
from tests.schema.gateway import Gateway, operation, same_as_committed, services

DISCREPANCIES, SETTLE = operation("discrepancies"), operation("settle_discrepancy")
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
TIMELINE = """query ($id: ID!) { booking(id: $id) { timeline {
    kind message actor itemId operationId facts { name value } } } }"""
EVERYTHING = frozenset(Scope)
PARTNERS = EVERYTHING - {Scope.INTERNAL}


@pytest.fixture
async def gateway():
    """A gateway whose partner may do all that partners may."""
    house = await Office().open()
    return Gateway(house, services(house), scopes=PARTNERS)


@pytest.fixture
def operator(gateway):
    return replace(gateway, scopes=EVERYTHING, keys=10_000)


@pytest.fixture
async def cancelled_there(gateway):
    """A ticketed booking whose order the carrier has cancelled, found out."""
    booking_id = await gateway.ticketed()
    (item,) = await gateway.house.items(booking_id)
    gateway.house.cancel_there(item.order_ref)
    await gateway.house.reconcile()
    return booking_id


@pytest.fixture
async def found(gateway, cancelled_there):
    """That discrepancy's id."""
    (row,) = await gateway.house.discrepancies()
    return row.id


async def listed(asker, **given):
    return (await asker.data(DISCREPANCIES, **given))["discrepancies"]


async def settle(operator, discrepancy_id, reason="refunded by hand", **given):
    wish = {"discrepancyId": discrepancy_id, "reason": reason, "idempotencyKey": operator.key()}
    return await operator.act(SETTLE, **wish | given)


async def test_an_operator_sees_what_both_sides_say(operator, found):
    same_as_committed("discrepancies", await operator.data(DISCREPANCIES))


async def test_an_operator_settles_it_and_says_why_once(gateway, operator, cancelled_there, found):
    given = {"idempotencyKey": "s-1", "discrepancyId": found, "reason": "refunded by hand"}
    first = await operator.data(SETTLE, input=given)
    same_as_committed("settle_discrepancy", first)
    assert await operator.data(SETTLE, input=given) == first
    again = await settle(operator, found)
    assert [(error["code"], error["state"]) for error in again["errors"]] == [("WRONG_STATE", "SETTLED")]
    assert await listed(operator, filter={"state": "OPEN"}) == await listed(operator, filter={"kind": "STUCK"})


async def test_what_a_person_has_settled_is_not_found_again_until_it_changes(gateway, operator, found):
    await settle(operator, found)
    house = gateway.house
    assert await house.reconcile() == []
    (row,) = await house.discrepancies()
    del house.world._core.facts.orders[row.ref]
    assert [again.kind for again in await house.reconcile()] == ["MISSING_ORDER"]


async def test_the_bookings_timeline_tells_of_it_and_keeps_the_operators_reason(
    gateway, operator, cancelled_there, found
):
    await settle(operator, found)
    events = (await gateway.data(TIMELINE, id=cancelled_there))["booking"]["timeline"][-2:]
    assert [event["kind"] for event in events] == ["DISCREPANCY_FOUND", "DISCREPANCY_SETTLED"]
    told = [{fact["name"]: fact["value"] for fact in event["facts"]} for event in events]
    assert told == [{"discrepancy": found, "difference": "ORDER_STATE", "source": "duffel"}] * 2
    assert events[0]["actor"] == "system" and "by hand" not in str(events)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"reason": " "}, ["input", "reason"]),
        ({"reason": "x" * 256}, ["input", "reason"]),
        ({"discrepancyId": "dc_none"}, ["input", "discrepancyId"]),
    ],
)
async def test_what_cannot_be_settled(operator, found, given, path):
    (error,) = (await settle(operator, found, **given))["errors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND" if "discrepancyId" in given else "INVALID_INPUT", path)
    assert len((await listed(operator, filter={"state": "OPEN"}))["nodes"]) == 1


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 1),
        ({"kind": "ORDER_STATE"}, 1),
        ({"kind": "ORDER_AMOUNT"}, 0),
        ({"state": "SETTLED"}, 0),
        ({"source": "duffel"}, 1),
        ({"source": "sandbox"}, 0),
        ({"bookingId": "bk_none"}, 0),
    ],
)
async def test_a_filter_lists_what_it_says(operator, found, wanted, count):
    assert len((await listed(operator, filter=wanted))["nodes"]) == count


async def test_a_filter_by_booking_lists_its_own(operator, cancelled_there, found):
    assert [node["id"] for node in (await listed(operator, filter={"bookingId": cancelled_there}))["nodes"]] == [found]


async def test_pages_go_on_where_the_last_one_ended(gateway, operator):
    for turn in range(3):
        await gateway.house.order_with(f"somebody else's {turn}", await gateway.house.holdable())
    await gateway.house.reconcile()
    whole = await listed(operator)
    assert len(whole["nodes"]) == 3
    first = await listed(operator, first=2)
    rest = await listed(operator, first=2, after=first["pageInfo"]["endCursor"])
    assert first["nodes"] + rest["nodes"] == whole["nodes"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    (error,) = (await operator.ask(DISCREPANCIES, after="no cursor")).errors
    assert error.extensions["code"] == "INVALID_INPUT"


@pytest.mark.parametrize("scopes", [PARTNERS, EVERYTHING - {Scope.BOOK}])
async def test_discrepancies_are_for_operators(gateway, found, scopes):
    asker = replace(gateway, scopes=scopes)
    (error,) = (await asker.ask(DISCREPANCIES)).errors
    assert error.extensions == {"code": "FORBIDDEN"}
    given = {"discrepancyId": found, "reason": "x", "idempotencyKey": "k"}
    (error,) = (await asker.ask(SETTLE, input=given)).errors
    assert error.extensions == {"code": "FORBIDDEN"}


async def test_a_discrepancy_is_a_node_for_operators_alone(gateway, operator, found):
    shown = [{"__typename": "Discrepancy", "id": found}]
    assert (await operator.data(NODES, partner=OTHER, ids=[found]))["nodes"] == shown
    for partner in (PARTNER, OTHER):
        assert (await gateway.data(NODES, partner=partner, ids=[found]))["nodes"] == [None]
