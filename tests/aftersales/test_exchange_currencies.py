"""Exchanges of what was sold in another currency than its carrier's: only what can be told at its rate is offered."""

from datetime import timedelta
from decimal import Decimal

from app.domain.itinerary import ExchangeRate
from app.store.tables import OperationState
from tests.aftersales.selling import exchange, exchange_facts, quote_exchange
from tests.booking.judge import judge
from tests.booking.scenes import floating


async def test_a_hold_is_exchanged_within_the_currency_that_it_was_sold_from(house):
    rate = ExchangeRate(
        source="EUR",
        target="GBP",
        rate=Decimal("0.9"),
        margin_percent=Decimal(2),
        expires_at=house.clock.now() + timedelta(days=1),
    )
    token = house.token(await floating(house), rate=rate)
    booking_id = (await house.reserve_tokens("r1", token)).booking_id
    found = await quote_exchange(house, booking_id)
    assert found and {exchange_facts(quote).price.carrier_total.currency for quote in found} == {"EUR"}
    assert {exchange_facts(quote).balance.currency for quote in found} == {"GBP"}
    assert (await exchange(house, found[0])).state == OperationState.DONE
    await judge(house)
