"""Tours exchanged for another departure: held, on a deposit, or paid in full; judged by the operator's ledger."""

from datetime import UTC, date, timedelta

import pytest
from sqlmodel import func, select

from app.aftersales.paid_changes import OnAccount
from app.domain import codec
from app.domain.booking import PaymentState
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.refusals import InvalidInput, NotExchangeable, QuoteExpired
from app.domain.tours import day_begins
from app.store.aftersales_tables import DiscrepancyRow
from app.store.tables import EntryRow, EventRow, OperationState, PaymentRow, TicketRow
from tests.aftersales.selling import exchange, exchange_facts, quote_refund, quotes, refund, refund_facts, shown
from tests.booking.judge import judge
from tests.tours.changing import (
    CHEAPER,
    LONGER,
    SOONER,
    WEEK_LATER,
    ask,
    held,
    live_item,
    on_deposit,
    option,
    paid,
    quoted,
)
from tests.tours.selling import ASKED, CLOSED, OPEN, TWIN, key, statuses

FEE = 4000


def departure(house):
    """The days of the operator's live bookings, and what each costs there."""
    live = [each for each in house.tours.ledger()["bookings"] if each["status"] in {"CONFIRMED", "ON_HOLD"}]
    return [(each["date"], each["option"], each["amount"], each["fees"]) for each in live]


async def costs(house):
    """What the books say that the carriers are owed."""
    (minor,) = await house.rows(select(func.sum(EntryRow.amount_minor)).where(EntryRow.account == "CARRIER"))
    return -minor


async def told_pending(house):
    """What was told of tickets that wait, oldest first."""
    return [event.facts for event in await house.rows(select(EventRow)) if event.kind == "TICKETS_PENDING"]


def offered(item):
    return codec.load(CarrierOffer, item.offer)


class TestPaidInFull:
    async def test_costs_the_fee_where_the_price_is_the_same(self, house):
        booking = await paid(house)
        quote = await quoted(house, booking.id)
        facts = exchange_facts(quote)
        assert (facts.difference.minor, facts.fee.minor, facts.balance.minor, facts.rest) == (0, FEE, FEE, None)
        assert (facts.replaced.key, facts.stay.key) == (key(OPEN), key(WEEK_LATER))
        assert facts.stay.rooms == facts.replaced.rooms
        assert (await exchange(house, quote, OnAccount())).state == OperationState.DONE
        after, item = await house.booking(booking.id), await live_item(house, booking.id)
        assert (after.state, after.total_minor) == ("TICKETED", booking.total_minor + FEE)
        assert (offered(item).stay.key, offered(item).total.minor) == (key(WEEK_LATER), booking.total_minor)
        assert after.departs_at == day_begins(WEEK_LATER, "Australia/Darwin")
        assert departure(house) == [("2026-06-08", "classic", "1865.00", "40.00")]
        assert await costs(house) == booking.total_minor + FEE
        await judge(house)

    async def test_vouchers_are_exchanged_for_new_ones(self, house):
        booking = await paid(house, OPEN, TWIN)
        await exchange(house, await quoted(house, booking.id), OnAccount())
        tickets = await house.rows(select(TicketRow).order_by(TicketRow.id))
        assert [ticket.status for ticket in tickets] == ["EXCHANGED"] * 2 + ["VALID"] * 2
        assert [ticket.replaces for ticket in tickets[2:]] == [ticket.id for ticket in tickets[:2]]
        await judge(house)

    async def test_gives_back_what_another_season_costs_less(self, house):
        booking = await paid(house)
        quote = await quoted(house, booking.id, CHEAPER)
        assert exchange_facts(quote).balance.minor == -21500 + FEE
        await exchange(house, quote)
        money = await shown(house, booking.id)
        assert (money.state, money.refunded.minor, money.due.minor) == (PaymentState.PARTLY_REFUNDED, 21500 - FEE, 0)
        await judge(house)

    async def test_another_option_of_the_tour_can_be_had(self, house):
        booking = await paid(house)
        (row,) = await quotes(house, await ask(house, booking.id, option(LONGER, OPEN)))
        facts = exchange_facts(row)
        assert (facts.stay.key.option, facts.difference.minor) == (LONGER, 329500 - 186500)
        await exchange(house, row, OnAccount())
        assert departure(house) == [("2026-06-01", LONGER, "3295.00", "40.00")]
        await judge(house)

    async def test_what_was_exchanged_is_refunded_by_the_scale_of_its_new_day(self, house):
        booking = await paid(house)
        await exchange(house, await quoted(house, booking.id), OnAccount())
        house.clock.advance(day_begins(WEEK_LATER, "Australia/Darwin", before=59) - house.clock.now())
        quote = await quote_refund(house, booking.id)
        assert refund_facts(quote).fee.minor == round(booking.total_minor * 0.3) + FEE
        await refund(house, quote)
        assert (await house.booking(booking.id)).state == "REFUNDED"
        await judge(house)

    async def test_twice_asks_the_fee_twice(self, house):
        booking = await paid(house)
        await exchange(house, await quoted(house, booking.id), OnAccount())
        await exchange(house, await quoted(house, booking.id, OPEN, "x2"), OnAccount(), "e2")
        assert (await house.booking(booking.id)).total_minor == booking.total_minor + 2 * FEE
        assert departure(house) == [("2026-06-01", "classic", "1865.00", "80.00")]


