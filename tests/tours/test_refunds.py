"""Tours refunded by their operator's scale, whose days begin where the tour departs; by the operator's ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.aftersales import RuleGround
from app.domain.booking import PaymentState
from app.domain.money import Money
from app.domain.refusals import NotRefundable, QuoteExpired
from app.domain.tours import day_begins
from app.store.tables import OperationState, TicketRow
from carriers.sandbox.exchange import encode
from tests.aftersales.selling import quote_refund, refund, refund_facts, shown
from tests.booking.house import House
from tests.booking.judge import judge
from tests.booking.scenes import guaranteed
from tests.tours.changing import CHEAPER, on_deposit, paid
from tests.tours.selling import OPEN, TWIN, statuses, stay

ZONE = "Australia/Darwin"
SHORTLY = timedelta(minutes=2)


def to(house, days, *, less=timedelta()):
    """Move time to where the day so many days before the departure begins there."""
    house.clock.advance(day_begins(OPEN, ZONE, before=days) - less - house.clock.now())


def cancellations(house):
    """What the operator keeps of each booking that was cancelled, in percent."""
    found = [booking["cancellation"] for booking in house.tours.ledger()["bookings"]]
    return [each["percent_kept"] for each in found if each]


# Days before the departure, just before or as the day begins there, and what is kept from then on.
@pytest.mark.parametrize(
    ("days", "less", "percent"),
    [(59, SHORTLY, 10), (59, timedelta(), 30), (29, SHORTLY, 30), (29, timedelta(), 60), (7, SHORTLY, 60)],
)
async def test_the_scale_says_what_is_kept(house, days, less, percent):
    booking = await paid(house)
    to(house, days, less=less)
    quote = await quote_refund(house, booking.id)
    kept = round(booking.total_minor * percent / 100)
    (part,) = (facts := refund_facts(quote)).parts
    assert (facts.paid.minor, facts.fee.minor, facts.back.minor) == (
        booking.total_minor,
        kept,
        booking.total_minor - kept,
    )
    assert (part.rule.ground, part.rule.fee) == (RuleGround.CANCELLATION_SCALE, facts.fee)
    assert (await refund(house, quote)).state == OperationState.DONE
    after, money = await house.booking(booking.id), await shown(house, booking.id)
    assert (after.state, after.kept_minor, money.state) == ("REFUNDED", kept, PaymentState.PARTLY_REFUNDED)
    assert cancellations(house) == [percent]
    await judge(house)


async def test_once_the_whole_is_kept_the_place_can_be_given_up_for_others(house):
    booking = await paid(house)
    to(house, 7)
    quote = await quote_refund(house, booking.id)
    facts = refund_facts(quote)
    assert (quote.state, facts.fee.minor, facts.back.minor, facts.sources) == ("READY", booking.total_minor, 0, ())
    assert (await refund(house, quote)).state == OperationState.DONE
    after, money = await house.booking(booking.id), await shown(house, booking.id)
    assert (after.state, after.kept_minor) == ("REFUNDED", booking.total_minor)
    assert (money.state, money.refunded.minor, money.due.minor) == (PaymentState.PAID, 0, 0)
    assert [ticket.status for ticket in await house.rows(select(TicketRow))] == ["REFUNDED"]
    assert (statuses(house), cancellations(house)) == (["CANCELLED"], [100])
    await judge(house)


async def test_what_has_departed_cannot_be_given_up_any_more(house):
    booking = await paid(house)
    to(house, 0)
    quote = await quote_refund(house, booking.id)
    assert (quote.state, refund_facts(quote).back.minor) == ("REFUSED", 0)
    assert isinstance((await refund(house, quote)).refusal, NotRefundable)
    assert statuses(house) == ["CONFIRMED"]
    await judge(house)


async def test_a_quote_ends_as_the_next_step_begins(house):
    booking = await paid(house)
    to(house, 59, less=timedelta(minutes=10))
    quote = await quote_refund(house, booking.id)
    deadline = refund_facts(quote).parts[0].rule.deadline
    assert deadline == day_begins(OPEN, ZONE, before=59)
    # What is sent before it must have its effect before it, too.
    assert deadline - timedelta(minutes=1) <= quote.expires_at <= deadline
    house.clock.advance(quote.expires_at - house.clock.now())
    assert isinstance((await refund(house, quote)).refusal, QuoteExpired)
    assert (await house.booking(booking.id)).state == "TICKETED"
    assert statuses(house) == ["CONFIRMED"]


async def test_vouchers_end_refunded_each_with_its_part(house):
    booking = await paid(house, OPEN, TWIN)
    quote = await quote_refund(house, booking.id)
    (part,) = refund_facts(quote).parts
    assert [share.fee.minor for share in part.shares] == [booking.total_minor // 20] * 2
    assert {share.traveller for share in part.shares} == set(part.travellers)
    await refund(house, quote)
    assert [ticket.status for ticket in await house.rows(select(TicketRow))] == ["REFUNDED"] * 2
    await judge(house)


async def test_of_a_deposit_nothing_comes_back_where_the_fee_exceeds_it(house):
    booking = await on_deposit(house)
    quote = await quote_refund(house, booking.id)
    (part,) = (facts := refund_facts(quote)).parts
    assert (facts.paid.minor, facts.fee.minor, facts.back.minor) == (15000, 15000, 0)
    assert (part.rule.fee.minor, part.unpaid.minor) == (18650, booking.total_minor - 15000)
    assert (await refund(house, quote)).state == OperationState.DONE
    after, money = await house.booking(booking.id), await shown(house, booking.id)
    assert (after.state, after.kept_minor, after.balance_due_at) == ("REFUNDED", 15000, None)
    assert (money.state, money.due.minor) == (PaymentState.PAID, 0)
    assert statuses(house) == ["CANCELLED"]
    await judge(house)


async def test_of_a_deposit_that_exceeds_the_fee_the_rest_comes_back(house):
    booking = await on_deposit(house, OPEN, TWIN)
    quote = await quote_refund(house, booking.id)
    facts = refund_facts(quote)
    assert (facts.paid.minor, facts.fee.minor, facts.back.minor) == (30000, 29200, 800)
    await refund(house, quote)
    money = await shown(house, booking.id)
    assert (money.state, money.refunded.minor, money.due.minor) == (PaymentState.PARTLY_REFUNDED, 800, 0)
    await judge(house)


async def test_a_quote_ends_as_more_is_paid_than_it_counted(house):
    booking = await on_deposit(house)
    quote = await quote_refund(house, booking.id)
    assert (await house.pay(booking.id, "more", amount=Money(10000, "GBP"))).refusal is None
    assert isinstance((await refund(house, quote)).refusal, QuoteExpired)
    anew = await quote_refund(house, booking.id, "q2")
    facts = refund_facts(anew)
    assert (facts.paid.minor, facts.fee.minor, facts.back.minor) == (25000, 18650, 6350)
    assert (await refund(house, anew, "f2")).state == OperationState.DONE
    await judge(house)


async def test_what_is_refunded_on_a_deposit_is_warned_of_no_more(house):
    booking = await on_deposit(house)
    await refund(house, await quote_refund(house, booking.id))
    to(house, 59)
    await house.quiet()
    told = await house.timeline(booking.id)
    assert "BALANCE_DUE_SOON" not in told
    assert "BALANCE_UNPAID" not in told
    await judge(house)


@pytest.fixture
async def airlines():
    """A house whose airlines ask for no deposits."""
    return await House().open()


async def test_a_flight_in_the_same_booking_stays_and_is_paid(airlines):
    house = airlines
    outcome = await house.reserve("r1", await stay(house), await guaranteed(house))
    booking = await house.booking(outcome.booking_id)
    await house.pay(booking.id, amount=Money(booking.deposit_minor, booking.currency))
    tour, _ = await house.items(booking.id)
    quote = await quote_refund(house, booking.id, items=(tour.id,))
    assert (refund_facts(quote).paid.minor, refund_facts(quote).back.minor) == (15000, 0)
    await refund(house, quote)
    assert [item.state for item in await house.items(booking.id)] == ["REFUNDED", "TICKETED"]
    assert (await shown(house, booking.id)).due.minor == 0
    await judge(house)


async def test_a_cancellation_whose_answer_is_lost_is_known_again(house):
    booking = await paid(house)
    quote = await quote_refund(house, booking.id)
    house.fault("bookings.cancel", "lost_reply")
    await refund(house, quote)
    await house.settle_operations()
    assert (await house.booking(booking.id)).state == "REFUNDED"
    await judge(house)


async def test_what_was_paid_pays_the_tour_first_that_is_due_first(airlines):
    house = airlines
    outcome = await house.reserve("r1", await stay(house, OPEN), await stay(house, CHEAPER))
    booking = await house.booking(outcome.booking_id)
    await house.pay(booking.id, "p1", amount=Money(booking.deposit_minor, "GBP"))
    first, second = await house.items(booking.id)
    await house.pay(booking.id, "p2", amount=Money(186500 - 15000, "GBP"))
    parts = {part.item: part for part in refund_facts(await quote_refund(house, booking.id)).parts}
    assert (parts[first.id].paid.minor, parts[first.id].unpaid.minor) == (186500, 0)
    assert (parts[second.id].paid.minor, parts[second.id].unpaid.minor) == (15000, 165000 - 15000)
    await refund(house, await quote_refund(house, booking.id, "q2", items=(second.id,)))
    after = await shown(house, booking.id)
    assert (after.state, after.due.minor) == (PaymentState.PAID, 0)
    assert [item.state for item in await house.items(booking.id)] == ["TICKETED", "REFUNDED"]
    await judge(house)


def withdraw(house):
    """Let the operator sell nothing any more, and a process start that never knew what it sold."""
    handle = house.tours.handle

    def handled(asked):
        reply = handle(asked)
        if asked.path.endswith("/products/"):
            return replace(reply, body=b"[]")
        if "/products/" in asked.path:
            return replace(reply, status=400, body=encode({"error": "INVALID_PRODUCT_ID", "errorMessage": ""}))
        return reply

    house.tours.handle = handled
    house.compose()


async def test_what_the_operator_sells_no_more_is_refunded_all_the_same(house):
    booking = await paid(house)
    withdraw(house)
    quote = await quote_refund(house, booking.id)
    assert refund_facts(quote).fee.minor == booking.total_minor // 10
    assert (await refund(house, quote)).state == OperationState.DONE
    assert ((await house.booking(booking.id)).state, cancellations(house)) == ("REFUNDED", [10])
    await judge(house)


async def test_a_rest_that_is_not_paid_ends_what_the_operator_sells_no_more(house):
    booking = await on_deposit(house)
    await house.pay(booking.id, "more", amount=Money(100000, "GBP"))
    withdraw(house)
    house.clock.advance(booking.balance_due_at - house.clock.now())
    await house.quiet()
    assert ((await house.booking(booking.id)).kept_minor, statuses(house)) == (186500 // 10, ["CANCELLED"])
    await judge(house)
