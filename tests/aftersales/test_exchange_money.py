"""Exchanges and their money: reserved before the carrier is asked, taken after it acted, given back after that."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from app.accounts.closing import Closing
from app.aftersales.paid_changes import ByCard, OnAccount
from app.booking.facts import refresh
from app.domain.booking import PaymentState
from app.domain.money import Money
from app.domain.partner import FeeKind, FeeRule
from app.domain.refusals import InvalidInput
from app.store.account_tables import StatementLineRow, StatementRow
from app.store.tables import EntryRow, OperationState, PaymentRow, TicketRow
from tests.aftersales.scenes import AFTER_VOID_WINDOW, PASSPORT, sold
from tests.aftersales.selling import (
    asking_money,
    exchange,
    exchange_facts,
    giving_money,
    quote_exchange,
    quote_refund,
    refund,
    refund_facts,
    shown,
    why,
)
from tests.booking.house import CREDIT, PARTNER, passenger, viewer
from tests.booking.judge import judge
from tests.booking.paying import charges, deliver, forms_end, payment_of, submit
from tests.booking.scenes import FLEX, RATE, STANDARD, floating, guaranteed


async def whole(house, booking_id, total):
    """The original stands as it was, and nothing is reserved for anything else."""
    booking = await house.booking(booking_id)
    assert (booking.state, booking.total_minor) == ("TICKETED", total)
    assert [item.state for item in await house.items(booking_id)] == ["TICKETED"]
    assert not any(change["confirmed_at"] for change in house.world.ledger()["changes"])
    open_ones = select(PaymentRow.id).where(PaymentRow.status.in_(["PENDING", "AUTHORISED"]))
    assert await house.rows(open_ones) == []
    await judge(house)


async def whole_but_asked(house, booking_id, total):
    """Nothing has happened yet, but that a form waits."""
    booking = await house.booking(booking_id)
    assert (booking.state, booking.total_minor) == ("TICKETED", total)
    assert (await shown(house, booking_id)).state == PaymentState.PAID
    await judge(house)


async def touch(house, booking_id):
    """Something about the booking changes."""
    await house.store.write(lambda session: refresh(session, booking_id))


class TestOnAccount:
    async def test_what_is_due_has_to_be_paid_somehow(self, house):
        quote = await asking_money(house, await sold(house))
        with pytest.raises(InvalidInput) as missing:
            await exchange(house, quote)
        assert missing.value.path == ("input", "method")
        assert (await exchange(house, quote, OnAccount())).state == OperationState.DONE
        await judge(house)

    async def test_beyond_the_credit_nothing_is_exchanged(self, house):
        booking_id = await sold(house)
        total = (await house.booking(booking_id)).total_minor
        quote = await asking_money(house, booking_id)
        await house.terms(replace(PARTNER, credit=CREDIT | {"GBP": Money(total + 1, "GBP")}))
        assert why(await exchange(house, quote, OnAccount())) == "CREDIT_EXCEEDED"
        await whole(house, booking_id, total)

    async def test_a_refused_confirmation_leaves_the_quote_to_be_confirmed_otherwise(self, house):
        booking_id = await sold(house)
        quote = await asking_money(house, booking_id)
        await house.terms(replace(PARTNER, credit={}))
        await exchange(house, quote, OnAccount())
        await house.terms(PARTNER)
        assert (await exchange(house, quote, OnAccount(), "e2")).state == OperationState.DONE
        await judge(house)

    @pytest.mark.parametrize(("kind", "code"), [("sold_out", "SOLD_OUT"), ("price_changed", "QUOTE_EXPIRED")])
    async def test_a_refusing_carrier_leaves_the_original_whole(self, house, kind, code):
        booking_id = await sold(house)
        total = (await house.booking(booking_id)).total_minor
        house.fault("order_changes.confirm", kind)
        assert why(await exchange(house, await asking_money(house, booking_id), OnAccount())) == code
        await whole(house, booking_id, total)

    async def test_a_price_that_moved_before_the_confirmation_is_not_paid(self, house):
        booking_id = await sold(house, FLEX)
        total = (await house.booking(booking_id)).total_minor
        house.fault("order_changes.confirm", "price_changed", percent=-10)
        assert why(await exchange(house, await giving_money(house, booking_id))) == "QUOTE_EXPIRED"
        await whole(house, booking_id, total)

    async def test_it_has_a_line_of_its_own_on_the_statement(self, house):
        booking_id = await sold(house)
        total = (await house.booking(booking_id)).total_minor
        quote = await asking_money(house, booking_id)
        await exchange(house, quote, OnAccount())
        await house.later(timedelta(days=40))
        await Closing(store=house.store, clock=house.clock, ids=house.ids).close_due()
        theirs = select(StatementRow.id).where(StatementRow.holder == "PARTNER").scalar_subquery()
        ours = select(StatementLineRow.kind, StatementLineRow.amount_minor)
        lines = await house.rows(ours.where(StatementLineRow.statement_id == theirs))
        assert sorted(lines) == [("BOOKING", total), ("EXCHANGE", exchange_facts(quote).balance.minor)]
        await judge(house)


class TestByCard:
    @pytest.fixture
    async def asked(self, house):
        """A booking on account, its total, and an exchange of it whose form waits for a card."""
        booking_id = await sold(house)
        quote = await asking_money(house, booking_id)
        outcome = await exchange(house, quote, ByCard())
        return booking_id, (await house.booking(booking_id)).total_minor, quote, await payment_of(house, outcome)

    async def test_it_is_made_once_the_card_is_given(self, house, asked):
        booking_id, total, quote, form = asked
        due = exchange_facts(quote).balance
        assert (form.amount_minor, form.quote_id) == (due.minor, quote.id)
        await whole_but_asked(house, booking_id, total)
        submit(house, form)
        await deliver(house)
        assert (await house.booking(booking_id)).total_minor == total + due.minor
        assert charges(house) == [("captured", due.minor)]
        assert (await shown(house, booking_id)).state == PaymentState.PAID
        await judge(house)

    async def test_a_declined_card_leaves_the_original_whole_and_may_be_followed_by_another(self, house, asked):
        booking_id, total, _, form = asked
        submit(house, form, "declined")
        await deliver(house)
        await whole_but_asked(house, booking_id, total)
        submit(house, form)
        await deliver(house)
        assert len(await house.items(booking_id)) == 2
        await judge(house)

    async def test_a_form_nobody_fills_in_ends_with_its_quote(self, house, asked):
        booking_id, total, quote, form = asked
        assert form.expires_at <= quote.expires_at
        forms_end(house, form)
        await house.quiet()
        await whole(house, booking_id, total)
        assert charges(house) == [("closed", 0)]

    async def test_a_card_that_is_heard_of_after_the_quote_is_released(self, house, asked):
        booking_id, total, quote, form = asked
        submit(house, form)
        house.clock.advance(quote.expires_at - house.clock.now())
        await deliver(house)
        await whole(house, booking_id, total)
        assert charges(house) == [("closed", 0)]

    async def test_a_card_for_what_has_changed_meanwhile_is_released(self, house, asked):
        booking_id, total, _, form = asked
        await touch(house, booking_id)
        submit(house, form)
        await deliver(house)
        await whole(house, booking_id, total)

    @pytest.mark.parametrize(("kind", "code"), [("sold_out", "SOLD_OUT"), ("price_changed", "QUOTE_EXPIRED")])
    async def test_a_refusing_carrier_has_the_card_released(self, house, asked, kind, code):
        booking_id, total, _, form = asked
        house.fault("order_changes.confirm", kind)
        submit(house, form)
        await deliver(house)
        await whole(house, booking_id, total)
        (done,) = await house.operations("complete-change@1")
        assert done.refusal["code"] == code

    async def test_a_capture_that_is_refused_after_the_exchange_stays_to_be_paid(self, house, asked):
        booking_id, total, quote, form = asked
        submit(house, form, "capture_refused")
        await deliver(house)
        await house.settle_operations()
        due = exchange_facts(quote).balance
        booking, money = await house.booking(booking_id), await shown(house, booking_id)
        assert (booking.state, booking.total_minor) == ("TICKETED", total + due.minor)
        assert (money.state, money.due) == (PaymentState.PART_PAID, due)
        await judge(house)
        assert (await house.pay(booking_id, "p2")).state == OperationState.DONE
        assert (await shown(house, booking_id)).state == PaymentState.PAID
        await judge(house)

    async def test_without_anything_due_no_form_is_opened(self, house):
        booking_id = await sold(house, FLEX)
        outcome = await exchange(house, await giving_money(house, booking_id), ByCard())
        assert (outcome.state, charges(house)) == (OperationState.DONE, [])
        await judge(house)


class TestMoneyBack:
    async def test_goes_to_the_card_once_the_carrier_has_acted(self, house):
        booking_id = await sold(house, FLEX, by_card=True)
        total = (await house.booking(booking_id)).total_minor
        quote = await giving_money(house, booking_id)
        await exchange(house, quote)
        left = total + exchange_facts(quote).balance.minor
        assert charges(house) == [("captured", left)]
        kinds = await house.timeline(booking_id)
        assert kinds.index("ITEM_EXCHANGED") < kinds.index("PAYMENT_REFUNDED")
        assert (await shown(house, booking_id)).state == PaymentState.PARTLY_REFUNDED
        await judge(house)

    async def test_that_the_provider_refuses_stays_owed(self, house):
        booking_id = await sold(house, FLEX, by_card=True)
        quote = await giving_money(house, booking_id)
        house.fault("charges.refund", "refused")
        assert why(await exchange(house, quote)) == "REFUND_REFUSED"
        money = await shown(house, booking_id)
        assert (money.state, money.due) == (PaymentState.REFUND_DUE, exchange_facts(quote).balance)
        assert (await house.booking(booking_id)).state == "TICKETED"
        await judge(house)

    async def test_as_a_voucher_is_none(self, house):
        """Duffel's test route gives what an exchange makes cheaper as a voucher."""
        offer = (await house.offers("LTN", "SYD"))[FLEX]
        traveller = replace(passenger(), document=PASSPORT)
        booking_id = (await house.reserve("r1", offer, passengers=(traveller,))).booking_id
        await house.pay(booking_id)
        found = await quote_exchange(house, booking_id)
        quote = next(quote for quote in found if exchange_facts(quote).carrier_balance.minor < 0)
        assert exchange_facts(quote).balance.minor == 0
        total = (await house.booking(booking_id)).total_minor
        assert (await exchange(house, quote)).state == OperationState.DONE
        assert (await house.booking(booking_id)).total_minor == total
        assert "PAYMENT_REFUNDED" not in await house.timeline(booking_id)
        await judge(house)


