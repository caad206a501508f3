"""Prices that move between search, reserve and pay: the client hears of booking totals, and never pays more unasked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from app.booking.facts import price_of
from app.booking.prices import at_carrier_total
from app.domain.money import Money
from app.domain.partner import FeeKind, FeeRule
from app.domain.refusals import InvalidInput, OfferExpired, PriceChanged
from app.store.tables import OperationState, PaymentRow
from tests.booking.house import PARTNER, viewer
from tests.booking.judge import judge
from tests.booking.scenes import BASIC, RATE, floating, guaranteed, instant

FEE = FeeRule(name="Service", kind=FeeKind.FIXED, amount=Money.of("5.00", "GBP"))
SELLER = replace(PARTNER, fees=(FEE,))


@pytest.fixture
async def house(house):
    await house.terms(SELLER)
    return house


def gbp(amount):
    return Money.of(amount, "GBP")


async def pounds(house, *, rate=None):
    """An offer in the partner's currency, its token, and the total the client has seen."""
    offer = await (floating(house) if rate else guaranteed(house))
    token = house.token(offer, SELLER, rate)
    return offer, token, house.seals.open(token, SELLER.id).price


async def reserve(house, key, token, **wish):
    return await house.reserve_tokens(key, token, viewer=viewer(SELLER), **wish)


def a_tenth(offer):
    """What ten percent more is to the sandbox: taxes stay."""
    return offer.base.times(Decimal("1.1")) - offer.base


def reprice_once(house, offer, percent, path="/air/orders"):
    """Let the offer's price move behind the gateway's back, just before the next request to this path."""
    send = house.transport.send

    async def moved(request, timeout):
        if request.method == "POST" and request.url.endswith(path):
            house.transport.send = send
            house.world._core.facts.offer_factor[offer.ref] = Decimal(100 + percent) / 100
        return await send(request, timeout)

    house.transport.send = moved


async def test_a_price_that_moved_since_the_search_is_told_with_a_fresh_offer(house):
    offer, token, seen = await pounds(house)
    house.fault("offers.get", "price_changed", percent=10)
    outcome = await reserve(house, "r1", token)
    changed = outcome.refusal
    assert isinstance(changed, PriceChanged)
    assert changed.old_total == seen.total
    assert changed.new_total == seen.total + a_tenth(offer)
    assert (await house.booking(outcome.booking_id)).state == "REJECTED"
    assert house.orders() == []
    fresh = await reserve(house, "r2", changed.offer)
    assert fresh.state == OperationState.DONE
    assert Money((await house.booking(fresh.booking_id)).total_minor, "GBP") == changed.new_total
    await judge(house)


async def test_the_fresh_offer_is_the_same_whenever_the_key_is_asked_again(house):
    _, token, _ = await pounds(house)
    house.fault("offers.get", "price_changed")
    first = await reserve(house, "r1", token)
    assert await reserve(house, "r1", token) == first


async def test_up_to_the_accepted_total_nobody_is_asked(house):
    _, token, seen = await pounds(house)
    house.fault("offers.get", "price_changed", percent=10)
    outcome = await reserve(house, "r1", token, accept_up_to=seen.total.times(2))
    assert outcome.state == OperationState.DONE
    booking = await house.booking(outcome.booking_id)
    assert booking.total_minor > seen.total.minor
    await judge(house)


async def test_one_minor_unit_more_than_accepted_is_told(house):
    offer, token, seen = await pounds(house)
    house.fault("offers.get", "price_changed", percent=10)
    limit = seen.total + a_tenth(offer) - Money(1, "GBP")
    assert isinstance((await reserve(house, "r1", token, accept_up_to=limit)).refusal, PriceChanged)


async def test_less_than_the_offers_cost_cannot_be_accepted(house):
    _, token, seen = await pounds(house)
    with pytest.raises(InvalidInput) as caught:
        await reserve(house, "r1", token, accept_up_to=seen.total - Money(1, "GBP"))
    assert caught.value.path == ("input", "acceptUpTo")


async def test_the_carriers_refusal_to_hold_is_told_in_booking_totals(house):
    offer, token, seen = await pounds(house, rate=RATE)
    house.fault("orders.create", "price_changed", percent=10)
    changed = (await reserve(house, "r1", token)).refusal
    assert isinstance(changed, PriceChanged)
    assert changed.path == ("input", "offers")
    more = a_tenth(offer).converted(RATE.rate, "GBP")
    assert changed.old_total == seen.total
    assert abs((changed.new_total - seen.total - more).minor) <= 1
    assert (await reserve(house, "r2", changed.offer)).state == OperationState.DONE
    await judge(house)


