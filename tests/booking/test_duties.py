"""Duties: one look tells that nothing is due; one that fails keeps no other from being done."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event

from app.booking import expire, tickets
from app.booking.duties import open_due
from app.verbs import DUTIES
from tests.booking.house import House


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


async def test_a_duty_that_fails_is_logged_and_keeps_no_other_from_being_done(caplog):
    house = await House().open()
    await house.reserve()
    house.clock.advance(timedelta(days=30))

    def broken(*_given):
        raise KeyError("cannot be read")

    claims = await open_due(house.desk, (replace(expire.UNPAID, due=broken), tickets.DUTY, expire.UNPAID))

    assert [claim.verb for claim in claims] == [expire.VERB]
    assert "opening what is due of expire@1 failed" in caplog.text
