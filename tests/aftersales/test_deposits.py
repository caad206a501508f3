"""Refunds by a scale of what only a deposit was paid of: never more than was paid, and nothing is left to pay."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from app.domain.aftersales import RefundForm, Rule, RuleGround
from app.domain.booking import PaymentState
from app.domain.money import Money
from app.domain.refusals import QuoteExpired, WrongState
from app.store.tables import EntryRow, ItemRow
from carriers.contract import Cancelled, RefundTerms
from tests.aftersales.selling import quote_refund, refund, refund_facts, shown
from tests.booking.scenes import FLEX, guaranteed

NEXT_STEP = timedelta(minutes=10)


class Scaled:
    """The sandbox's carrier, taught to confirm on a fifth, and to keep `percent` until its next step begins."""

    def __init__(self, house, monkeypatch):
        self.house, self.percent, self.check, self.quoted = house, 10, house.carrier.check, {}
        for verb, taught in (("check", self.offer), ("quote_refund", self.terms), ("refund", self.confirmed)):
            monkeypatch.setattr(house.carrier, verb, taught)

    async def offer(self, ref):
        offer = await self.check(ref)
        return replace(offer, deposit=offer.total.times(Decimal("0.2")))

    async def terms(self, order, _stay=None):
        (row,) = await self.house.rows(select(ItemRow).where(ItemRow.order_ref == order))
        total = (await self.house.carrier.order(order)).total
        fee = total.times(Decimal(self.percent) / 100)
        deadline = self.house.clock.now() + NEXT_STEP
        self.quoted[order] = RefundTerms(
            ref=order,
            order=order,
            refund=total - fee,
            form=RefundForm.MONEY,
            rule=Rule(ground=RuleGround.CANCELLATION_SCALE, allowed=True, fee=fee, deadline=deadline),
            passengers=tuple(row.passengers.values()),
            segments=(),
        )
        return self.quoted[order]

    async def confirmed(self, terms, _call):
        return Cancelled(ref=terms, refund=self.quoted[terms].refund)


@pytest.fixture
def scale(house, monkeypatch):
    return Scaled(house, monkeypatch)


async def on_deposit(house, *brands):
    """A booking of which just the deposit was paid: its id, that, and what it costs."""
    offers = [await guaranteed(house, brand) for brand in brands or (FLEX,)]
    booking_id = (await house.reserve("r1", *offers)).booking_id
    booking = await house.booking(booking_id)
    await house.pay(booking_id, amount=Money(booking.deposit_minor, "GBP"))
    return booking_id, booking.deposit_minor, booking.total_minor


async def books(house, item=None):
    """The balance of each account, of one item where one is named."""
    query = select(EntryRow.account, func.sum(EntryRow.amount_minor)).group_by(EntryRow.account)
    return dict(await house.rows(query if item is None else query.where(EntryRow.item_id == item)))


@pytest.mark.parametrize("percent", [20, 50, 100])
async def test_where_the_fee_is_what_was_paid_or_more_nothing_comes_back(house, scale, percent):
    scale.percent = percent
    booking_id, deposit, total = await on_deposit(house)
    quote = await quote_refund(house, booking_id)
    (part,) = (facts := refund_facts(quote)).parts
    assert (facts.paid.minor, facts.fee.minor, facts.back.minor, facts.sources) == (deposit, deposit, 0, ())
    assert (part.unpaid.minor, part.rule.fee.minor) == (total - deposit, round(total * percent / 100))
    await refund(house, quote)
    booking, money = await house.booking(booking_id), await shown(house, booking_id)
    assert (booking.state, booking.kept_minor) == ("REFUNDED", deposit)
    assert (money.state, money.due.minor, money.refunded.minor) == (PaymentState.PAID, 0, 0)
    kept = await books(house)
    assert (kept["BOOKING"], kept["PARTNER"], kept["SALES"]) == (0, deposit, -deposit)
    assert (kept["COST"], kept["CARRIER"]) == (deposit, -deposit)
    assert isinstance((await house.pay(booking_id, "p2")).refusal, WrongState)


async def test_what_was_paid_beyond_the_fee_comes_back(house, scale):
    booking_id, deposit, total = await on_deposit(house)
    quote = await quote_refund(house, booking_id)
    fee, facts = round(total / 10), refund_facts(quote)
    assert (facts.fee.minor, facts.back.minor) == (fee, deposit - fee)
    assert [source.amount.minor for source in facts.sources] == [deposit - fee]
    await refund(house, quote)
    money = await shown(house, booking_id)
    assert (money.state, money.paid.minor, money.due.minor) == (PaymentState.PARTLY_REFUNDED, fee, 0)
    assert (await books(house))["CARRIER"] == -fee
    assert (await house.timeline(booking_id))[-2:] == ["PAYMENT_REFUNDED", "ITEM_REFUNDED"]


async def test_one_of_two_leaves_the_other_to_be_paid(house, scale):
    scale.percent = 100
    booking_id, deposit, _ = await on_deposit(house, FLEX, FLEX - 1)
    first, second = await house.items(booking_id)
    quote = await quote_refund(house, booking_id, items=(first.id,))
    kept = refund_facts(quote).fee.minor
    await refund(house, quote)
    money, sold = await shown(house, booking_id), await books(house, second.id)
    assert money.due.minor == sold["BOOKING"] - (deposit - kept)
    assert (await books(house, first.id))["BOOKING"] == kept
    await house.pay(booking_id, "p2")
    assert (await shown(house, booking_id)).state == PaymentState.PAID


async def test_both_at_once_keep_what_was_quoted_for_each(house, scale):
    booking_id, _, _ = await on_deposit(house, FLEX, FLEX - 1)
    scale.percent = 15
    quote = await quote_refund(house, booking_id)
    await refund(house, quote)
    fees = {part.item: part.fee.minor for part in refund_facts(quote).parts}
    assert {item.id: item.kept_minor for item in await house.items(booking_id)} == fees
    assert (await shown(house, booking_id)).due.minor == 0


async def test_once_all_is_paid_the_whole_fee_is_kept(house, scale):
    scale.percent = 50
    booking_id, _, total = await on_deposit(house)
    await house.pay(booking_id, "p2")
    facts = refund_facts(await quote_refund(house, booking_id))
    assert (facts.paid.minor, facts.fee.minor, facts.back.minor) == (total, total // 2, total - total // 2)


async def test_a_payment_of_the_rest_ends_what_was_quoted_before(house, scale):
    booking_id, _, _ = await on_deposit(house)
    quote = await quote_refund(house, booking_id)
    await house.pay(booking_id, "p2")
    assert isinstance((await refund(house, quote)).refusal, QuoteExpired)


async def test_a_quote_ends_as_the_next_step_begins(house, scale):
    booking_id, _, _ = await on_deposit(house)
    quote = await quote_refund(house, booking_id)
    assert quote.expires_at == house.clock.now() + NEXT_STEP
    house.clock.advance(NEXT_STEP)
    assert isinstance((await refund(house, quote)).refusal, QuoteExpired)
    assert (await house.booking(booking_id)).state == "CONFIRMED"
