"""Refunds that are refused, and say why: what was quoted holds exactly, for a while, and once."""

from datetime import timedelta

import pytest

from app.aftersales.paid_changes import ByCard, OnAccount
from app.aftersales.quote_refund import QuoteRefundWish, take_quote_refund
from app.aftersales.refund import RefundWish, take_refund
from app.domain.aftersales import RuleGround
from app.domain.refusals import BookingBusy, InvalidInput, NotFound, QuoteUsed
from app.store.tables import OperationState
from tests.aftersales.scenes import sold
from tests.aftersales.selling import as_it_is, asking_money, exchange, quote_refund, refund, refund_facts, why
from tests.booking.house import OTHER, viewer
from tests.booking.judge import judge
from tests.booking.paying import payment_of
from tests.booking.scenes import BASIC, FLEX, STANDARD, guaranteed


async def untouched(house, booking_id):
    """Nothing has happened to the booking, and nothing at the carrier."""
    assert (await house.booking(booking_id)).state == "TICKETED"
    assert {order["state"] for order in house.orders()} == {"paid"}
    assert house.world.ledger()["refunds"] == []
    await judge(house)


class TestTheQuote:
    async def test_does_not_hold_for_ever(self, house):
        booking_id = await sold(house)
        quote = await quote_refund(house, booking_id)
        house.clock.advance(quote.expires_at - house.clock.now())
        assert why(await refund(house, quote)) == "QUOTE_EXPIRED"
        await untouched(house, booking_id)

    async def test_is_confirmed_once(self, house):
        booking_id = await sold(house)
        quote = await quote_refund(house, booking_id)
        first = await refund(house, quote)
        again = await refund(house, quote, "f2")
        assert isinstance(again.refusal, QuoteUsed)
        assert again.refusal.operation_id == first.operation_id
        assert await refund(house, quote) == first
        assert len(house.world.ledger()["refunds"]) == 1
        await judge(house)

    async def test_does_not_hold_for_a_booking_that_has_changed(self, house):
        booking_id = await sold(house, STANDARD, FLEX)
        first, second = await house.items(booking_id)
        one = await quote_refund(house, booking_id, items=(first.id,))
        other = await quote_refund(house, booking_id, "q2", items=(second.id,))
        await refund(house, one)
        assert why(await refund(house, other, "f2")) == "QUOTE_EXPIRED"
        assert sorted(order["state"] for order in house.orders()) == ["cancelled", "paid"]
        await judge(house)

    async def test_is_the_partners_own(self, house):
        quote = await quote_refund(house, await sold(house))
        with pytest.raises(NotFound):
            await take_refund(house.desk, viewer(OTHER), "f1", RefundWish(quote_id=quote.id))

    async def test_is_for_what_it_says(self, house):
        booking_id = await sold(house)
        quote = await asking_money(house, booking_id)
        with pytest.raises(NotFound):
            await refund(house, quote)
        with pytest.raises(NotFound):
            await exchange(house, await quote_refund(house, booking_id), OnAccount())
        await untouched(house, booking_id)

    @pytest.mark.parametrize("wish", [{"items": ("it_x",)}, {"passengers": ("tr_x",)}, {"tickets": ("tk_x",)}])
    async def test_is_for_what_the_booking_has(self, house, wish):
        with pytest.raises(NotFound) as unknown:
            await quote_refund(house, await sold(house), **wish)
        assert unknown.value.path == ("input", next(iter(wish)), "0")

    async def test_is_for_one_kind_of_thing(self, house):
        wish = QuoteRefundWish(booking_id=await sold(house), items=("it_x",), tickets=("tk_x",))
        with pytest.raises(InvalidInput):
            await take_quote_refund(house.desk, viewer(), "q1", wish)


