"""Bookings of what an operator sells no more, or shows no departure of: read, cancelled and refunded all the same."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.aftersales import RuleGround
from app.domain.money import Money
from app.domain.tours import SellingRegion
from app.wire.messages import Response
from carriers.contract import ExchangeWish, OrderState
from tests.carriers.exchange_contract import ground
from tests.carriers.sandbox.octo.shop import LATER, TOUR
from tests.carriers.test_octo_bookings import TWO, Shop, key
from tests.carriers.worlds import PlainTransport, SandboxTransport, in_process_octo

PRODUCT, OPTION, DEPARTURE = "product", "option", "departure"
WITHDRAWN = pytest.mark.parametrize("gone", [PRODUCT, OPTION, DEPARTURE])


def withdrawing(transport, gone):
    """To an operator that by now sells no such product or option, or shows bookings without their departure."""

    class Withdrawing(transport):
        shows_product = False

        async def send(self, request, timeout):
            if gone == PRODUCT and request.url.endswith(f"/products/{TOUR}"):
                return Response(status=400, headers={}, body=b'{"error": "INVALID_PRODUCT_ID", "errorMessage": ""}')
            answer = await super().send(request, timeout)
            data = json.loads(answer.body)
            if self.shows_product and "/bookings/" in request.url:
                data |= await self._shown(request, timeout)
            return replace(answer, body=json.dumps(_without(gone, request, data)).encode())

        async def _shown(self, request, timeout):
            base = request.url.partition("/bookings/")[0]
            asked = replace(request, method="GET", url=f"{base}/products/{TOUR}", json=None)
            product = json.loads((await super().send(asked, timeout)).body)
            return {"product": product | {"options": []}, "option": product["options"][0]}

    return Withdrawing


def _without(gone, request, data):
    if "/bookings/" in request.url and gone == DEPARTURE:
        return data | {"availability": None} if isinstance(data, dict) else data
    if "/products/" in request.url and gone != DEPARTURE:
        return [] if gone == PRODUCT else [one | {"options": one["options"][1:]} for one in data]
    return data


async def sold(gone, *rooms, transport=SandboxTransport, region=SellingRegion.UK):
    """A gateway that started after the withdrawal, with a paid order from before, and how that could be refunded."""
    shop = Shop.opened(transport)
    order = await shop.pay(await shop.hold(await shop.stay(*rooms, region=region)))
    terms = await shop.carrier.quote_refund(order.ref)
    shop.wire = withdrawing(transport, gone)(shop.world)
    shop.carrier = in_process_octo(shop.world, shop.clock, shop.wire)
    return shop, order, terms


def kept(shop):
    (booking,) = shop.world.ledger()["bookings"]
    return booking["status"], booking["cancellation"]["percent_kept"]


@WITHDRAWN
async def test_it_is_read_and_nobody_is_asked_what_is_sold(gone):
    shop, order, _ = await sold(gone)
    found = await shop.carrier.order(order.ref)
    assert (found.state, found.total, found.tickets) == (OrderState.CONFIRMED, order.total, order.tickets)
    assert await shop.carrier.find("key-1", since=shop.clock.now()) == found
    assert await shop.pay(order) == found
    assert {request.url.rpartition("/bookings/")[2] for request in shop.wire.sent} == {order.ref}
    (listed,) = await shop.carrier.orders(since=shop.clock.now() - timedelta(days=1))
    assert (listed.key, listed.order) == ("key-1", found)


@WITHDRAWN
async def test_it_is_refunded_by_the_stay_that_was_agreed(gone):
    shop, order, before = await sold(gone)
    terms = await shop.carrier.quote_refund(order.ref, order.stay)
    assert (terms.refund, terms.rule, terms.passengers) == (before.refund, before.rule, before.passengers)
    done = await shop.carrier.refund(terms.ref, shop.call("key-4"))
    assert done == await shop.carrier.refunded(terms.ref)
    assert (done.refund, kept(shop)) == (before.refund, ("CANCELLED", 10))


@WITHDRAWN
async def test_plainly_sold_it_is_refunded_by_the_cutoff_that_was_agreed(gone):
    shop, order, before = await sold(gone, TWO, transport=PlainTransport, region=SellingRegion.ZZ)
    terms = await shop.carrier.quote_refund(order.ref, order.stay)
    assert (terms.refund, terms.rule) == (before.refund, before.rule)
    assert (await shop.carrier.refund(terms.ref, shop.call("key-4"))).refund == order.total


@WITHDRAWN
async def test_what_nobody_agreed_on_is_refunded_by_what_the_operator_says_then(gone):
    shop, order, _ = await sold(gone)
    terms = await shop.carrier.quote_refund(order.ref)
    assert (terms.refund, terms.rule.ground, terms.rule.fee) == (None, RuleGround.CARRIER_DECIDES, None)
    assert (await shop.carrier.refund(terms.ref, shop.call("key-4"))).refund is None
    assert kept(shop) == ("CANCELLED", 10)


@pytest.mark.parametrize(("days", "refund"), [(61, None), (6, Money(0, "GBP"))])
@WITHDRAWN
async def test_it_is_cancelled_whatever_that_gives_back(gone, days, refund):
    shop, order, _ = await sold(gone)
    shop.clock.advance(order.stay.departs_at - timedelta(days=days) - shop.clock.now())
    done = await shop.cancel(order)
    assert (done.refund, await shop.cancel(order)) == (refund, done)
    assert [booking["status"] for booking in shop.world.ledger()["bookings"]] == ["CANCELLED"]


@WITHDRAWN
async def test_a_hold_of_it_is_kept_longer_and_let_go(gone):
    shop = Shop.opened()
    held = await shop.hold(await shop.stay())
    shop.wire = withdrawing(SandboxTransport, gone)(shop.world)
    shop.carrier = in_process_octo(shop.world, shop.clock, shop.wire)
    assert (await shop.carrier.extend(held.ref, held.pay_by + timedelta(hours=1), shop.call("key-9"))).ref == held.ref
    assert (await shop.cancel(held)).refund is None
    assert (await shop.carrier.order(held.ref)).state is OrderState.CANCELLED


@WITHDRAWN
async def test_there_is_nothing_to_exchange_it_for(gone):
    shop, order, _ = await sold(gone)
    wish = ExchangeWish(order=order.ref, departure=key(LATER))
    assert await ground(shop.carrier.quote_exchange(wish)) is RuleGround.NO_ALTERNATIVE


async def test_what_the_booking_itself_shows_of_its_product_will_do():
    shop, order, _ = await sold(PRODUCT)
    shop.wire.shows_product = True
    assert await shop.carrier.order(order.ref) == order


async def test_terms_that_were_agreed_for_another_departure_are_not_its_terms():
    shop, order, _ = await sold(PRODUCT)
    other = replace(order.stay, key=key(LATER))
    assert (await shop.carrier.quote_refund(order.ref, other)).refund is None
