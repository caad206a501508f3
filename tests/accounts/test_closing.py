"""Closing: every entry is billed once, on the statement of its cycle, and a statement is the sum of its lines."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.accounts.closing import Closing
from app.accounts.lines import LINE_KINDS
from app.domain.partner import Billing, Cycle
from app.ledger import EntryKind
from app.store.account_tables import StatementRow, StatementState
from app.store.tables import EntryRow
from tests.accounts.books import ACME, CARRIER, OTHER, Books
from tests.memories import take_back

MONTH = timedelta(days=31)
BILLED = ("PARTNER", "CARRIER")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


async def told(books, statement):
    return [(line.kind, line.amount_minor) for line in await books.lines(statement)]


async def test_a_cycle_becomes_a_statement_once_it_has_ended(books):
    await books.sell(10000, 500)
    await books.close(after=utc(2026, 3, 31, 23, 59) - books.clock.now())
    assert await books.statements() == []
    await books.close(after=timedelta(minutes=1))
    (statement,) = await books.statements()
    assert (statement.begins_at, statement.ends_at) == (utc(2026, 3, 1), utc(2026, 4, 1))
    assert (statement.holder, statement.currency, statement.zone) == ("PARTNER", "GBP", "UTC")
    assert (statement.number, statement.due_on, statement.state) == ("FG-2026-000001", date(2026, 4, 15), "OPEN")
    assert (statement.total_minor, statement.settled_minor) == (10000, 0)


async def test_its_lines_tell_fees_and_commission_apart(books):
    booking = await books.sell(10000, 500)
    await books.close(after=MONTH)
    (statement,) = await books.statements()
    assert await told(books, statement) == [("BOOKING", 10000), ("FEE", 500), ("COMMISSION", -500)]
    lines = await books.lines(statement)
    assert {line.booking_id for line in lines} == {booking}
    assert {line.own_reference for line in lines} == {"own 3"}
    assert [line.position for line in lines] == [1, 2, 3]


async def test_what_we_owe_a_carrier_is_closed_on_its_own_terms(books):
    await books.sell(10000, 500, cost=9000)
    await books.give_back(4000)
    books.carriers = {CARRIER: Billing(cycle=Cycle.WEEKLY, day=1, due_days=3)}
    await books.close(after=timedelta(days=1))
    (statement,) = await books.statements(CARRIER)
    assert (statement.holder, statement.number) == ("CARRIER", "FC-2026-000001")
    assert (statement.ends_at, statement.due_on) == (utc(2026, 3, 2), date(2026, 3, 5))
    assert statement.total_minor == 9000
    assert await told(books, statement) == [("BOOKING", 9000), ("BOOKING", 4000), ("REFUND", -4000)]
    assert all(line.own_reference.startswith("PNR") for line in await books.lines(statement))


async def test_each_currency_has_its_own(books):
    await books.sell(10000, 0, currency="GBP")
    await books.sell(2000, 0, currency="JPY")
    await books.close(after=MONTH)
    found = {row.currency: row.total_minor for row in await books.statements()}
    assert found == {"GBP": 9500, "JPY": 1900}


async def test_a_cycle_without_entries_has_no_statement(books):
    await books.sell()
    await books.close(after=4 * MONTH)
    await books.sell()
    await books.close(after=MONTH)
    periods = [(row.begins_at.month, row.ends_at.month) for row in await books.statements()]
    assert periods == [(3, 4), (7, 8)]


async def test_after_a_downtime_every_cycle_is_caught_up_with(books):
    for _ in range(3):
        await books.sell()
        books.clock.advance(MONTH)
    await books.close()
    found = await books.statements()
    assert [(row.ends_at.month, row.total_minor) for row in found] == [(4, 10000), (5, 10000), (6, 10000)]
    assert [row.number for row in found] == ["FG-2026-000001", "FG-2026-000002", "FG-2026-000003"]
    # It could not be paid before it was issued.
    assert {row.due_on for row in found} == {(books.clock.now() + timedelta(days=14)).date()}


async def test_closing_again_does_nothing(books):
    await books.sell()
    await books.close(after=MONTH)
    await books.close()
    await books.close(after=timedelta(days=3))
    assert len(await books.statements()) == 1


async def test_what_was_written_late_is_billed_with_the_next_cycle(books):
    await books.sell()
    await books.close(after=MONTH)
    late = await books.sell(7000, 0, at=utc(2026, 3, 31, 23))
    await books.close(after=MONTH)
    first, second = await books.statements()
    assert (first.total_minor, second.total_minor) == (10000, 6650)
    assert (second.begins_at, second.ends_at) == (utc(2026, 4, 1), utc(2026, 5, 1))
    assert {line.booking_id for line in await books.lines(second)} == {late}


async def test_other_terms_follow_on_the_last_statement(books):
    await books.sell()
    await books.close(after=MONTH)
    await books.open(replace(ACME, billing=Billing(cycle=Cycle.WEEKLY, day=1)))
    await books.sell()
    await books.close(after=timedelta(days=7))
    periods = [(row.begins_at, row.ends_at) for row in await books.statements()]
    assert periods == [(utc(2026, 3, 1), utc(2026, 4, 1)), (utc(2026, 4, 1), utc(2026, 4, 6))]


async def test_a_cycle_ends_at_midnight_of_the_agreed_zone(books):
    await books.sell(partner=OTHER)
    await books.close(after=utc(2026, 3, 14, 22, 59) - books.clock.now())
    assert await books.statements(OTHER.id) == []
    await books.close(after=timedelta(minutes=1))
    (statement,) = await books.statements(OTHER.id)
    assert (statement.ends_at, statement.due_on) == (utc(2026, 3, 14, 23), date(2026, 3, 29))


async def test_an_account_that_cannot_be_closed_keeps_no_other_open(books, caplog):
    await books.sell()
    await books.sell(partner=OTHER)
    await books.store.write(lambda session: _spoil(session, ACME.id))
    await books.close(after=2 * MONTH)
    assert await books.statements() == []
    assert len(await books.statements(OTHER.id)) == 1
    assert "the account of pa_1 in GBP could not be closed" in caplog.text


def _spoil(session, party):
    for entry in session.exec(select(EntryRow).where(EntryRow.account == "PARTNER", EntryRow.party == party)).all():
        entry.kind = "FROM_A_LATER_VERSION"


async def test_numbers_begin_anew_with_the_year_and_go_past_their_width(books):
    def issued(session):
        for number in ("FG-2026-999999", "FG-2025-000007", "FC-2026-000003"):
            session.add(template(number))

    def template(number):
        month = len(number) + int(number[-1])
        return StatementRow(
            id=number,
            holder="PARTNER",
            party="pa_9",
            number=number,
            currency="GBP",
            begins_at=utc(2025, 1, 1),
            ends_at=utc(2025, 1, month),
            zone="UTC",
            due_on=date(2025, 2, 1),
            total_minor=1,
            created_at=utc(2025, 1, 1),
        )

    await books.store.write(issued)
    for _ in range(2):
        await books.sell()
        await books.close(after=MONTH)
    assert [row.number for row in await books.statements()] == ["FG-2026-1000000", "FG-2026-1000001"]
    await books.sell()
    await books.close(after=10 * MONTH)
    assert (await books.statements())[-1].number == "FG-2027-000001"


async def test_what_sums_to_nothing_is_settled_from_the_start(books):
    await books.give_back(4000)
    await books.close(after=MONTH)
    (statement,) = await books.statements(CARRIER)
    assert (statement.total_minor, statement.state) == (0, StatementState.SETTLED)


def test_every_kind_of_entry_that_is_billed_has_a_kind_of_line():
    settling = {EntryKind.SETTLEMENT, EntryKind.CREDIT_NOTE}
    assert LINE_KINDS.keys() == set(EntryKind) - settling


@pytest.mark.proof
async def test_many_workers_at_once_make_each_statement_once(store):
    books = await Books(store=store).open()
    for partner in (ACME, OTHER):
        await books.sell(partner=partner)
        await books.sell(partner=partner)
    books.clock.advance(2 * MONTH)
    workers = [Closing(store=store, clock=books.clock, ids=books.ids) for _ in range(5)]
    await asyncio.gather(*(worker.close_due() for worker in workers))
    found = [*await books.statements(), *await books.statements(OTHER.id), *await books.statements(CARRIER)]
    assert Counter((row.party, row.currency) for row in found) == {
        ("pa_1", "GBP"): 1,
        ("pa_2", "EUR"): 1,
        (CARRIER, "GBP"): 1,
        (CARRIER, "EUR"): 1,
    }
    assert sorted(row.number for row in found) == [
        *("FC-2026-000001", "FC-2026-000002"),
        *("FG-2026-000001", "FG-2026-000002"),
    ]
    await every_statement_is_its_lines(books)


async def every_statement_is_its_lines(books):
    entries = await books.rows(select(EntryRow))
    for statement in await books.rows(select(StatementRow)):
        lines = await books.lines(statement)
        mine = [row for row in entries if row.statement_id == statement.id]
        sign = -1 if statement.holder == "CARRIER" else 1
        assert {row.account for row in mine} == {statement.holder}
        assert all(row.at < statement.ends_at for row in mine)
        assert statement.total_minor == sum(line.amount_minor for line in lines)
        assert statement.total_minor == sign * sum(row.amount_minor for row in mine)
        assert Counter((line.booking_id, line.kind, line.own_reference) for line in lines).most_common(1)[0][1] == 1


SALES = st.lists(
    st.tuples(
        st.sampled_from([ACME, OTHER]),
        st.integers(1, 10**9),
        st.integers(0, 10**6),
        st.sampled_from(["GBP", "EUR", "JPY"]),
        st.integers(0, 10**9),
        st.timedeltas(timedelta(), timedelta(days=70)),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


BILLINGS = pytest.mark.parametrize("billing", [Billing(), Billing(cycle=Cycle.WEEKLY, day=3, zone="America/Santiago")])


@BILLINGS
@settings(deadline=None, max_examples=8)
@given(sales=SALES)
def test_every_entry_is_billed_once_and_every_statement_is_the_sum_of_its_entries(billing, sales):
    asyncio.run(sold_and_closed(billing, sales))


@pytest.mark.proof
@BILLINGS
@settings(deadline=None, max_examples=100)
@given(sales=SALES)
def test_nor_is_any_missed_in_many_more_lives(billing, sales):
    asyncio.run(sold_and_closed(billing, sales))


async def sold_and_closed(billing, sales):
    books = await Books().open(replace(ACME, billing=billing), OTHER)
    for partner, minor, fee, currency, cost, pause, close in sales:
        await books.sell(minor, fee, partner, currency, cost)
        await books.give_back(minor, partner, currency)
        books.clock.advance(pause)
        if close:
            await books.close()
    await books.close(after=2 * MONTH)
    entries = await books.rows(select(EntryRow))
    assert all(entry.statement_id for entry in entries if entry.account in BILLED)
    assert not any(entry.statement_id for entry in entries if entry.account not in BILLED)
    await every_statement_is_its_lines(books)
    assert not any((await books.sums()).values())
    take_back()
