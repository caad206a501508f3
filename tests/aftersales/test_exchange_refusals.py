"""Exchanges that are refused, and say why; and holds that are exchanged, or stay what they were."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.aftersales.exchange_journeys import NewJourney
from app.aftersales.paid_changes import ByCard, ChangeWish, OnAccount, take_exchange
from app.aftersales.quote_exchange import ItemExchange, QuoteExchangeWish, take_quote_exchange
from app.domain.aftersales import RuleGround
from app.domain.money import Money
from app.domain.refusals import InvalidInput, NotFound, QuoteUsed
from app.store.tables import OperationState
from tests.aftersales.scenes import sold
from tests.aftersales.selling import LATER_DAY, asking_money, exchange, exchange_facts, quote_exchange, why
from tests.booking.house import OTHER, PARTNER, viewer
from tests.booking.judge import judge
from tests.booking.paying import deliver, open_form, payment_of, payments, submit
from tests.booking.scenes import BASIC, FLEX, guaranteed
from tests.payments.worlds import listen


async def asked(house, booking_id, *journeys, item=None, key="x1"):
    """The outcome of asking for exactly this."""
    row = (await house.items(booking_id))[0]
    wish = QuoteExchangeWish(booking_id=booking_id, items=(ItemExchange(item=item or row.id, journeys=journeys),))
    return await house.settled(await take_quote_exchange(house.desk, viewer(), key, wish))


async def first_journey(house, booking_id):
    return (await house.items(booking_id))[0].offer["journeys"][0]["ref"]


class TestTheQuote:
    async def test_does_not_hold_for_ever(self, house):
        booking_id = await sold(house)
        quote = await asking_money(house, booking_id)
        house.clock.advance(quote.expires_at - house.clock.now())
        assert why(await exchange(house, quote, OnAccount())) == "QUOTE_EXPIRED"
        await judge(house)

    async def test_leaves_too_little_time_for_a_card(self, house):
        quote = await asking_money(house, await sold(house))
        house.clock.advance(quote.expires_at - house.clock.now() - timedelta(seconds=30))
        assert why(await exchange(house, quote, ByCard())) == "QUOTE_EXPIRED"
        await judge(house)

    async def test_is_confirmed_once(self, house):
        quote = await asking_money(house, await sold(house))
        first = await exchange(house, quote, OnAccount())
        again = await exchange(house, quote, OnAccount(), "e2")
        assert isinstance(again.refusal, QuoteUsed)
        assert again.refusal.operation_id == first.operation_id
        assert await exchange(house, quote, OnAccount()) == first
        await judge(house)

    async def test_does_not_hold_once_another_was_confirmed(self, house):
        booking_id = await sold(house)
        one, other = (await quote_exchange(house, booking_id))[-2:]
        await exchange(house, one, OnAccount())
        assert why(await exchange(house, other, OnAccount(), "e2")) == "QUOTE_EXPIRED"
        await judge(house)

    async def test_is_the_partners_own(self, house):
        quote = await asking_money(house, await sold(house))
        with pytest.raises(NotFound):
            await take_exchange(house.desk, viewer(OTHER), "e1", ChangeWish(quote_id=quote.id))


class TestNothingToHave:
    async def test_for_a_fare_that_cannot_be_changed(self, house):
        booking_id = await sold(house, BASIC)
        refused = (
            await asked(house, booking_id, NewJourney(journey=await first_journey(house, booking_id), date=LATER_DAY))
        ).refusal
        assert (refused.code, refused.rule.ground) == ("NOT_EXCHANGEABLE", RuleGround.FARE_CONDITIONS)

    async def test_where_the_carrier_does_not_fly(self, house):
        booking_id = await sold(house, FLEX)
        ref = await first_journey(house, booking_id)
        nowhere = NewJourney(journey=ref, date=LATER_DAY, origin="PVD", destination="RAI")
        assert (await asked(house, booking_id, nowhere)).refusal.rule.ground is RuleGround.NO_ALTERNATIVE

    async def test_once_it_has_departed(self, house):
        booking_id = await sold(house, FLEX)
        house.clock.advance((await house.booking(booking_id)).departs_at - house.clock.now())
        ref = await first_journey(house, booking_id)
        refused = (await asked(house, booking_id, NewJourney(journey=ref, date=LATER_DAY))).refusal
        assert refused.rule.ground is RuleGround.DEPARTED

    async def test_once_it_was_cancelled(self, house):
        booking_id = (await house.reserve("r1", await guaranteed(house))).booking_id
        await house.cancel(booking_id)
        ref = await first_journey(house, booking_id)
        refused = (await asked(house, booking_id, NewJourney(journey=ref, date=LATER_DAY))).refusal
        assert refused.rule.ground is RuleGround.ENDED

    async def test_in_the_past(self, house):
        booking_id = await sold(house, FLEX)
        past = NewJourney(journey=await first_journey(house, booking_id), date=date(2026, 2, 1))
        with pytest.raises(InvalidInput) as wrong:
            await asked(house, booking_id, past)
        assert wrong.value.path == ("input", "items", "0", "journeys", "0", "date")

    async def test_for_what_the_booking_has_not(self, house):
        booking_id = await sold(house, FLEX)
        with pytest.raises(NotFound) as unknown:
            await asked(house, booking_id, NewJourney(journey="sli_x", date=LATER_DAY))
        assert unknown.value.path == ("input", "items", "0", "journeys", "0", "journey")
        with pytest.raises(NotFound) as unknown:
            await asked(house, booking_id, NewJourney(journey="sli_x", date=LATER_DAY), item="it_x")
        assert unknown.value.path == ("input", "items", "0", "item")


class TestAHold:
    @pytest.fixture
    async def held(self, house):
        """A hold, and the dearest of what could be held instead."""
        listen(house.bank)
        booking_id = (await house.reserve("r1", await guaranteed(house))).booking_id
        return booking_id, (await quote_exchange(house, booking_id))[-1]

    async def test_stays_where_the_new_one_is_sold_out(self, house, held):
        booking_id, quote = held
        before = await house.booking(booking_id)
        house.fault("orders.create", "sold_out")
        assert why(await exchange(house, quote)) == "SOLD_OUT"
        after = await house.booking(booking_id)
        assert (after.state, after.total_minor, after.pay_by) == ("HELD", before.total_minor, before.pay_by)
        assert [order["state"] for order in house.orders()] == ["held"]
        await judge(house)
        assert (await house.pay(booking_id)).state == OperationState.DONE
        await judge(house)

    async def test_stays_where_the_new_one_costs_more_than_was_quoted(self, house, held):
        booking_id, quote = held
        house.fault("offers.get", "price_changed")
        assert why(await exchange(house, quote)) == "QUOTE_EXPIRED"
        assert (await house.booking(booking_id)).state == "HELD"
        assert [order["state"] for order in house.orders()] == ["held"]
        await judge(house)

    async def test_is_given_back_once_the_new_one_is_held(self, house, held):
        booking_id, quote = held
        assert (await exchange(house, quote)).state == OperationState.DONE
        assert [order["state"] for order in house.orders()] == ["cancelled", "held"]
        assert [item.state for item in await house.items(booking_id)] == ["EXCHANGED", "HELD"]
        assert (await house.booking(booking_id)).total_minor == exchange_facts(quote).price.total.minor
        await judge(house)

    async def test_takes_the_forms_that_asked_its_price_along(self, house, held):
        booking_id, quote = held
        form = await payment_of(house, await open_form(house, booking_id))
        await exchange(house, quote)
        assert [row.status for row in await payments(house) if row.id == form.id] == ["EXPIRED"]
        await house.pay(booking_id)
        await judge(house)

    async def test_whose_form_was_just_paid_goes_on_with_that_money(self, house, held):
        booking_id, quote = held
        form = await payment_of(house, await open_form(house, booking_id))
        submit(house, form)
        await exchange(house, quote)
        await deliver(house)
        await house.settle_operations()
        booking, due = await house.booking(booking_id), exchange_facts(quote).balance
        assert booking.total_minor == form.amount_minor + due.minor
        await judge(house)
        await house.pay(booking_id)
        assert (await house.booking(booking_id)).state == "TICKETED"
        await judge(house)

    async def test_keeps_a_part_that_was_paid_of_it(self, house, held):
        booking_id, _ = held
        await house.pay(booking_id, amount=Money.of("20.00", "GBP"))
        quote = (await quote_exchange(house, booking_id, key="x2"))[0]
        assert (await exchange(house, quote)).state == OperationState.DONE
        await judge(house)
        await house.pay(booking_id, "p2")
        booking = await house.booking(booking_id)
        assert (booking.state, booking.total_minor) == ("TICKETED", exchange_facts(quote).price.total.minor)
        await judge(house)

    async def test_that_the_carrier_does_not_release_is_left_to_a_person(self, house, held):
        booking_id, quote = held
        house.declines("/actions/confirm", "unsupported_action")
        outcome = await exchange(house, quote)
        assert outcome.refusal is not None
        old, new = await house.items(booking_id)
        assert (old.state, new.state, old.stuck is not None) == ("HELD", "HELD", True)

    async def test_must_be_paid_within_the_limit_that_was_agreed(self, house):
        hasty = viewer(replace(PARTNER, payment_limit=timedelta(hours=1)))
        booking_id = (await house.reserve("r1", await guaranteed(house), viewer=hasty)).booking_id
        before = (await house.booking(booking_id)).pay_by
        house.clock.advance(timedelta(minutes=10))
        quote = (await quote_exchange(house, booking_id))[0]
        wish = ChangeWish(quote_id=quote.id)
        await house.settled(await take_exchange(house.desk, hasty, "e1", wish))
        assert (await house.booking(booking_id)).pay_by == before
        await judge(house)
