"""Departures on request: asked for where they are taken, answered by a person, and given up like anything else."""

from datetime import timedelta

import pytest

from app.domain.refusals import CarrierRefused, NotBookable, OnRequestOnly, SoldOut
from app.domain.tours import DepartureStatus, SellingRegion
from carriers.contract import Ability, OrderState
from carriers.sandbox.exchange import Request
from carriers.sandbox.octo.requests import ANSWERED_AFTER, ANSWERED_BY
from tests.carriers.sandbox.octo.shop import ASKED, LAST, NEAR, NEVER
from tests.carriers.test_octo_bookings import FAMILY, Shop


@pytest.fixture
def shop():
    return Shop.opened()


async def requested(shop, **facts):
    offer = await shop.stay(day=ASKED)
    assert offer.on_request
    assert await shop.carrier.check(offer.ref) == offer
    return await shop.hold(offer, **facts)


async def test_what_is_asked_for_waits_and_is_then_held(shop):
    order = await requested(shop)
    assert (order.state, order.answer_by, order.pay_by) == (
        OrderState.REQUESTED,
        shop.clock.now() + ANSWERED_BY,
        None,
    )
    with pytest.raises(CarrierRefused):
        await shop.pay(order)
    shop.clock.advance(ANSWERED_AFTER)
    held = await shop.carrier.order(order.ref)
    assert (held.state, held.answer_by) == (OrderState.HELD, None)
    longer = await shop.carrier.extend(order.ref, shop.clock.now() + timedelta(hours=40), shop.call("key-9"))
    assert longer.pay_by == shop.clock.now() + timedelta(hours=40)
    assert (await shop.pay(longer)).state is OrderState.CONFIRMED


async def test_what_is_refused_is_rejected_and_cancelling_it_is_success(shop):
    order = await requested(shop, family_name="Requestrefused")
    shop.clock.advance(ANSWERED_AFTER)
    assert (await shop.carrier.order(order.ref)).state is OrderState.REJECTED
    assert (await shop.cancel(order)).refund is None
    with pytest.raises(CarrierRefused):
        await shop.pay(order)


async def test_a_request_can_be_withdrawn(shop):
    order = await requested(shop)
    assert (await shop.cancel(order)).refund is None
    shop.world.handle(Request("POST", "/_sandbox/requests", {}, {}, b'{"accept": true}'))
    assert (await shop.carrier.order(order.ref)).state is OrderState.CANCELLED


@pytest.mark.parametrize(
    ("region", "abilities"),
    [(SellingRegion.ZA, list(Ability)), (SellingRegion.UK, [each for each in Ability if each is not Ability.REQUESTS])],
)
async def test_where_no_requests_are_taken_the_selling_company_is_to_be_asked(region, abilities):
    shop = Shop.opened(abilities=abilities)
    offer = await shop.stay(day=ASKED, region=region)
    with pytest.raises(OnRequestOnly) as only:
        await shop.carrier.check(offer.ref)
    assert (only.value.company.region, only.value.company.contact.email) == (region, "hello@insightvacations.example")


@pytest.mark.parametrize(("day", "status"), [(NEVER, DepartureStatus.NO_YIELD), (NEAR, DepartureStatus.CLOSED)])
async def test_what_cannot_be_booked_says_so_in_words_for_everybody(shop, day, status):
    offer = await shop.stay(day=day)
    with pytest.raises(NotBookable) as no:
        await shop.carrier.check(offer.ref)
    assert no.value.status is status


async def test_a_party_that_is_larger_than_what_is_left_finds_it_sold_out(shop):
    offer = await shop.stay(*FAMILY, day=LAST)
    with pytest.raises(SoldOut):
        await shop.carrier.check(offer.ref)


async def test_nobody_can_tell_by_the_error_why_a_departure_is_closed(shop):
    near, offer = await shop.stay(day=NEAR), await shop.stay()
    with pytest.raises(NotBookable) as too_late:
        await shop.carrier.check(near.ref)
    shop.fault("availability.departures", "sold_out")
    with pytest.raises(NotBookable) as sold_out:
        await shop.carrier.check(offer.ref)
    assert too_late.value == sold_out.value
