"""Settling: every act lessens what is owed exactly once, and the ledger tells the same as the statement."""

import asyncio
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import func, select

from app.accounts.overdue import check_not_overdue
from app.accounts.standing import disputed, standing
from app.domain.errors import Refusal
from app.domain.money import Money
from app.domain.refusals import AccountOverdue, ExceedsOutstanding, InvalidInput, NotFound, WrongState
from app.ledger import owed
from app.store.account_tables import DisputeRow, SettlementRow, StatementRow
from app.store.tables import EntryRow
from tests.accounts.books import ACME, CARRIER, Books
from tests.accounts.hand import MONTH, Hand, billed, pounds
from tests.memories import take_back


async def now(books, statement):
    return await books.store.read(lambda session: session.get_one(StatementRow, statement.id))


async def balance(books, account, party):
    total = select(func.sum(EntryRow.amount_minor)).where(EntryRow.account == account, EntryRow.party == party)
    return (await books.rows(total))[0] or 0


async def test_a_payment_in_parts_settles_it_in_full(books):
    statement, hand = await billed(books), Hand(books)
    await hand.pay(statement, pounds(4000))
    assert ((await now(books, statement)).settled_minor, (await now(books, statement)).state) == (4000, "OPEN")
    await hand.pay(statement, pounds(6000))
    assert (await now(books, statement)).state == "SETTLED"
    assert (await balance(books, "BANK", ACME.id), await balance(books, "PARTNER", ACME.id)) == (10000, 0)
    assert await books.store.read(lambda session: owed(session, ACME.id, "GBP")) == pounds(0)
    assert [row.reference for row in await books.rows(select(SettlementRow))] == ["SEPA 7", "SEPA 7"]


async def test_paying_a_carrier_goes_the_other_way(books):
    statement, hand = await billed(books, party=CARRIER), Hand(books)
    await hand.pay(statement, pounds(9000))
    await hand.credit(statement, pounds(1000))
    assert (await now(books, statement)).state == "SETTLED"
    assert (await balance(books, "BANK", CARRIER), await balance(books, "CARRIER", CARRIER)) == (-9000, 0)
    # What it credits us, it had charged too much.
    assert await balance(books, "COST", CARRIER) == 9000
    entries = await books.rows(select(EntryRow).where(EntryRow.account == "BANK"))
    assert [(row.partner_id, row.booking_id, row.statement_id) for row in entries] == [(None, None, statement.id)]


async def test_a_statement_in_its_holders_favour_is_paid_out(books):
    await books.sell(1000, 0)
    await books.close(after=MONTH)
    (first,) = await books.statements()
    await books.store.write(lambda session: _earned(session, books, -2500))
    await books.close(after=MONTH)
    (statement,) = [row for row in await books.statements() if row.id != first.id]
    assert statement.total_minor == -2500
    hand = Hand(books)
    for refused in (hand.credit, hand.dispute):
        with pytest.raises(WrongState):
            await refused(statement, pounds(100))
    with pytest.raises(ExceedsOutstanding) as more:
        await hand.pay(statement, pounds(2501))
    assert more.value.outstanding == pounds(2500)
    await hand.pay(statement, pounds(2500))
    assert ((await now(books, statement)).settled_minor, (await now(books, statement)).state) == (-2500, "SETTLED")
    assert await balance(books, "BANK", ACME.id) == -2500


def _earned(session, books, minor):
    """A commission alone, as for a sale by card."""
    template = session.exec(select(EntryRow).where(EntryRow.kind == "COMMISSION", EntryRow.account == "PARTNER")).one()
    for account, amount in (("PARTNER", minor), ("COMMISSION", -minor)):
        facts = {"id": None, "account": account, "amount_minor": amount, "at": books.clock.now(), "statement_id": None}
        session.add(EntryRow(**template.model_dump() | facts | {"posting": "op_card/COMMISSION/"}))


