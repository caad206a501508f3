"""Quotes that can be confirmed no more say why, whatever has become of what they were for."""

from datetime import timedelta

from app.aftersales.paid_changes import OnAccount
from app.domain.refusals import QuoteExpired
from app.store.tables import OperationState
from tests.aftersales.scenes import sold
from tests.aftersales.selling import exchange, quote_exchange, quote_refund, refund
from tests.booking.scenes import FLEX


async def test_a_quote_that_waits_for_what_was_exchanged_since_has_ended(house):
    booking_id = await sold(house, FLEX)
    house.fault("cancellations.create", "error_503", times=20)
    waiting = await quote_refund(house, booking_id)
    await house.settle_operations()
    await exchange(house, (await quote_exchange(house, booking_id))[0], OnAccount())
    await house.later(timedelta(hours=1))
    assert (await house.operations("quote-refund-again@1"))[-1].state == OperationState.DONE
    assert isinstance((await refund(house, waiting)).refusal, QuoteExpired)
