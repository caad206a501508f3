"""A hold exchanged for another: what was paid for it meanwhile, and what becomes of the rest of its booking."""

from decimal import Decimal

from app.domain.itinerary import ExchangeRate
from app.domain.money import Money
from app.store.tables import OperationState
from tests.aftersales.scenes import cheaper
from tests.aftersales.selling import exchange, exchange_facts
from tests.booking.judge import judge
from tests.booking.scenes import FLEX, guaranteed, instant


async def test_all_ends_where_the_carrier_refuses_what_a_cheaper_hold_lets_be_paid(house):
    rate = ExchangeRate(
        source="EUR", target="GBP", rate=Decimal("0.9"), margin_percent=Decimal(2), expires_at=house.clock.now()
    )
    tokens = [house.token(await guaranteed(house, FLEX)), house.token(await instant(house), rate=rate)]
    booking_id = (await house.reserve_tokens("r1", *tokens)).booking_id
    quote = await cheaper(house, booking_id)
    total = (await house.booking(booking_id)).total_minor
    await house.pay(booking_id, amount=Money(total + exchange_facts(quote).balance.minor, "GBP"))
    house.declines("/air/payments", "payment_declined")
    assert (await exchange(house, quote)).state == OperationState.REFUSED
    states = {item.state for item in await house.items(booking_id)}
    assert states == {"EXCHANGED", "CANCELLED"}
    await judge(house)