async def test_a_credit_note_is_our_loss_and_has_a_number_of_its_own(books):
    statement, hand = await billed(books), Hand(books)
    await hand.credit(statement, pounds(1500))
    await hand.credit(statement, pounds(500))
    notes = await books.rows(select(SettlementRow).order_by(SettlementRow.reference))
    assert [(note.reference, note.amount_minor, note.reason) for note in notes] == [
        ("FG-2026-000001/1", 1500, "goodwill"),
        ("FG-2026-000001/2", 500, "goodwill"),
    ]
    assert (await balance(books, "LOSS", ACME.id), await balance(books, "PARTNER", ACME.id)) == (2000, 8000)


async def test_more_than_is_missing_is_refused_with_what_is(books):
    statement, hand = await billed(books), Hand(books)
    await hand.pay(statement, pounds(9000))
    for settle in (hand.pay, hand.credit, hand.dispute):
        with pytest.raises(ExceedsOutstanding) as more:
            await settle(statement, pounds(1001))
        assert more.value.outstanding == pounds(1000)
    assert (await now(books, statement)).settled_minor == 9000


async def test_what_is_disputed_is_neither_payable_nor_disputed_again(books):
    statement, hand = await billed(books), Hand(books)
    await hand.dispute(statement, pounds(3000))
    for settle in (hand.pay, hand.credit, hand.dispute):
        with pytest.raises(ExceedsOutstanding) as more:
            await settle(statement, pounds(7001))
        assert more.value.outstanding == pounds(7000)
    await hand.pay(statement, pounds(7000))
    (dispute,) = await books.rows(select(DisputeRow))
    await hand.resolve(dispute, upheld=True)
    assert (await now(books, statement)).state == "SETTLED"
    assert (await balance(books, "LOSS", ACME.id), await balance(books, "BANK", ACME.id)) == (3000, 7000)


async def test_a_rejected_dispute_is_payable_again(books):
    statement, hand = await billed(books), Hand(books)
    await hand.dispute(statement, pounds(10000))
    (dispute,) = await books.rows(select(DisputeRow))
    await hand.resolve(dispute, upheld=False)
    for again in (True, False):
        with pytest.raises(WrongState) as resolved:
            await hand.resolve(dispute, upheld=again)
        assert resolved.value.state == "REJECTED"
    await hand.pay(statement, pounds(10000))
    assert (await now(books, statement)).state == "SETTLED"


@pytest.mark.parametrize(
    ("amount", "day", "path"),
    [
        (Money(100, "EUR"), date(2026, 3, 1), "amount"),
        (pounds(0), date(2026, 3, 1), "amount"),
        (pounds(-100), date(2026, 3, 1), "amount"),
        (pounds(100), date(2026, 4, 2), "paidOn"),
    ],
)
async def test_what_cannot_be_meant(books, amount, day, path):
    statement = await billed(books)
    with pytest.raises(InvalidInput) as wrong:
        await Hand(books).pay(statement, amount, day)
    assert wrong.value.path == ("input", path)


async def test_what_is_not_there_is_not_found(books):
    statement = await billed(books)
    statement.id = "st_nothing"
    with pytest.raises(NotFound):
        await Hand(books).pay(statement, pounds(1))
    with pytest.raises(NotFound):
        await Hand(books).resolve(DisputeRow(id="di_nothing"), upheld=True)


async def test_of_payments_at_once_no_penny_goes_over_the_total(store):
    books = await Books(store=store).open()
    statement = await billed(books)
    done = await asyncio.gather(*(Hand(books).pay(statement, pounds(3000)) for _ in range(6)), return_exceptions=True)
    assert [type(each) for each in done if each].count(ExceedsOutstanding) == 3
    assert (await now(books, statement)).settled_minor == 9000
    assert await balance(books, "PARTNER", ACME.id) == 1000


async def late(books):
    try:
        await books.store.read(lambda session: check_not_overdue(session, ACME.id, books.clock.now()))
    except AccountOverdue as overdue:
        return overdue
    return None


