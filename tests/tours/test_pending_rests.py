"""The rest is being paid by card while something else is done with the tour: no money is lost, and none taken twice."""

import pytest
from sqlmodel import select

from app.aftersales.paid_changes import OnAccount
from app.domain.money import Money
from app.domain.refusals import QuoteExpired
from app.store.tables import PaymentRow
from tests.aftersales.selling import exchange, exchange_facts, quote_refund, quotes, refund, shown
from tests.booking.house import House
from tests.booking.judge import judge
from tests.booking.paying import deliver, open_form, submit
from tests.payments.worlds import listen
from tests.tours.changing import CHEAPER, LONGER, ask, on_deposit, option, quoted
from tests.tours.selling import OPEN, stay


@pytest.fixture
async def house():
    """The gateway below GraphQL over an airline's and a tour operator's world, with its partners let in."""
    house = await House().open()
    listen(house.bank)
    return house


async def form(house, booking_id):
    """The card form for the rest."""
    await open_form(house, booking_id, "s1")
    (row,) = await house.rows(select(PaymentRow).where(PaymentRow.status == "PENDING"))
    return row


async def pays(house, pending):
    """The payer gives a card, and what comes of that comes to rest."""
    submit(house, pending)
    await deliver(house)
    await house.quiet()


async def statuses(house):
    """What became of each payment."""
    return await house.rows(select(PaymentRow.status).order_by(PaymentRow.id))


async def test_a_card_that_comes_after_the_refund_is_let_go(house):
    booking = await on_deposit(house)
    pending = await form(house, booking.id)
    quote = await quote_refund(house, booking.id)
    submit(house, pending)
    await refund(house, quote)
    await deliver(house)
    await house.quiet()
    assert (await house.booking(booking.id)).state == "REFUNDED"
    assert await statuses(house) == ["CAPTURED", "VOIDED"]
    await judge(house)


async def test_a_card_that_comes_before_the_refund_makes_its_quote_old(house):
    booking = await on_deposit(house)
    pending = await form(house, booking.id)
    quote = await quote_refund(house, booking.id)
    submit(house, pending)
    await deliver(house)
    assert isinstance((await refund(house, quote)).refusal, QuoteExpired)
    await refund(house, await quote_refund(house, booking.id, "q2"), "f2")
    money = await shown(house, booking.id)
    assert (money.paid.minor, money.due.minor) == (booking.total_minor // 10, 0)
    await judge(house)


async def test_a_card_for_the_rest_takes_no_more_than_what_was_exchanged_for_less_costs(house):
    booking = await on_deposit(house)
    pending = await form(house, booking.id)
    await exchange(house, await quoted(house, booking.id, CHEAPER), OnAccount())
    await pays(house, pending)
    after, money = await house.booking(booking.id), await shown(house, booking.id)
    assert (after.state, money.due.minor) == ("TICKETED", 0)
    await judge(house)


async def test_a_card_for_the_rest_leaves_due_what_was_exchanged_for_more_costs(house):
    booking = await on_deposit(house)
    pending = await form(house, booking.id)
    (quote,) = await quotes(house, await ask(house, booking.id, option(LONGER, OPEN)))
    await exchange(house, quote, OnAccount())
    await pays(house, pending)
    after, money = await house.booking(booking.id), await shown(house, booking.id)
    assert (after.state, money.due) == ("CONFIRMED", exchange_facts(quote).difference)
    assert after.balance_due_at == booking.balance_due_at
    await judge(house)


async def test_a_card_for_the_rest_of_two_takes_just_that_of_the_one_that_is_left(house):
    tours = await stay(house, OPEN), await stay(house, CHEAPER)
    booking = await house.booking((await house.reserve("r1", *tours)).booking_id)
    await house.pay(booking.id, "deposit", amount=Money(booking.deposit_minor, "GBP"))
    pending = await form(house, booking.id)
    first, _ = await house.items(booking.id)
    await refund(house, await quote_refund(house, booking.id, items=(first.id,)))
    await pays(house, pending)
    assert [item.state for item in await house.items(booking.id)] == ["REFUNDED", "TICKETED"]
    assert (await shown(house, booking.id)).due.minor == 0
    await judge(house)
