"""The API's reads answer the same on SQLite and PostgreSQL as in memory."""

import pytest

from tests.booking.house import OTHER
from tests.schema.gateway import ADA, open_gateway, operation, same_as_committed
from tests.schema.statements.accounts import STATEMENT, STATEMENTS, Accounts

PAGE = """query ($first: Int, $after: String, $filter: BookingFilter) {
  bookings(first: $first, after: $after, filter: $filter) { nodes { id } pageInfo { endCursor hasNextPage } } }"""


@pytest.fixture
async def gateway(store):
    return await open_gateway(store=store)


async def test_a_page_with_everything_on_it(gateway):
    await gateway.ticketed()
    await gateway.held()
    same_as_committed("booking_page", await gateway.data(operation("booking_page"), first=1))


async def test_pages_and_filters(gateway):
    other = ADA | {"givenName": "José", "familyName": "Núñez"}
    made = [await gateway.held(), await gateway.held(passengers=[other], partnerReference="X"), await gateway.held()]
    seen, after = [], None
    for _ in made:
        page = (await gateway.data(PAGE, first=1, after=after))["bookings"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == made[::-1]
    for wanted in (
        {"passengerName": "jose nunez"},
        {"partnerReference": "X"},
        {
            "passengerName": "nunez",
            "states": ["HELD"],
            "created": {"from": "2026-03-01T09:00:00Z", "until": "2026-03-01T09:00:00.001Z"},
            "departs": {"from": "2026-06-01T00:00:00Z"},
        },
    ):
        assert (await gateway.data(PAGE, filter=wanted))["bookings"]["nodes"] == [{"id": made[1]}]
        assert (await gateway.data(PAGE, partner=OTHER, filter=wanted))["bookings"]["nodes"] == []
    for pattern in ("nu%", "n_nez", "\\"):
        assert (await gateway.data(PAGE, filter={"passengerName": pattern}))["bookings"]["nodes"] == []


@pytest.mark.parametrize("name", ["bk_\0", "bk_\ud800", "bk_é"])
async def test_ids_no_database_could_hold_are_nobodys(gateway, name):
    query = """query ($id: ID!, $text: String!) {
        booking(id: $id) { id } bookingByReference(reference: $text) { id }
        operation(id: $id) { id } node(id: $id) { id } }"""
    answer = await gateway.ask(query, id=name, text=name)
    assert answer.errors is None
    assert answer.data == {"booking": None, "bookingByReference": None, "operation": None, "node": None}


async def test_statements_with_everything_on_them(gateway):
    accounts = Accounts(gateway)
    row = await accounts.closed(sales=2)
    same_as_committed("statement", await gateway.data(STATEMENT, id=row.id))
    await accounts.dispute(row.id, "10.00")
    await accounts.record(row.id, "20.00")
    (page,) = (await gateway.data(STATEMENTS, state="OPEN"))["statements"]["nodes"]
    assert (page["disputed"], page["outstanding"]) == ({"amount": "10.00"}, {"amount": "52.74"})
    assert page["payments"] == [{"reference": "SEPA 7"}]
    assert [line["position"] for line in page["lines"]["nodes"]] == [1, 2]
    assert await accounts.shown(row.id, OTHER) is None
    assert [await accounts.shown(name) for name in ("st_\0", "st_\ud800", "st_é")] == [None] * 3