async def test_an_account_is_overdue_the_day_after_its_statement_was_due(books):
    statement = await billed(books)
    books.clock.advance(timedelta(days=14, hours=14, minutes=59))
    assert (books.clock.now().date(), await late(books)) == (statement.due_on, None)
    books.clock.advance(timedelta(minutes=1))
    found = await late(books)
    assert (found.statement_id, found.due_on, found.outstanding) == (statement.id, statement.due_on, pounds(10000))


async def test_what_is_disputed_or_paid_is_not_overdue(books):
    statement, hand = await billed(books), Hand(books)
    await hand.dispute(statement, pounds(4000))
    books.clock.advance(MONTH)
    assert (await late(books)).outstanding == pounds(6000)
    await hand.pay(statement, pounds(6000))
    assert await late(books) is None
    (dispute,) = await books.rows(select(DisputeRow))
    await hand.resolve(dispute, upheld=False)
    assert (await late(books)).outstanding == pounds(4000)
    await hand.pay(statement, pounds(4000))
    assert await late(books) is None


async def test_the_oldest_is_told_and_what_we_owe_blocks_nobody(books):
    first = await billed(books)
    await books.sell()
    await books.close(after=MONTH)
    books.clock.advance(2 * MONTH)
    assert (await late(books)).statement_id == first.id
    await books.store.write(lambda session: _turn(session, -1))
    assert await late(books) is None


def _turn(session, sign):
    for row in session.exec(select(StatementRow)).all():
        row.total_minor *= sign


class Accounts(RuleBasedStateMachine):
    """Random sales, closings, payments, credit notes and disputes; the books must agree after every one."""

    @initialize()
    def begin(self):
        self.loop = asyncio.new_event_loop()
        self.books = Books()
        self.hand = Hand(self.books)
        self.run(self.books.open())

    def run(self, work):
        return self.loop.run_until_complete(work)

    def attempt(self, work):
        with suppress(Refusal):
            self.run(work)

    def some(self, kind, data):
        return data.draw(st.sampled_from(self.run(self.books.rows(select(kind))) or [None]))

    @rule(minor=st.integers(1, 10**6), fee=st.integers(0, 10**4), currency=st.sampled_from(["GBP", "EUR"]))
    def sell(self, minor, fee, currency):
        self.run(self.books.sell(minor, fee, currency=currency))

    @rule(minor=st.integers(1, 10**6))
    def cancel(self, minor):
        self.run(self.books.give_back(minor))

    @rule(days=st.integers(0, 40))
    def close(self, days):
        self.run(self.books.close(after=timedelta(days=days)))

    @rule(data=st.data(), minor=st.integers(1, 10**6), how=st.sampled_from(["pay", "credit", "dispute"]))
    def settle(self, data, minor, how):
        statement = self.some(StatementRow, data)
        if statement is not None:
            self.attempt(getattr(self.hand, how)(statement, Money(minor, statement.currency)))

    @rule(data=st.data(), upheld=st.booleans())
    def resolve(self, data, upheld):
        dispute = self.some(DisputeRow, data)
        if dispute is not None:
            self.attempt(self.hand.resolve(dispute, upheld=upheld))

    @invariant()
    def the_ledger_sums_to_zero(self):
        assert not any(self.run(self.books.sums()).values())

    @invariant()
    def statements_tell_what_the_ledger_tells(self):
        entries = self.run(self.books.rows(select(EntryRow)))
        statements = self.run(self.books.rows(select(StatementRow)))
        open_disputes = self.run(self.books.store.read(lambda s: disputed(s, [row.id for row in statements])))
        for row in statements:
            sign = -1 if row.holder == "CARRIER" else 1
            named = [entry for entry in entries if entry.statement_id == row.id and entry.account == row.holder]
            assert sign * sum(entry.amount_minor for entry in named) == row.total_minor - row.settled_minor
            stands = standing(row, open_disputes[row.id])
            assert 0 <= stands.payable.minor <= abs(stands.outstanding.minor) <= abs(row.total_minor)
            assert (row.state == "SETTLED") is (not stands.outstanding)

    def teardown(self):
        if hasattr(self, "loop"):
            take_back()
            self.loop.close()


Accounts.TestCase.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
TestAccounts = Accounts.TestCase
