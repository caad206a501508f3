"""After an exchange on a deposit just what was paid of it counts as its deposit: no more is missed, no less is kept."""

from dataclasses import replace

import pytest

from app.aftersales.paid_changes import ByCard, OnAccount
from app.aftersales.quote_exchange import ItemExchange, QuoteExchangeWish, take_quote_exchange
from app.domain.money import Money
from app.domain.partner import FeeKind, FeeRule
from app.domain.tours import day_begins
from tests.aftersales.selling import exchange, exchange_facts, quotes, shown
from tests.booking.card_scenes import give_cards
from tests.booking.house import PARTNER, House, viewer
from tests.booking.judge import judge
from tests.booking.paying import deliver
from tests.payments.worlds import listen
from tests.tours.changing import CHEAPER, LONGER, WEEK_LATER, on_deposit, option, quoted
from tests.tours.selling import OPEN, SINGLE, UK, key, stay

DESK = FeeRule(name="Desk", kind=FeeKind.FIXED, amount=Money.of("1000", "GBP"))


@pytest.fixture
async def house():
    """The gateway below GraphQL over an airline's and a tour operator's world, with its partners let in."""
    return await House().open()


async def two_tours(house):
    """One whose rest is due early, and a dearer one; the deposits of both are paid, with a high fee in them."""
    partner = replace(PARTNER, fees=(DESK,))
    await house.terms(partner)
    wanted = option(LONGER, WEEK_LATER)
    dearer = house.operator.offer((await house.operator.availability(UK, [wanted]))[wanted], (SINGLE,))
    tokens = [house.token(offer, partner) for offer in (await stay(house, OPEN), dearer)]
    booking = await house.booking((await house.reserve_tokens("r1", *tokens)).booking_id)
    await house.pay(booking.id, "deposit", amount=Money(booking.deposit_minor, "GBP"))
    return booking.id


async def test_what_was_exchanged_for_something_cheaper_takes_nothing_from_the_rest_of_the_booking(house):
    booking_id = await two_tours(house)
    _, late = await house.items(booking_id)
    wish = QuoteExchangeWish(booking_id=booking_id, items=(ItemExchange(item=late.id, departure=key(CHEAPER)),))
    (quote,) = await quotes(house, await house.settled(await take_quote_exchange(house.desk, viewer(), "x1", wish)))
    await exchange(house, quote, OnAccount())
    left, later = (await shown(house, booking_id)).due, exchange_facts(quote).rest
    await house.pay(booking_id, "rest", amount=left - later)
    due_at = day_begins(CHEAPER, "Australia/Darwin", before=60)
    assert (await house.booking(booking_id)).balance_due_at == due_at
    await house.later(day_begins(OPEN, "Australia/Darwin", before=60) - house.clock.now())
    assert {item.state for item in await house.items(booking_id)} == {"TICKETED", "CONFIRMED", "EXCHANGED"}
    await judge(house)


async def test_the_rest_is_due_by_the_new_day_though_the_fee_could_not_be_taken(house):
    listen(house.bank)
    booking = await on_deposit(house, CHEAPER)
    await exchange(house, await quoted(house, booking.id, OPEN), ByCard())
    await give_cards(house, "approved", "capture_refused")
    await deliver(house)
    await house.settle_operations()
    assert [item.state for item in await house.items(booking.id)] == ["EXCHANGED", "CONFIRMED"]
    assert (await house.booking(booking.id)).balance_due_at == day_begins(OPEN, "Australia/Darwin", before=60)


async def test_what_counts_as_the_deposit_is_what_was_paid_of_it_and_the_fee(house):
    booking = await on_deposit(house)
    for number, day in enumerate((CHEAPER, OPEN)):
        quote = await quoted(house, booking.id, day, f"x{number}")
        await exchange(house, quote, OnAccount(), f"e{number}")
    facts, paid = exchange_facts(quote), (await shown(house, booking.id)).paid
    assert facts.price.deposit == paid == Money(booking.deposit_minor, "GBP") + facts.fee + facts.fee
    assert facts.rest == facts.price.total - paid
