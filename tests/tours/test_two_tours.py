"""Two tours in one booking: each has its deposit, and its own day by which the rest is due."""

from datetime import timedelta

import pytest

from app.domain.money import Money
from app.domain.tours import day_begins
from carriers.sandbox.exchange import Reply, encode
from tests.aftersales.selling import quote_refund, refund, refund_facts, shown
from tests.booking.house import House
from tests.booking.judge import judge
from tests.tours.changing import WEEK_LATER
from tests.tours.selling import OPEN, stay

DEPOSIT = Money.of("150", "GBP")


@pytest.fixture
async def house():
    """The gateway below GraphQL over an airline's and a tour operator's world, with its partners let in."""
    return await House().open()


@pytest.fixture
async def booking_id(house):
    """A tour and one a week later, both confirmed by their deposits."""
    tours = await stay(house, OPEN), await stay(house, WEEK_LATER)
    booking = await house.booking((await house.reserve("r1", *tours)).booking_id)
    await house.pay(booking.id, "deposit", amount=Money(booking.deposit_minor, "GBP"))
    return booking.id


async def until_due(house, booking_id):
    """Move time to when something is due next, and let come what is due then."""
    await house.later((await house.booking(booking_id)).balance_due_at - house.clock.now())


def lets_one_stand(house, order):
    """Let the operator refuse to cancel this booking."""
    handle = house.tours.handle
    no = Reply(400, {}, encode({"error": "UNPROCESSABLE_ENTITY", "errorMessage": "not now"}))
    house.tours.handle = lambda asked: no if asked.path.endswith(f"{order}/cancel") else handle(asked)
    return handle


async def states(house, booking_id):
    return [item.state for item in await house.items(booking_id)]


async def test_one_that_the_operator_does_not_cancel_hides_no_other_that_is_due(house, booking_id):
    first, _ = await house.items(booking_id)
    handle = lets_one_stand(house, first.order_ref)
    await until_due(house, booking_id)
    await house.later(WEEK_LATER - OPEN)
    assert await states(house, booking_id) == ["CONFIRMED", "CANCELLED"]
    house.tours.handle = handle
    await house.later(timedelta(hours=2))
    assert await states(house, booking_id) == ["CANCELLED", "CANCELLED"]
    # Both deposits are forfeit, and nothing else was paid.
    assert [item.kept_minor for item in await house.items(booking_id)] == [DEPOSIT.minor, DEPOSIT.minor]
    await judge(house)


@pytest.fixture
async def first_paid(house, booking_id):
    """The first of them is paid in full."""
    first, _ = await house.items(booking_id)
    await house.pay(booking_id, "first", amount=Money(first.price["base"]["minor"], "GBP") - DEPOSIT)
    await house.quiet()
    return booking_id


async def test_what_one_gives_back_pays_the_rest_of_the_other_and_the_quote_says_so(house, first_paid):
    quote = await quote_refund(house, first_paid, items=((await house.items(first_paid))[0].id,))
    facts = refund_facts(quote)
    due = (await shown(house, first_paid)).due
    assert facts.back > Money.zero("GBP")
    assert (facts.set_off, facts.sources) == (facts.back, ())
    await refund(house, quote)
    assert (await shown(house, first_paid)).due == due - facts.back
    await judge(house)


async def test_what_is_paid_has_its_vouchers_though_the_other_is_not_paid(house, first_paid):
    assert await states(house, first_paid) == ["TICKETED", "CONFIRMED"]
    await house.pay(first_paid, "rest")
    await house.quiet()
    assert await states(house, first_paid) == ["TICKETED", "TICKETED"]
    await judge(house)


async def test_what_is_paid_stays_as_the_other_is_not_paid(house, first_paid):
    assert (await house.booking(first_paid)).balance_due_at == day_begins(WEEK_LATER, "Australia/Darwin", before=60)
    await until_due(house, first_paid)
    assert await states(house, first_paid) == ["TICKETED", "CANCELLED"]
    await house.quiet()
    assert (await shown(house, first_paid)).due.minor == 0
    await judge(house)
