"""Refunds over OCTO: by the operator's scale, or by plain OCTO's cut-off; each once, and none that was not quoted."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app.domain.aftersales import RuleGround
from app.domain.money import Money
from app.domain.refusals import NotRefundable, QuoteExpired
from app.domain.tours import SellingRegion
from carriers.contract import Verb
from carriers.sandbox.exchange import encode
from tests.carriers.contract import SEND_WITHIN
from tests.carriers.refund_contract import ground
from tests.carriers.test_octo_bookings import FAMILY, TWO, Shop
from tests.carriers.worlds import PlainTransport


@pytest.fixture
def shop():
    return Shop.opened()


@pytest.fixture
def plain():
    return Shop.opened(PlainTransport)


async def paid(shop, *rooms, region=SellingRegion.UK):
    return await shop.pay(await shop.hold(await shop.stay(*rooms, region=region)))


def before(shop, order, days):
    """Move the clock to an hour into the day so many days before departure, there."""
    shop.clock.advance(order.stay.departs_at - timedelta(days=days) + timedelta(hours=1) - shop.clock.now())


@pytest.mark.parametrize(("days", "percent"), [(61, 10), (60, 10), (59, 30), (30, 30), (29, 60), (8, 60)])
async def test_a_refund_is_the_total_less_the_percent_of_the_day(shop, days, percent):
    order = await paid(shop, *FAMILY)
    before(shop, order, days)
    terms = await shop.carrier.quote_refund(order.ref)
    kept = order.total.times(Decimal(percent) / 100)
    assert (terms.refund, terms.rule.fee, terms.rule.ground) == (
        order.total - kept,
        kept,
        RuleGround.CANCELLATION_SCALE,
    )
    done = await shop.carrier.refund(terms.ref, shop.call("key-4"))
    assert (done.refund, await shop.carrier.refunded(terms.ref)) == (terms.refund, done)
    (booking,) = shop.world.ledger()["bookings"]
    assert booking["cancellation"]["percent_kept"] == percent


async def test_in_the_last_week_the_place_can_be_given_up_for_nothing(shop):
    order = await paid(shop)
    before(shop, order, 7)
    terms = await shop.carrier.quote_refund(order.ref)
    none = Money.zero("GBP")
    assert (terms.refund, terms.rule.allowed, terms.rule.fee, terms.rule.deadline) == (none, True, order.total, None)
    done = await shop.carrier.refund(terms.ref, shop.call("key-4"))
    assert (done.refund, await shop.carrier.refunded(terms.ref)) == (none, done)
    (booking,) = shop.world.ledger()["bookings"]
    assert (booking["status"], booking["cancellation"]["refund"]) == ("CANCELLED", "NONE")


async def test_the_rule_holds_until_the_next_step_begins(shop):
    order = await paid(shop)
    terms = await shop.carrier.quote_refund(order.ref)
    assert terms.rule.deadline == datetime(2027, 3, 10, tzinfo=ZoneInfo("Europe/Athens"))
    shop.clock.advance(terms.rule.deadline - timedelta(minutes=3) - shop.clock.now())
    late = await shop.carrier.quote_refund(order.ref)
    assert late.expires_at == late.rule.deadline - timedelta(minutes=1)
    shop.clock.advance(timedelta(minutes=2))
    with pytest.raises(QuoteExpired):
        await shop.carrier.refund(late.ref, shop.call("key-4"))


@pytest.mark.parametrize(("before", "sent"), [(61, True), (59, False)])
async def test_nothing_is_sent_that_could_fall_into_the_next_step(shop, before, sent):
    order = await paid(shop)
    until = (await shop.carrier.quote_refund(order.ref)).rule.deadline
    shop.clock.advance(until - timedelta(seconds=before) - shop.clock.now())
    terms = await shop.carrier.quote_refund(order.ref)
    shop.fault("bookings.cancel", "late_effect")
    if not sent:
        with pytest.raises(QuoteExpired):
            await shop.carrier.refund(terms.ref, shop.call("key-4"))
        return
    done = await shop.persist(Verb.REFUND, lambda: shop.carrier.refund(terms.ref, shop.call("key-4")))
    assert done.refund == terms.refund


async def test_what_somebody_else_cancelled_is_not_refunded_by_our_terms(shop):
    order = await paid(shop)
    terms = await shop.carrier.quote_refund(order.ref)
    await shop.cancel(order)
    with pytest.raises(NotRefundable):
        await shop.carrier.refund(terms.ref, shop.call("key-4"))
    assert await shop.carrier.refunded(terms.ref) is None


async def test_a_lost_refund_is_known_by_its_reason_after_its_time(shop):
    order = await paid(shop)
    terms = await shop.carrier.quote_refund(order.ref)
    shop.fault("bookings.cancel", "lost_reply")
    done = await shop.persist(Verb.REFUND, lambda: shop.carrier.refund(terms.ref, shop.call("key-4")))
    shop.clock.advance(terms.expires_at - shop.clock.now() + SEND_WITHIN)
    assert await shop.carrier.refund(terms.ref, shop.call("key-4")) == done


async def test_plain_octo_gives_everything_back_before_its_cutoff_and_cannot_be_cancelled_after_it(plain):
    order = await paid(plain, TWO, region=SellingRegion.ZZ)
    terms = await plain.carrier.quote_refund(order.ref)
    assert (terms.refund, terms.rule.fee) == (order.total, Money.zero("USD"))
    assert terms.rule.deadline == order.stay.terms.exchange_until
    plain.clock.advance(terms.rule.deadline - plain.clock.now())
    assert await ground(plain.carrier.quote_refund(order.ref)) is RuleGround.CANCELLATION_SCALE


async def test_a_plain_operator_that_cancels_after_its_cutoff_gives_nothing_back(plain):
    order = await paid(plain, TWO, region=SellingRegion.ZZ)
    plain.clock.advance(order.stay.terms.exchange_until - plain.clock.now())
    changes_answer(plain, order, {"cancellable": True})
    terms = await plain.carrier.quote_refund(order.ref)
    assert (terms.refund, terms.rule.fee) == (Money.zero("USD"), order.total)


def changes_answer(shop, order, told):
    """Let the operator say something else of this booking."""
    handle = shop.world.handle

    def handled(request):
        reply = handle(request)
        return replace(reply, body=encode(reply.json() | told)) if request.path.endswith(order.ref) else reply

    shop.world.handle = handled
