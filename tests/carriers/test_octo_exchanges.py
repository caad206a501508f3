"""Exchanges over OCTO: another departure of the same tour in the same rooms, for its price and the operator's fee."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.aftersales import RuleGround
from app.domain.money import Money
from app.domain.refusals import NotExchangeable, PriceChanged, QuoteExpired, SoldOut
from app.domain.tours import DepartureKey, SellingRegion
from carriers.contract import ExchangeWish, OrderState, Verb
from tests.carriers.exchange_contract import ground
from tests.carriers.sandbox.octo.shop import ASKED, LAST, LATER, NEVER, OPEN
from tests.carriers.test_octo_bookings import FAMILY, TWO, Shop, key
from tests.carriers.worlds import PlainTransport

FEE = Money(5000, "GBP")


@pytest.fixture
def shop():
    return Shop.opened()


async def paid(shop, *rooms, region=SellingRegion.UK):
    return await shop.pay(await shop.hold(await shop.stay(*rooms, region=region)))


def wish(order, day=LATER, option="classic"):
    return ExchangeWish(order=order.ref, departure=key(day, option))


async def quoted(shop, order, **more):
    (offer,) = await shop.carrier.quote_exchange(wish(order, **more))
    return offer, await shop.carrier.prepare_exchange(offer.ref)


async def test_an_exchange_costs_the_difference_and_the_fee(shop):
    order = await paid(shop, *FAMILY)
    offer, pending = await quoted(shop, order)
    assert (offer.fee, offer.balance) == (FEE, offer.total - order.total + FEE)
    after = await shop.carrier.exchange(pending, shop.call("key-5"))
    assert (after.stay, after.total, after.ref) == (offer.stay, offer.total, order.ref)
    assert after.stay.rooms == order.stay.rooms == FAMILY
    assert [ticket.passenger for ticket in after.tickets] == [ticket.passenger for ticket in order.tickets]
    (booking,) = shop.world.ledger()["bookings"]
    assert (booking["date"], booking["fees"]) == (LATER, "50.00")


async def test_another_option_of_the_tour_can_be_had(shop):
    order = await paid(shop)
    _, pending = await quoted(shop, order, day=OPEN, option="extended")
    after = await shop.carrier.exchange(pending, shop.call("key-5"))
    assert (after.stay.key, after.stay.ends_on) == (key(OPEN, "extended"), date(2027, 5, 20))


@pytest.mark.parametrize("day", [NEVER, ASKED, OPEN, "2027-07-01"])
async def test_what_cannot_be_booked_now_or_is_booked_already_is_no_alternative(shop, day):
    order = await paid(shop)
    assert await ground(shop.carrier.quote_exchange(wish(order, day))) is RuleGround.NO_ALTERNATIVE


async def test_another_tour_is_no_alternative(shop):
    order = await paid(shop)
    other = DepartureKey(operator="luxurygold", tour="greece", option="classic", starts_on=date(2027, 5, 15))
    asked = ExchangeWish(order=order.ref, departure=other)
    assert await ground(shop.carrier.quote_exchange(asked)) is RuleGround.NO_ALTERNATIVE
    assert await ground(shop.carrier.quote_exchange(ExchangeWish(order=order.ref))) is RuleGround.NO_ALTERNATIVE


async def test_a_party_that_does_not_fit_finds_no_alternative(shop):
    order = await paid(shop, *FAMILY)
    assert await ground(shop.carrier.quote_exchange(wish(order, LAST))) is RuleGround.NO_ALTERNATIVE


async def test_the_terms_end_exchanges_before_the_departure(shop):
    order = await paid(shop)
    shop.clock.advance(order.stay.terms.exchange_until - timedelta(minutes=1) - shop.clock.now())
    offer, pending = await quoted(shop, order)
    assert offer.expires_at == order.stay.terms.exchange_until
    shop.clock.advance(timedelta(minutes=1))
    with pytest.raises(NotExchangeable, match=r"let it be exchanged until 2027-03-08 22:00 UTC\.") as refused:
        await shop.carrier.quote_exchange(wish(order))
    assert refused.value.rule.ground is RuleGround.FARE_CONDITIONS
    with pytest.raises(QuoteExpired):
        await shop.carrier.exchange(pending, shop.call("key-5"))


async def test_terms_without_an_exchange_are_not_told_as_a_time_that_is_over(shop):
    order = await paid(shop)
    (booking,) = shop.world._core.facts.bookings.values()
    booking.terms = replace(booking.terms, exchange=None)
    with pytest.raises(NotExchangeable, match="does not let this tour be exchanged"):
        await shop.carrier.quote_exchange(wish(order))


async def test_a_price_that_moved_is_told_and_nothing_is_changed(shop):
    order = await paid(shop)
    offer, pending = await quoted(shop, order)
    shop.fault("availability.departures", "price_changed", percent=10)
    with pytest.raises(PriceChanged) as moved:
        await shop.carrier.exchange(pending, shop.call("key-5"))
    assert (moved.value.old_total, moved.value.new_total > offer.balance) == (offer.balance, True)
    assert await shop.carrier.order(order.ref) == order


@pytest.mark.parametrize(
    ("endpoint", "refusal"), [("availability.departures", QuoteExpired), ("bookings.update", SoldOut)]
)
async def test_places_that_others_took_are_not_to_be_had(shop, endpoint, refusal):
    order = await paid(shop)
    _, pending = await quoted(shop, order)
    shop.fault(endpoint, "sold_out")
    with pytest.raises(refusal):
        await shop.carrier.exchange(pending, shop.call("key-5"))
    assert await shop.carrier.order(order.ref) == order


async def test_a_lost_exchange_is_looked_up_and_its_fee_taken_once(shop):
    order = await paid(shop)
    offer, pending = await quoted(shop, order)
    shop.fault("bookings.update", "lost_reply")
    look = shop.carrier.exchanged
    made = await shop.persist(
        Verb.EXCHANGE, lambda: shop.carrier.exchange(pending, shop.call("key-5")), look=lambda: look(pending)
    )
    assert (made.stay.key, made.total) == (key(LATER), offer.total)
    assert await shop.carrier.exchange(pending, shop.call("key-5")) == made
    assert shop.world.ledger()["bookings"][0]["fees"] == "50.00"


async def test_plain_octo_knows_no_fee():
    shop = Shop.opened(PlainTransport)
    order = await paid(shop, TWO, region=SellingRegion.ZZ)
    offer, pending = await quoted(shop, order)
    assert (offer.fee, offer.balance) == (Money.zero("USD"), offer.total - order.total)
    after = await shop.carrier.exchange(pending, shop.call("key-5"))
    assert (after.state, after.stay.key) == (OrderState.CONFIRMED, key(LATER))


async def test_what_a_plain_operator_sold_in_one_of_two_regions_of_a_currency_stays_there():
    shop = Shop.opened(PlainTransport)
    offer = await shop.stay(TWO, region=SellingRegion.US)
    order = await shop.pay(await shop.hold(offer))
    (quote,) = await shop.carrier.quote_exchange(replace(wish(order), stay=offer.stay))
    assert quote.stay.region is SellingRegion.US
    pending = await shop.carrier.prepare_exchange(quote.ref)
    assert (await shop.carrier.exchange(pending, shop.call("key-5"))).total == quote.total
