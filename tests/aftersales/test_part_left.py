"""A booking that a part was given back of: the rest is as whole as before."""

import pytest
from sqlmodel import select

from app.booking.outcomes import Fulfilment, outcome
from app.store.tables import PaymentRow
from tests.aftersales.scenes import sold
from tests.aftersales.selling import quote_refund, refund
from tests.booking.house import PARTNER
from tests.booking.scenes import FLEX, STANDARD


@pytest.fixture
async def left(house):
    """A booking of two items that were paid by card; the second is left of it."""
    booking_id = await sold(house, STANDARD, FLEX, by_card=True)
    first, _ = await house.items(booking_id)
    await refund(house, await quote_refund(house, booking_id, items=(first.id,)))
    assert [item.state for item in await house.items(booking_id)] == ["REFUNDED", "TICKETED"]
    return booking_id


@pytest.mark.usefixtures("left")
async def test_its_payment_is_a_success_as_before(house):
    (payment,) = await house.rows(select(PaymentRow))
    facts = await house.store.read(lambda session: outcome(session, payment.id, PARTNER.id))
    assert (facts.successful, facts.status, facts.final) == (True, Fulfilment.SUCCESS, True)