class TestNothingToGive:
    async def test_for_a_fare_that_gives_nothing(self, house):
        booking_id = await sold(house, BASIC)
        quote = await quote_refund(house, booking_id)
        facts = refund_facts(quote)
        assert (quote.state, facts.eligible, facts.back.minor) == ("REFUSED", False, 0)
        assert facts.parts[0].rule.ground is RuleGround.FARE_CONDITIONS
        assert facts.fee == facts.paid
        assert why(await refund(house, quote)) == "NOT_REFUNDABLE"
        await untouched(house, booking_id)

    async def test_for_what_is_only_held(self, house):
        booking_id = (await house.reserve("r1", await guaranteed(house))).booking_id
        (part,) = refund_facts(await quote_refund(house, booking_id)).parts
        assert (part.rule.ground, part.rule.allowed) == (RuleGround.NOT_SOLD, False)
        assert house.world.ledger()["cancellations"] == []

    async def test_for_what_was_refunded(self, house):
        booking_id = await sold(house)
        await refund(house, await quote_refund(house, booking_id))
        quote = await quote_refund(house, booking_id, "q2")
        assert (quote.state, refund_facts(quote).parts[0].rule.ground) == ("REFUSED", RuleGround.ENDED)
        assert why(await refund(house, quote, "f2")) == "NOT_REFUNDABLE"
        await judge(house)

    async def test_once_all_flights_have_left(self, house):
        booking_id = await sold(house, FLEX)
        house.clock.advance((await house.booking(booking_id)).departs_at - house.clock.now())
        (part,) = refund_facts(await quote_refund(house, booking_id)).parts
        assert (part.rule.ground, part.back.minor) == (RuleGround.DEPARTED, 0)

    async def test_for_one_of_two_only_the_other_is_refunded(self, house):
        booking_id = await sold(house, BASIC, FLEX)
        quote = await quote_refund(house, booking_id)
        assert (quote.state, refund_facts(quote).eligible) == ("READY", False)
        assert (await refund(house, quote)).state == OperationState.DONE
        assert [item.state for item in await house.items(booking_id)] == ["TICKETED", "REFUNDED"]
        await judge(house)


class TestWhileAnExchange:
    async def test_is_under_way_nothing_else_is(self, house):
        booking_id = await sold(house)
        back = await quote_refund(house, booking_id)
        quote = await asking_money(house, booking_id)
        house.fault("order_changes.confirm", "late_effect", seconds=60)
        assert (await exchange(house, quote, OnAccount())).state == OperationState.OPEN
        with pytest.raises(BookingBusy):
            await refund(house, back)
        with pytest.raises(BookingBusy):
            await quote_refund(house, booking_id, "q2")
        await house.quiet()
        assert why(await refund(house, back, "f2")) == "QUOTE_EXPIRED"
        await judge(house)

    async def test_waits_for_its_card_nothing_else_is_done(self, house):
        booking_id = await sold(house)
        back = await quote_refund(house, booking_id)
        quote, other = await asking_money(house, booking_id), await asking_money(house, booking_id, key="x2")
        form = await payment_of(house, await exchange(house, quote, ByCard()))
        refused = await refund(house, back)
        assert (why(refused), refused.refusal.payment_id) == ("CHANGE_UNPAID", form.id)
        assert why(await exchange(house, other, OnAccount(), "e2")) == "CHANGE_UNPAID"
        outcome = await take_quote_refund(house.desk, viewer(), "q2", QuoteRefundWish(booking_id=booking_id))
        assert why(outcome) == "CHANGE_UNPAID"
        await house.quiet()
        assert (await refund(house, await quote_refund(house, booking_id, "q3"), "f3")).state == OperationState.DONE
        await judge(house)


class TestTheCarrier:
    async def test_no_longer_stands_by_its_terms(self, house):
        booking_id = await sold(house)
        quote = await quote_refund(house, booking_id)
        house.fault("cancellations.confirm", "stale_quote")
        assert why(await refund(house, quote)) == "QUOTE_EXPIRED"
        await untouched(house, booking_id)
        assert (await refund(house, await quote_refund(house, booking_id, "q2"), "f2")).state == OperationState.DONE
        await judge(house)

    @pytest.mark.parametrize(("kind", "how"), [("error_503", {"times": 6}), ("quote_later", {"seconds": 100})])
    async def test_answers_a_quote_later(self, house, kind, how):
        booking_id = await sold(house)
        house.fault("cancellations.create", kind, **how)
        quote = await quote_refund(house, booking_id)
        await house.settle_operations()
        quote = await as_it_is(house, quote)
        facts = refund_facts(quote)
        assert (quote.state, facts.pending, facts.back, facts.fee) == ("PENDING", True, None, None)
        assert why(await refund(house, quote)) == "QUOTE_PENDING"
        for _ in range(4):
            await house.later(timedelta(minutes=2))
            await house.settle_operations()
        quote = await as_it_is(house, quote)
        assert (quote.state, refund_facts(quote).pending) == ("READY", False)
        assert (await refund(house, quote, "f2")).state == OperationState.DONE
        await judge(house)

    async def test_does_not_answer_a_quote_for_a_day(self, house):
        booking_id = await sold(house)
        house.fault("cancellations.create", "error_503", times=None)
        quote = await quote_refund(house, booking_id)
        for _ in range(2):
            await house.settle_operations()
            await house.later(timedelta(hours=13))
        await house.settle_operations()
        quote = await as_it_is(house, quote)
        assert quote.state == "REFUSED"
        assert why(await refund(house, quote)) == "NOT_REFUNDABLE"
        await untouched(house, booking_id)
