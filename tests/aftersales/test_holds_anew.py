"""A hold exchanged for another: what was paid for it meanwhile, and what becomes of the rest of its booking."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.itinerary import ExchangeRate
from app.domain.money import Money
from app.domain.refusals import QuoteExpired
from app.store.tables import OperationState
from tests.aftersales.selling import exchange, exchange_facts, giving_money, quote_exchange
from tests.booking.judge import judge
from tests.booking.paying import charges, open_form, payment_of, submit
from tests.booking.scenes import FLEX, guaranteed, instant
from tests.booking.test_cancel import CANCEL


@pytest.fixture
async def held(house):
    return (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id


async def test_a_card_that_came_first_pays_the_old_hold_where_the_new_one_is_refused(house, held):
    quote = (await quote_exchange(house, held))[0]
    submit(house, await payment_of(house, await open_form(house, held)))
    house.declines("/air/orders", "offer_no_longer_available")
    assert (await exchange(house, quote)).state == OperationState.REFUSED
    assert (await house.booking(held)).state == "TICKETED"
    assert [state for state, _ in charges(house)] == ["captured"]
    await judge(house)


async def test_a_price_that_moved_is_a_quote_that_no_longer_holds(house, held):
    quote = (await quote_exchange(house, held))[0]
    house.fault("offers.get", "price_changed", percent=10)
    outcome = await exchange(house, quote)
    assert isinstance(outcome.refusal, QuoteExpired)
    assert [item.state for item in await house.items(held)] == ["HELD", "REJECTED"]
    await judge(house)


async def test_all_ends_where_the_carrier_refuses_what_a_cheaper_hold_lets_be_paid(house):
    rate = ExchangeRate(
        source="EUR", target="GBP", rate=Decimal("0.9"), margin_percent=Decimal(2), expires_at=house.clock.now()
    )
    tokens = [house.token(await guaranteed(house, FLEX)), house.token(await instant(house), rate=rate)]
    booking_id = (await house.reserve_tokens("r1", *tokens)).booking_id
    quote = await giving_money(house, booking_id)
    total = (await house.booking(booking_id)).total_minor
    await house.pay(booking_id, amount=Money(total + exchange_facts(quote).balance.minor, "GBP"))
    house.declines("/air/payments", "payment_declined")
    assert (await exchange(house, quote)).state == OperationState.REFUSED
    states = {item.state for item in await house.items(booking_id)}
    assert states == {"EXCHANGED", "CANCELLED"}
    await judge(house)


async def test_of_its_new_limit_it_is_warned_again(house, held):
    first = (await house.booking(held)).pay_by
    await house.later(first - house.clock.now() - timedelta(minutes=10))
    quote = (await quote_exchange(house, held))[0]
    await exchange(house, quote)
    limit = (await house.booking(held)).pay_by
    assert limit > first
    await house.later(limit - house.clock.now() - timedelta(minutes=10))
    assert (await house.timeline(held)).count("PAYMENT_DUE_SOON") == 2
    await judge(house)


async def test_what_moved_its_limit_as_it_was_found_to_be_late_is_not_expired(house, held, monkeypatch):
    found = await house.booking(held)
    monkeypatch.setattr("app.booking.expire._due", lambda _tools, _session: [(found, "")])
    await house.runner.drain()
    assert (await house.booking(held)).state == "HELD"
    await judge(house)


async def test_a_hold_that_its_carrier_does_not_take_back_is_not_told_to_be_exchanged(house, held):
    quote = (await quote_exchange(house, held))[0]
    house.declines(CANCEL, "unsupported_action")
    assert (await exchange(house, quote)).state == OperationState.REFUSED
    assert [(item.state, bool(item.stuck)) for item in await house.items(held)] == [("HELD", True), ("HELD", False)]
    assert "ITEM_EXCHANGED" not in await house.timeline(held)
    await house.cancel(held)
    assert {item.state for item in await house.items(held)} == {"CANCELLED"}