async def test_a_refused_hold_is_asked_for_again_at_a_price_that_was_accepted(house):
    offer, token, seen = await pounds(house)
    house.fault("orders.create", "price_changed", percent=10)
    outcome = await reserve(house, "r1", token, accept_up_to=seen.total.times(2))
    assert outcome.state == OperationState.DONE
    assert len(house.orders("held")) == 1
    total = seen.total + a_tenth(offer)
    assert Money((await house.booking(outcome.booking_id)).total_minor, "GBP") == total
    await judge(house)


async def test_a_price_that_keeps_moving_is_told_after_two_tries(house):
    _, token, seen = await pounds(house)
    house.fault("orders.create", "price_changed", percent=1, times=None)
    outcome = await reserve(house, "r1", token, accept_up_to=seen.total.times(2))
    assert isinstance(outcome.refusal, PriceChanged)
    assert house.orders() == []
    await judge(house)


async def test_a_hold_made_at_more_than_agreed_is_given_back(house):
    offer, token, seen = await pounds(house)
    reprice_once(house, offer, 10)
    outcome = await reserve(house, "r1", token)
    assert isinstance(outcome.refusal, PriceChanged)
    assert outcome.refusal.new_total > seen.total
    assert outcome.refusal.offer is None
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    assert (await house.booking(outcome.booking_id)).state == "REJECTED"
    await judge(house)


async def test_a_hold_found_at_more_than_agreed_is_given_back(house):
    offer, token, _ = await pounds(house)
    house.fault("orders.create", "lost_reply")
    reprice_once(house, offer, 10)
    outcome = await reserve(house, "r1", token)
    assert outcome.state == OperationState.OPEN
    await house.quiet()
    outcome = await house.desk.outcome(outcome.operation_id)
    assert isinstance(outcome.refusal, PriceChanged)
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    await judge(house)


async def test_a_hold_made_for_less_is_sold_for_less(house):
    offer, token, seen = await pounds(house)
    reprice_once(house, offer, -10)
    outcome = await reserve(house, "r1", token)
    assert (await house.booking(outcome.booking_id)).total_minor < seen.total.minor
    await house.pay(outcome.booking_id)
    await judge(house)


async def test_a_hold_the_carrier_has_taken_back_meanwhile_is_none(house):
    _, token, _ = await pounds(house)
    house.fault("orders.create", "lost_reply")
    outcome = await reserve(house, "r1", token)
    house.clock.advance(timedelta(days=3))
    await house.quiet()
    outcome = await house.desk.outcome(outcome.operation_id)
    assert isinstance(outcome.refusal, OfferExpired)
    assert (await house.booking(outcome.booking_id)).state == "REJECTED"
    await judge(house)


async def test_fees_and_rate_stay_as_agreed_when_the_carriers_price_moves(house):
    _, _, seen = await pounds(house, rate=RATE)
    dearer = at_carrier_total(seen, seen.carrier_total + Money.of("10.00", "EUR"))
    assert dearer.total == seen.total + gbp("8.70")
    assert (dearer.fees, dearer.tax, dearer.rate) == (seen.fees, seen.tax, seen.rate)
    assert at_carrier_total(dearer, seen.carrier_total) == seen


async def test_a_converted_offer_is_sold_at_its_frozen_rate_and_paid_in_the_carriers_currency(house):
    offer, token, seen = await pounds(house, rate=RATE)
    assert seen.total == offer.total.converted(RATE.rate, "GBP") + gbp("5.00")
    booking_id = (await reserve(house, "r1", token)).booking_id
    await house.pay(booking_id)
    item = (await house.items(booking_id))[0]
    assert price_of(item).rate == RATE
    charge = house.world.ledger()["charges"][0]
    assert Money.of(charge["amount"], charge["currency"]) == offer.total
    assert (await house.booking(booking_id)).currency == "GBP"
    await judge(house)


async def floating_booking(house, percent):
    """A held booking whose carrier has moved the price since."""
    offer, token, seen = await pounds(house, rate=RATE)
    booking_id = (await reserve(house, "r1", token)).booking_id
    order = next(iter(house.world._core.facts.orders.values()))
    order.factor = Decimal(100 + percent) / 100
    return booking_id, seen, a_tenth(offer)


async def test_a_floating_price_is_read_anew_when_paying(house):
    booking_id, seen, tenth = await floating_booking(house, 10)
    changed = (await house.pay(booking_id)).refusal
    assert isinstance(changed, PriceChanged)
    assert changed.old_total == seen.total
    more = tenth.converted(RATE.rate, "GBP")
    assert abs((changed.new_total - changed.old_total - more).minor) <= 1
    booking = await house.booking(booking_id)
    assert booking.state == "HELD"
    assert Money(booking.total_minor, "GBP") == changed.new_total
    assert [order["state"] for order in house.orders()] == ["held"]
    assert (await house.timeline(booking_id))[-2:] == ["PRICE_CHANGED", "PAYMENT_VOIDED"]
    await judge(house)