class TestTheBooks:
    async def test_follow_the_rate_that_it_was_sold_at(self, house):
        made = await house.reserve_tokens("r1", house.token(await floating(house, STANDARD), PARTNER, RATE))
        await house.pay(made.booking_id)
        house.clock.advance(AFTER_VOID_WINDOW)
        # The dearest is flexible, so that it can be refunded after.
        *_, quote = await quote_exchange(house, made.booking_id)
        facts = exchange_facts(quote)
        assert facts.carrier_balance.currency == "EUR"
        assert facts.balance.minor == pytest.approx(facts.carrier_balance.converted(RATE.rate, "GBP").minor, abs=1)
        await exchange(house, quote, OnAccount())
        await judge(house)
        await refund(house, await quote_refund(house, made.booking_id))
        assert (await house.booking(made.booking_id)).state == "REFUNDED"
        await judge(house)

    async def test_keep_the_gateways_fees_and_move_the_commission(self, house):
        fee = FeeRule(name="Service", kind=FeeKind.FIXED, amount=Money.of("5.00", "GBP"))
        seller = replace(PARTNER, fees=(fee,), commission_percent=Decimal(10))
        await house.terms(seller)
        offer = await guaranteed(house, STANDARD)
        made = await house.reserve_tokens("r1", house.token(offer, seller), viewer=viewer(seller))
        await house.pay(made.booking_id)
        house.clock.advance(AFTER_VOID_WINDOW)
        quote = await asking_money(house, made.booking_id)
        await exchange(house, quote, OnAccount())
        price = exchange_facts(quote).price
        assert price.fee_total == Money.of("5.00", "GBP")
        sums = dict(await house.rows(select(EntryRow.account, func.sum(EntryRow.amount_minor)).group_by("account")))
        assert sums["FEES"] == -500
        assert sums["SALES"] == -price.carrier_part.minor
        assert sums["COMMISSION"] == price.commissionable.times(Decimal("0.1")).minor
        await judge(house)

    async def test_add_up_over_two_exchanges_and_a_refund(self, house):
        booking_id = await sold(house, STANDARD)
        first = await asking_money(house, booking_id)
        await exchange(house, first, OnAccount())
        second = (await quote_exchange(house, booking_id, key="x2"))[-1]
        await exchange(house, second, OnAccount(), "e2")
        booking = await house.booking(booking_id)
        assert [item.state for item in await house.items(booking_id)] == ["EXCHANGED", "EXCHANGED", "TICKETED"]
        assert booking.total_minor == exchange_facts(second).price.total.minor
        await judge(house)
        quote = await quote_refund(house, booking_id)
        await refund(house, quote)
        assert (await house.booking(booking_id)).kept_minor == refund_facts(quote).fee.minor
        await judge(house)

    async def test_link_each_ticket_to_the_one_that_it_replaces(self, house):
        booking_id = await sold(house)
        house.fault("order_changes.confirm", "documents_later", hours=1)
        await exchange(house, await asking_money(house, booking_id), OnAccount())
        assert (await house.booking(booking_id)).state == "CONFIRMED"
        for _ in range(4):
            await house.later(timedelta(minutes=30))
        old, new = await house.rows(select(TicketRow).order_by(TicketRow.id))
        assert (old.status, new.status, new.replaces) == ("EXCHANGED", "VALID", old.id)
        assert (await house.booking(booking_id)).state == "TICKETED"
        await judge(house)