class TestOnADeposit:
    async def test_only_the_fee_is_due_and_the_rest_by_the_new_day(self, house):
        booking = await on_deposit(house)
        quote = await quoted(house, booking.id, CHEAPER)
        facts, due_at = exchange_facts(quote), day_begins(CHEAPER, "Australia/Darwin", before=60)
        assert (facts.balance.minor, facts.difference.minor, facts.rest_due_at) == (FEE, -21500, due_at)
        assert facts.rest.minor == booking.total_minor - 21500 - booking.deposit_minor
        assert (await exchange(house, quote, OnAccount())).state == OperationState.DONE
        after, money = await house.booking(booking.id), await shown(house, booking.id)
        assert (after.state, after.balance_due_at) == ("CONFIRMED", due_at)
        assert (money.state, money.paid.minor) == (PaymentState.PART_PAID, booking.deposit_minor + FEE)
        assert money.due == facts.rest
        assert [told["balanceDueAt"] for told in await told_pending(house)] == [
            codec.dump(limit) for limit in (booking.balance_due_at, due_at.astimezone(UTC))
        ]
        assert await house.rows(select(TicketRow)) == []
        await house.pay(booking.id, "p2")
        await house.later(timedelta(minutes=1))
        assert ((await house.booking(booking.id)).state, (await shown(house, booking.id)).due.minor) == ("TICKETED", 0)
        await judge(house)

    async def test_everything_is_due_where_the_new_days_rest_is(self, house):
        booking = await on_deposit(house)
        quote = await quoted(house, booking.id, SOONER)
        facts = exchange_facts(quote)
        assert (facts.balance.minor, facts.rest) == (booking.total_minor + FEE - booking.deposit_minor, None)
        await exchange(house, quote, OnAccount())
        after, money = await house.booking(booking.id), await shown(house, booking.id)
        assert (after.state, after.balance_due_at) == ("TICKETED", None)
        assert (money.state, money.due.minor) == (PaymentState.PAID, 0)
        await judge(house)

    async def test_its_refund_keeps_no_more_than_deposit_and_fee(self, house):
        booking = await on_deposit(house)
        await exchange(house, await quoted(house, booking.id), OnAccount())
        quote = await quote_refund(house, booking.id)
        facts = refund_facts(quote)
        assert (facts.paid.minor, facts.back.minor) == (booking.deposit_minor + FEE, 0)
        await refund(house, quote)
        money = await shown(house, booking.id)
        assert (money.state, money.due.minor) == (PaymentState.PAID, 0)
        await judge(house)


