"""What was agreed with a partner, kept by the pipeline: a warning before its limit, commission, statements."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from app.booking import warn
from app.domain.money import Money
from app.domain.partner import Billing
from app.domain.refusals import AccountOverdue
from app.ledger import Account, owed
from app.store.account_tables import StatementLineRow, StatementRow
from app.store.tables import EntryRow, EventRow, OperationState
from tests.booking.house import PARTNER, House, viewer
from tests.booking.judge import judge
from tests.booking.paying import paid_by_card
from tests.booking.scenes import BASIC, guaranteed
from tests.payments.worlds import listen

HASTY = replace(PARTNER, payment_limit=timedelta(hours=3), payment_warning=timedelta(hours=1))


async def warnings(house):
    return await house.rows(select(EventRow).where(EventRow.kind == "PAYMENT_DUE_SOON"))


class TestWarning:
    @pytest.fixture
    async def held(self, house):
        await house.terms(HASTY)
        return (await house.reserve("r1", await guaranteed(house), viewer=viewer(HASTY))).booking_id

    async def test_it_comes_once_and_in_time(self, house, held):
        await house.later(timedelta(hours=2) - timedelta(seconds=1))
        assert await warnings(house) == []
        await house.later(timedelta(minutes=2))
        await house.later(timedelta(minutes=2))
        (warning,) = await warnings(house)
        assert (warning.booking_id, warning.actor) == (held, "system")
        assert warning.facts["balance"]["minor"] == (await house.booking(held)).total_minor

    async def test_what_is_paid_is_not_warned_of(self, house, held):
        await house.pay(held)
        await house.later(timedelta(hours=2, minutes=30))
        assert await warnings(house) == []

    async def test_then_the_booking_is_cancelled_by_itself(self, house, held):
        await house.later(timedelta(hours=2, minutes=30))
        await house.later(timedelta(hours=1))
        assert (await house.booking(held)).state == "EXPIRED"
        assert len(await warnings(house)) == 1

    async def test_many_at_once_are_all_told(self, house, held, monkeypatch):
        monkeypatch.setattr(warn, "_BATCH", 1)
        await house.reserve("r2", await guaranteed(house), viewer=viewer(HASTY))
        await house.later(timedelta(hours=2, minutes=1))
        assert len({warning.booking_id for warning in await warnings(house)}) == 2


async def test_a_gateway_without_partners_has_nobody_to_warn():
    await warn.tell_due(House().desk)


class TestCommission:
    EARNING = replace(PARTNER, commission_percent=Decimal(10))

    async def test_it_lessens_what_the_partner_owes(self, house):
        await house.terms(self.EARNING)
        held = (await house.reserve("r1", await guaranteed(house))).booking_id
        await house.pay(held)
        total = (await house.booking(held)).total_minor
        debt = await house.store.read(lambda session: owed(session, PARTNER.id, "GBP"))
        assert debt == Money(total, "GBP") - Money(total, "GBP").times(Decimal("0.1"))
        await judge(house)

    async def test_what_was_cancelled_earns_nothing(self, house):
        await house.terms(self.EARNING)
        listen(house.bank)
        held = (await house.reserve("r1", await guaranteed(house, 2))).booking_id
        await paid_by_card(house, held, "capture_refused")
        assert (await house.booking(held)).state == "CANCELLED"
        earned = select(EntryRow.amount_minor).where(EntryRow.account == Account.COMMISSION)
        assert sum(await house.rows(earned)) == 0
        assert len(await house.rows(earned)) == 2
        await judge(house)

    async def test_a_statement_tells_no_refund_where_only_an_earning_was_taken_back(self, house):
        await house.terms(self.EARNING)
        listen(house.bank)
        held = (await house.reserve("r1", await guaranteed(house, 2))).booking_id
        await paid_by_card(house, held, "capture_refused")
        await house.later(timedelta(days=40))
        (statement,) = await house.rows(select(StatementRow).where(StatementRow.holder == "PARTNER"))
        lines = select(StatementLineRow).where(StatementLineRow.statement_id == statement.id)
        assert (statement.total_minor, await house.rows(lines)) == (0, [])


class TestOverdue:
    BILLED = replace(PARTNER, billing=Billing(due_days=10))

    @pytest.fixture
    async def late(self, house):
        """A partner that has not paid last month's statement."""
        await house.terms(self.BILLED)
        held = (await house.reserve("r1", await guaranteed(house, BASIC))).booking_id
        await house.pay(held)
        # Sold in March; the statement of the second of April is due ten days later.
        await house.later(timedelta(days=32))
        await house.later(timedelta(days=11))
        return house

    async def test_nothing_more_is_paid_on_account(self, late):
        held = (await late.reserve("r2", await guaranteed(late))).booking_id
        outcome = await late.pay(held, "p2")
        (statement,) = await late.rows(select(StatementRow).where(StatementRow.holder == "PARTNER"))
        assert isinstance(outcome.refusal, AccountOverdue)
        assert outcome.refusal.statement_id == statement.id
        assert outcome.refusal.outstanding == Money(statement.total_minor, "GBP")

    async def test_but_by_card(self, late):
        listen(late.bank)
        held = (await late.reserve("r2", await guaranteed(late))).booking_id
        assert (await paid_by_card(late, held)).status == "CAPTURED"

    async def test_until_it_is_due_everything_can_be_paid(self, house):
        await house.terms(self.BILLED)
        held = (await house.reserve("r1", await guaranteed(house, BASIC))).booking_id
        await house.pay(held)
        await house.later(timedelta(days=40))
        again = (await house.reserve("r2", await guaranteed(house))).booking_id
        assert (await house.pay(again, "p2")).state == OperationState.DONE
