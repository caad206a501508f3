"""Duties: one look tells that nothing is due; one that fails keeps no other from being done."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import event
from sqlalchemy.dialects import sqlite

from app.booking import expire, tickets
from app.booking.duties import look, open_due
from app.verbs import DUTIES
from tests.booking.house import House
from tests.plans import tables_read_whole


async def test_nothing_due_is_seen_in_one_statement():
    house = await House().open()
    await house.reserve()
    statements = []

    def hear(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(house.store.engine, "before_cursor_execute", hear)
    claims = await open_due(house.desk, DUTIES)
    event.remove(house.store.engine, "before_cursor_execute", hear)

    assert claims == []
    (look,) = [statement for statement in statements if not statement.startswith("BEGIN")]
    assert look.count("EXISTS (SELECT") >= len(DUTIES)


def test_the_look_binds_no_constant():
    """SQLite plans a statement anew at every execution where a parameter may decide whether a partial index serves."""
    bound = look(DUTIES).compile(dialect=sqlite.dialect()).params
    assert [name for name, value in bound.items() if isinstance(value, StrEnum)] == []


async def test_what_is_due_is_found_by_its_indexes():
    house = await House().open()
    await house.reserve()
    house.clock.advance(timedelta(days=30))
    with tables_read_whole(house.store) as whole:
        assert await open_due(house.desk, DUTIES)
        await house.journal.claim_due(9)
    assert whole == set()


async def test_a_duty_that_fails_is_logged_and_keeps_no_other_from_being_done(caplog):
    house = await House().open()
    await house.reserve()
    house.clock.advance(timedelta(days=30))

    def broken(*_given):
        raise KeyError("cannot be read")

    claims = await open_due(house.desk, (replace(expire.UNPAID, due=broken), tickets.DUTY, expire.UNPAID))

    assert [claim.verb for claim in claims] == [expire.VERB]
    assert "opening what is due of expire@1 failed" in caplog.text