async def test_the_told_price_can_be_paid(house):
    booking_id, _, _ = await floating_booking(house, 10)
    changed = (await house.pay(booking_id)).refusal
    assert (await house.pay(booking_id, "p2", accept_up_to=changed.new_total)).state == OperationState.DONE
    payment = (await house.rows(select(PaymentRow).where(PaymentRow.status == "CAPTURED")))[0]
    assert Money(payment.amount_minor, payment.currency) == changed.new_total
    await judge(house)


async def test_a_booking_dearer_than_accepted_is_not_paid(house):
    booking_id, seen, _ = await floating_booking(house, 10)
    await house.pay(booking_id)
    outcome = await house.pay(booking_id, "p2", accept_up_to=seen.total)
    assert isinstance(outcome.refusal, PriceChanged)
    assert outcome.refusal.path == ("input", "acceptUpTo")
    assert house.world.ledger()["charges"] == []
    await judge(house)


async def test_a_price_that_fell_is_charged_as_it_is(house):
    booking_id, seen, _ = await floating_booking(house, -10)
    assert (await house.pay(booking_id)).state == OperationState.DONE
    payment = (await house.rows(select(PaymentRow)))[0]
    assert payment.amount_minor < seen.total.minor
    assert (await house.booking(booking_id)).total_minor == payment.amount_minor
    await judge(house)


async def test_a_wrong_currency_cannot_be_accepted(house):
    booking_id, _, _ = await floating_booking(house, 0)
    with pytest.raises(InvalidInput) as caught:
        await house.pay(booking_id, accept_up_to=Money.of("1000", "EUR"))
    assert caught.value.path == ("input", "acceptUpTo")


async def test_the_carriers_refusal_of_the_amount_is_told_in_booking_totals(house):
    offer, token, seen = await pounds(house)
    booking_id = (await reserve(house, "r1", token)).booking_id
    house.fault("payments.create", "price_changed", percent=10)
    changed = (await house.pay(booking_id)).refusal
    assert isinstance(changed, PriceChanged)
    assert changed.old_total == seen.total
    assert changed.new_total == seen.total + a_tenth(offer)
    assert (await house.booking(booking_id)).total_minor == changed.new_total.minor
    assert (await house.pay(booking_id, "p2")).state == OperationState.DONE
    await judge(house)


async def test_the_amount_is_corrected_within_what_was_accepted(house):
    _, token, seen = await pounds(house)
    booking_id = (await reserve(house, "r1", token)).booking_id
    house.fault("payments.create", "price_changed", percent=10)
    outcome = await house.pay(booking_id, accept_up_to=seen.total.times(2))
    assert outcome.state == OperationState.DONE
    assert (await house.booking(booking_id)).total_minor > seen.total.minor
    await judge(house)


async def test_a_price_that_moves_with_every_payment_is_told(house):
    _, token, seen = await pounds(house)
    booking_id = (await reserve(house, "r1", token)).booking_id
    house.fault("payments.create", "price_changed", percent=1, times=None)
    outcome = await house.pay(booking_id, accept_up_to=seen.total.times(2))
    assert isinstance(outcome.refusal, PriceChanged)
    assert (await house.booking(booking_id)).state == "HELD"
    await judge(house)


async def test_what_is_not_held_is_priced_anew_when_paying(house):
    booking_id = (await house.reserve("r1", await instant(house), viewer=viewer(SELLER))).booking_id
    house.fault("offers.get", "price_changed", percent=10)
    changed = (await house.pay(booking_id)).refusal
    assert isinstance(changed, PriceChanged)
    assert (await house.pay(booking_id, "p2", accept_up_to=changed.new_total)).state == OperationState.DONE
    assert [order["state"] for order in house.orders()] == ["paid"]
    await judge(house)


async def test_a_price_that_moves_after_part_was_bought_undoes_it(house):
    offers = await floating(house, BASIC), await instant(house)
    booking_id = (await house.reserve("r1", *offers)).booking_id
    house.fault("orders.create", "price_changed", percent=10)
    outcome = await house.pay(booking_id)
    assert isinstance(outcome.refusal, PriceChanged)
    assert "released" in outcome.refusal.message
    assert (await house.booking(booking_id)).state == "CANCELLED"
    assert house.orders("held", "paid") == []
    await judge(house)
