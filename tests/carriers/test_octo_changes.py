"""What an operator changes by itself, over OCTO: told by our capability, or by what plain OCTO shows; accepted once."""

import json
from datetime import date, timedelta

import pytest

from app.domain.aftersales import ChangeAction, RuleGround
from app.domain.refusals import NotRefundable, Unsupported
from app.domain.tours import SellingRegion
from carriers.contract import Ability
from carriers.sandbox.exchange import Request
from tests.carriers.sandbox.octo.shop import LATER, OPEN, OPTION, TOUR
from tests.carriers.test_octo_bookings import TWO, Shop, key
from tests.carriers.worlds import PlainTransport

DEPARTURE = {"operator": "insightvacations", "product": TOUR, "option": OPTION, "date": OPEN}


@pytest.fixture
def shop():
    return Shop.opened()


@pytest.fixture
def plain():
    return Shop.opened(PlainTransport)


async def sold(shop):
    return await shop.pay(await shop.hold(await shop.stay()))


async def plainly(plain):
    return await plain.pay(await plain.hold(await plain.stay(TWO, region=SellingRegion.ZZ)))


def operator(shop, kind="cancelled", **which):
    """The operator changes something by itself."""
    body = json.dumps({"kind": kind} | (which or DEPARTURE)).encode()
    assert shop.world.handle(Request("POST", "/_sandbox/departure_changes", {}, {}, body)).status == 200


async def changed(shop, order):
    (change,) = await shop.carrier.changes(order.ref, order.stay)
    return change


class TestTold:
    async def test_what_we_cancelled_is_no_change_of_the_operators(self, shop):
        order = await sold(shop)
        await shop.cancel(order)
        assert list(await shop.carrier.changes(order.ref, order.stay)) == []

    async def test_what_was_refunded_is_none_either(self, shop):
        order = await sold(shop)
        await shop.carrier.refund((await shop.carrier.quote_refund(order.ref)).ref, shop.call("key-4"))
        assert list(await shop.carrier.changes(order.ref, order.stay)) == []

    async def test_a_booking_that_was_given_up_can_only_be_refunded(self, shop):
        order = await sold(shop)
        operator(shop, uuid=order.ref)
        change = await changed(shop, order)
        assert (change.order, change.found_at, change.deadline) == (order.ref, shop.clock.now(), None)
        assert (change.cancelled, change.replaced, change.actions) == (True, order.stay, (ChangeAction.REFUND,))

    async def test_a_moved_departure_is_told_with_what_was_and_what_is(self, shop):
        order = await sold(shop)
        operator(shop, "moved", **DEPARTURE, to=LATER)
        change = await changed(shop, order)
        assert (change.replaced.key, change.stay.key) == (key(OPEN), key(LATER))
        assert (set(change.actions), change.deadline) == (set(ChangeAction), change.stay.departs_at)

    async def test_an_account_without_the_ability_says_so(self):
        shop = Shop.opened(abilities=[each for each in Ability if each is not Ability.CHANGES])
        with pytest.raises(Unsupported):
            await shop.carrier.changes("x")
        with pytest.raises(Unsupported):
            await shop.carrier.accept_change("x", "y", shop.call("key-4"))


class TestRefunds:
    @pytest.mark.parametrize("how", [{}, {"to": LATER}])
    async def test_what_was_changed_comes_back_whole_late_as_it_is(self, shop, how):
        order = await sold(shop)
        operator(shop, "moved" if how else "cancelled", **DEPARTURE, **how)
        shop.clock.advance(order.stay.departs_at - timedelta(days=1) - shop.clock.now())
        terms = await shop.carrier.quote_refund(order.ref)
        assert (terms.refund, terms.rule.ground) == (order.total, RuleGround.CARRIER_CHANGED)
        done = await shop.carrier.refund(terms.ref, shop.call("key-4"))
        assert (done.refund, done.discrepancy) == (order.total, None)
        assert shop.world.ledger()["bookings"][0]["cancellation"]["percent_kept"] == 0

    async def test_what_was_given_up_comes_back_whole_and_is_not_cancelled_again(self, shop):
        order = await sold(shop)
        operator(shop, uuid=order.ref)
        terms = await shop.carrier.quote_refund(order.ref)
        assert (terms.refund, terms.rule.ground) == (order.total, RuleGround.CARRIER_CHANGED)
        done = await shop.carrier.refund(terms.ref, shop.call("key-4"))
        assert (done.refund, done.by_carrier) == (order.total, True)
        assert await shop.carrier.refunded(terms.ref) == done

    async def test_what_was_given_up_after_the_quote_comes_back_whole_too(self, shop):
        order = await sold(shop)
        terms = await shop.carrier.quote_refund(order.ref)
        operator(shop, uuid=order.ref)
        assert (await shop.carrier.refund(terms.ref, shop.call("key-4"))).refund == order.total

    async def test_what_we_cancelled_gives_nothing_back_once_more(self, shop):
        order = await sold(shop)
        await shop.cancel(order)
        with pytest.raises(NotRefundable):
            await shop.carrier.quote_refund(order.ref)

    async def test_cancelling_tells_that_the_operator_had_given_it_up(self, shop):
        order = await sold(shop)
        operator(shop, uuid=order.ref)
        done = await shop.cancel(order)
        assert (done.refund, done.by_carrier) == (order.total, True)


class TestPlain:
    async def test_a_cancelled_departure_is_a_cancelled_booking(self, plain):
        order = await plainly(plain)
        operator(plain)
        assert (await changed(plain, order)).actions == (ChangeAction.REFUND,)
        assert (await plain.carrier.quote_refund(order.ref)).refund == order.total

    async def test_other_days_are_a_move_that_is_free_before_the_cutoff(self, plain):
        order = await plainly(plain)
        operator(plain, "moved", **DEPARTURE, to=LATER)
        change = await changed(plain, order)
        assert (change.stay.key.starts_on, set(change.actions)) == (date.fromisoformat(LATER), set(ChangeAction))
        plain.clock.advance(order.stay.departs_at - timedelta(days=5) - plain.clock.now())
        assert (await changed(plain, order)).actions == (ChangeAction.ACCEPT,)
