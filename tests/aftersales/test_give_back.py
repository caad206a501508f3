"""A refund that the carrier made and whose money was refused: never shown as refunded, and given back once."""

import pytest

from app.aftersales.give_back import GiveBackWish, take_give_back
from app.domain.refusals import NotFound, RefundRefused, WrongState
from app.store.tables import OperationState
from tests.aftersales.selling import quote_refund, refund
from tests.booking.house import OTHER, viewer
from tests.booking.judge import judge
from tests.booking.paying import charges, paid_by_card
from tests.booking.scenes import FLEX, guaranteed
from tests.payments.worlds import listen


async def give_back(house, booking_id, key="g1", who=None):
    wish = GiveBackWish(booking_id=booking_id)
    return await house.settled(await take_give_back(house.desk, who or viewer(), key, wish))


async def refused(house):
    """A booking that its carrier has refunded, and the card's provider has not."""
    listen(house.bank)
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    await paid_by_card(house, booking_id)
    house.fault("charges.refund", "refused")
    outcome = await refund(house, await quote_refund(house, booking_id))
    assert isinstance(outcome.refusal, RefundRefused)
    return booking_id


async def test_what_the_carrier_refunded_is_not_shown_as_refunded_before_the_money_is_back(house):
    booking_id = await refused(house)
    assert (await house.booking(booking_id)).state == "CANCELLED"
    assert "ITEM_REFUNDED" not in await house.timeline(booking_id)
    assert [order["state"] for order in house.orders()] == ["cancelled"]
    await judge(house)


async def test_it_is_given_back_once_however_often_it_is_asked(house):
    booking_id = await refused(house)
    total = (await house.booking(booking_id)).total_minor
    assert charges(house) == [("captured", total)]
    for key in ("g1", "g1"):
        assert (await give_back(house, booking_id, key)).state == OperationState.DONE
    assert charges(house) == [("captured", 0)]
    assert (await house.booking(booking_id)).state == "REFUNDED"
    again = await give_back(house, booking_id, "g2")
    assert isinstance(again.refusal, WrongState)
    assert charges(house) == [("captured", 0)]


async def test_refused_again_it_stays_due(house):
    booking_id = await refused(house)
    house.fault("charges.refund", "refused")
    assert isinstance((await give_back(house, booking_id)).refusal, RefundRefused)
    assert (await house.booking(booking_id)).state == "CANCELLED"
    assert (await give_back(house, booking_id, "g2")).state == OperationState.DONE


async def test_nothing_is_given_back_of_what_is_not_due_or_not_ones_own(house):
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    await house.pay(booking_id)
    assert isinstance((await give_back(house, booking_id)).refusal, WrongState)
    with pytest.raises(NotFound):
        await give_back(house, booking_id, who=viewer(OTHER))
