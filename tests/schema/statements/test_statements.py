"""Statements as they are read: closed by the clock, equal to their lines, one page after the other, at a fixed cost."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from app.store.account_tables import StatementLineRow, StatementRow
from app.store.tables import EntryRow
from tests.schema.gateway import same_as_committed
from tests.schema.statements.accounts import CARRIER_STATEMENTS, MONTH, STATEMENT, STATEMENTS

LINES = """query ($id: ID!, $first: Int!, $after: String) { statement(id: $id) {
    lines(first: $first, after: $after) { edges { cursor node { position } } pageInfo {
        hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def test_a_cycle_that_is_over_has_a_statement(accounts):
    row = await accounts.closed(sales=2)
    same_as_committed("statement", await accounts.gateway.data(STATEMENT, id=row.id))


async def test_a_statement_equals_its_lines_and_its_bookings_entries(accounts):
    row = await accounts.closed(sales=3)
    shown = await accounts.shown(row.id)
    amounts = [Decimal(line["amount"]["amount"]) for line in shown["lines"]["nodes"]]
    entries = select(func.sum(EntryRow.amount_minor)).where(
        EntryRow.statement_id == row.id, EntryRow.account == "PARTNER"
    )
    assert len(amounts) >= 3
    assert Decimal(shown["total"]["amount"]) == sum(amounts)
    assert await accounts.gateway.house.rows(entries) == [sum(amounts) * 100]


async def test_no_statement_before_the_cycle_is_over(accounts):
    await accounts.gateway.ticketed()
    await accounts.gateway.house.later(timedelta(days=2))
    assert (await accounts.gateway.data(STATEMENTS))["statements"]["nodes"] == []


async def test_what_a_carrier_is_owed(accounts):
    await accounts.closed()
    same_as_committed("carrier_statements", data := await accounts.operator.data(CARRIER_STATEMENTS))
    assert await accounts.operator.data(CARRIER_STATEMENTS, carrier="duffel") == data
    other = await accounts.operator.data(CARRIER_STATEMENTS, carrier="another")
    assert other["carrierStatements"]["nodes"] == []


async def many(accounts, count):
    """The partner's statement, and so many more like it of earlier cycles, each with four more lines."""
    row = await accounts.closed()

    def multiply(session):
        line = session.get_one(StatementLineRow, (row.id, 1))
        for number in range(1, count + 1):
            earlier = {"id": f"st_{number:06d}x", "number": f"FG-2025-{number:06d}"}
            ends = {"ends_at": row.ends_at - number * MONTH, "begins_at": row.begins_at - number * MONTH}
            session.add(StatementRow(**row.model_dump() | earlier | ends))
            session.flush()
            for position in range(1, 6):
                copy = {"statement_id": earlier["id"], "position": position}
                session.add(StatementLineRow(**line.model_dump() | copy))

    await accounts.gateway.house.store.write(multiply)
    return row


async def page(accounts, **asked):
    return (await accounts.gateway.data(STATEMENTS, **asked))["statements"]


async def test_pages_go_on_where_they_ended_latest_cycle_first(accounts):
    row = await many(accounts, 4)
    found, after = [], None
    for more, before in ((True, False), (True, True), (False, True)):
        got = await page(accounts, first=2, after=after)
        assert (got["pageInfo"]["hasNextPage"], got["pageInfo"]["hasPreviousPage"]) == (more, before)
        assert [edge["node"]["id"] for edge in got["edges"]] == [node["id"] for node in got["nodes"]]
        assert got["pageInfo"]["endCursor"] == got["edges"][-1]["cursor"]
        found += [node["number"] for node in got["nodes"]]
        after = got["pageInfo"]["endCursor"]
    assert found == [row.number, *(f"FG-2025-{number:06d}" for number in range(1, 5))]


async def test_statements_by_state(accounts):
    row = await many(accounts, 1)
    await accounts.record(row.id, str((await accounts.shown(row.id))["total"]["amount"]))
    assert [node["id"] for node in (await page(accounts, state="SETTLED"))["nodes"]] == [row.id]
    assert [node["id"] for node in (await page(accounts, state="OPEN"))["nodes"]] == ["st_000001x"]


async def test_a_hundred_statements_cost_what_five_cost(accounts, statements):
    await many(accounts, 99)
    for first in (5, 100):
        statements.clear()
        nodes = (await page(accounts, first=first))["nodes"]
        assert [len(node["lines"]["nodes"]) for node in nodes[1:]] == [2] * (first - 1)
        assert all(node["lines"]["pageInfo"]["hasNextPage"] for node in nodes[1:])
        # The statements; their lines, what settled them, what was disputed.
        assert len(statements) == 4


async def test_every_statement_names_whose_account_it_is(accounts, statements):
    row = await accounts.closed()
    statements.clear()
    await page(accounts)
    await accounts.shown(row.id)
    assert len(statements) == 8
    assert [each for each in statements if "statement.party = " not in each.partition("WHERE")[2]] == []


async def test_lines_go_on_where_they_ended(accounts):
    await many(accounts, 1)
    found, after = [], None
    for more in (True, True, False):
        lines = (await accounts.gateway.data(LINES, id="st_000001x", first=2, after=after))["statement"]["lines"]
        assert lines["pageInfo"]["hasNextPage"] is more
        assert lines["pageInfo"]["hasPreviousPage"] is (after is not None)
        found += [edge["node"]["position"] for edge in lines["edges"]]
        after = lines["pageInfo"]["endCursor"]
    assert found == [1, 2, 3, 4, 5]


async def test_lines_of_several_spans_at_once(accounts):
    await many(accounts, 1)
    part = "lines(first: {0}) {{ nodes {{ position }} }}"
    query = f"""{{ a: statement(id: "st_000001x") {{ {part.format(1)} b: {part.format(3)} }} }}"""
    assert (await accounts.gateway.data(query))["a"] == {
        "lines": {"nodes": [{"position": 1}]},
        "b": {"nodes": [{"position": 1}, {"position": 2}, {"position": 3}]},
    }


@pytest.mark.parametrize("asked", [{"first": 0}, {"first": 101}, {"first": 1, "after": "nonsense"}])
async def test_pages_that_cannot_be(accounts, asked):
    row = await accounts.closed()
    path = ["after" if "after" in asked else "first"]
    for query in (STATEMENTS, LINES):
        (error,) = (await accounts.gateway.ask(query, id=row.id, **asked)).errors
        assert error.extensions["code"] == "INVALID_INPUT"
        assert error.extensions["path"] == path
