"""A page costs a fixed, small number of statements, however many bookings are on it."""

from pathlib import Path

import pytest
from sqlalchemy import event

PAGE = (Path(__file__).parents[1] / "operations" / "booking_page.graphql").read_text()


@pytest.fixture
def statements(gateway):
    seen = []

    def note(_connection, _cursor, statement, *_):
        if statement != "BEGIN":
            seen.append(statement)

    event.listen(gateway.house.store.engine, "before_cursor_execute", note)
    return seen


async def asked(gateway, statements, first):
    statements.clear()
    data = await gateway.data(PAGE, first=first)
    return len(data["bookings"]["nodes"]), len(statements)


async def test_fifty_bookings_cost_the_same_statements_as_five(gateway, statements):
    for _ in range(50):
        await gateway.ticketed()
    assert await asked(gateway, statements, 5) == (5, 9)
    assert await asked(gateway, statements, 50) == (50, 9)


async def test_every_statement_names_the_partner(gateway, statements):
    await gateway.ticketed()
    await asked(gateway, statements, 5)
    assert statements
    assert [statement for statement in statements if "partner_id" not in statement.partition("WHERE")[2]] == []
