"""Seats and bags after payment: quoted, reserved, added by the carrier, and only then taken."""

from app.booking.facts import price_of
from app.store.tables import OperationState
from tests.aftersales.selling import add_services, quote_services, services_facts
from tests.aftersales.test_refunds import paid
from tests.booking.judge import judge


async def test_bags_are_added_and_paid_on_account(house):
    booking_id = await paid(house)
    before = await house.booking(booking_id)
    quote = await quote_services(house, booking_id)
    facts = services_facts(quote)
    outcome = await add_services(house, quote)
    assert (outcome.state, outcome.refusal) == (OperationState.DONE, None)
    booking, (item,) = await house.booking(booking_id), await house.items(booking_id)
    assert (booking.state, booking.total_minor) == ("TICKETED", before.total_minor + facts.price.minor)
    assert price_of(item).services == facts.price
    (bag,) = item.services
    assert (bag["kind"], bag["quantity"]) == ("BAGGAGE", 2)
    assert (await house.timeline(booking_id))[-4:] == [
        "SERVICES_QUOTED",
        "PAYMENT_AUTHORISED",
        "SERVICES_ADDED",
        "PAYMENT_CAPTURED",
    ]
    await judge(house)