class TestOnlyHeld:
    async def test_is_reserved_anew_and_given_back(self, house):
        booking = await held(house)
        quote = await quoted(house, booking.id, CHEAPER)
        facts = exchange_facts(quote)
        assert (facts.balance.minor, facts.fee.minor) == (-21500, 0)
        assert (facts.replaced.key, facts.stay.key) == (key(OPEN), key(CHEAPER))
        assert (await exchange(house, quote)).state == OperationState.DONE
        after = await house.booking(booking.id)
        assert (after.state, after.total_minor) == ("HELD", booking.total_minor - 21500)
        assert after.balance_due_at == day_begins(CHEAPER, "Australia/Darwin", before=60)
        assert departure(house) == [("2026-10-05", "classic", "1650.00", "0.00")]
        assert sorted(statuses(house)) == ["CANCELLED", "ON_HOLD"]
        await judge(house)

    async def test_a_deposit_is_asked_for_no_more_where_the_rest_is_due(self, house):
        booking = await held(house)
        await exchange(house, await quoted(house, booking.id, SOONER))
        after = await house.booking(booking.id)
        assert (after.deposit_minor, after.balance_due_at) == (None, None)
        await house.pay(booking.id)
        assert (await house.booking(booking.id)).state == "TICKETED"
        await judge(house)

    async def test_what_is_not_taken_back_is_shown_once_until_all_has_ended(self, house):
        booking = await held(house)
        quote = await quoted(house, booking.id, CHEAPER)
        house.fault("bookings.cancel", "refused")
        assert (await exchange(house, quote)).refusal is not None
        both = await house.booking(booking.id)
        assert (both.state, both.total_minor, both.deposit_minor) == ("HELD", booking.total_minor, 15000)
        await house.later(timedelta(days=4))
        await house.quiet()
        ended = await house.booking(booking.id)
        assert [item.state for item in await house.items(booking.id)] == ["EXPIRED", "EXPIRED"]
        assert (ended.state, ended.total_minor) == ("EXPIRED", booking.total_minor)
        await judge(house)

    @pytest.mark.parametrize(("day", "code"), [(ASKED, "NOT_EXCHANGEABLE"), (CLOSED, "NOT_BOOKABLE")])
    async def test_what_cannot_be_reserved_leaves_it_as_it_was(self, house, day, code):
        booking = await held(house)
        outcome = await ask(house, booking.id, key(day))
        assert outcome.refusal.code == code
        assert outcome.refusal.path == ("input", "items", "0")
        assert departure(house) == [("2026-06-01", "classic", "1865.00", "0.00")]


class TestRefused:
    @pytest.mark.parametrize("day", [ASKED, CLOSED, date(2026, 6, 5)])
    async def test_where_the_other_day_is_not_to_be_had(self, house, day):
        booking = await paid(house)
        assert isinstance((await ask(house, booking.id, key(day))).refusal, NotExchangeable)

    async def test_once_the_operators_time_for_it_is_over(self, house):
        booking = await paid(house)
        house.clock.advance(day_begins(OPEN, "Australia/Darwin", before=60) - house.clock.now())
        assert isinstance((await ask(house, booking.id, key(WEEK_LATER))).refusal, NotExchangeable)

    async def test_for_another_tour(self, house):
        booking = await paid(house)
        with pytest.raises(InvalidInput) as refused:
            await ask(house, booking.id, key(OPEN))
        assert refused.value.path == ("input", "items", "0", "departure")

    async def test_a_quote_ends_when_the_operators_time_does(self, house):
        booking = await paid(house)
        until = day_begins(OPEN, "Australia/Darwin", before=60)
        house.clock.advance(until - house.clock.now() - timedelta(minutes=5))
        quote = await quoted(house, booking.id)
        assert quote.expires_at == until
        house.clock.advance(timedelta(minutes=5))
        assert isinstance((await exchange(house, quote, OnAccount())).refusal, QuoteExpired)
        assert departure(house)[0][0] == "2026-06-01"

    async def test_places_that_are_gone_leave_the_old_ones_and_take_no_money(self, house):
        booking = await paid(house)
        quote = await quoted(house, booking.id)
        house.fault("bookings.update", "sold_out")
        outcome = await exchange(house, quote, OnAccount())
        assert outcome.refusal.code == "SOLD_OUT"
        assert departure(house)[0][0] == "2026-06-01"
        rows = await house.rows(select(PaymentRow).order_by(PaymentRow.id))
        assert [row.status for row in rows] == ["CAPTURED", "VOIDED"]
        await judge(house)


class TestAtAnotherTotal:
    """An exchange that the operator makes at another total than it quoted."""

    @pytest.mark.parametrize("percent", [10, -10])
    async def test_the_customer_pays_what_was_agreed_and_the_difference_is_there_at_once(self, house, percent):
        booking = await paid(house)
        quote = await quoted(house, booking.id)
        house.fault("bookings.update", "price_changed", percent=percent)
        assert (await exchange(house, quote, OnAccount())).state == OperationState.DONE
        money = await shown(house, booking.id)
        assert (money.state, money.paid.minor, money.due.minor) == (PaymentState.PAID, booking.total_minor + FEE, 0)
        (found,) = await house.rows(select(DiscrepancyRow))
        item = await live_item(house, booking.id)
        assert (found.kind, found.state, found.ref, found.item_id) == ("ORDER_AMOUNT", "OPEN", item.order_ref, item.id)
        amounts = [codec.load(Money, found.facts[side]["total"]).minor for side in ("ours", "theirs")]
        assert amounts == [booking.total_minor, booking.total_minor * (100 + percent) // 100]
        assert "DISCREPANCY_FOUND" in await house.timeline(booking.id)
        assert await costs(house) == booking.total_minor + FEE
