"""A deposit on a tour as a client sees it: what confirms it, when the rest is due, and when a deposit is too little."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from app.store.tables import BookingRow
from tests.schema.gateway import operation, same_as_committed
from tests.tours.selling import stay

PAY = operation("pay_deposit")


@pytest.fixture
async def held(gateway):
    """A booking of a single room, not paid yet."""
    house = gateway.house
    return (await house.reserve("r1", await stay(house))).booking_id


async def pay(gateway, booking_id, **amount):
    given = {"idempotencyKey": gateway.key(), "bookingId": booking_id, "method": {"onAccount": {}}}
    answer = await gateway.data(PAY, input=given | amount)
    await gateway.house.runner.drain()
    return answer


async def test_a_deposit_confirms_and_says_when_the_rest_is_due(gateway, held):
    same_as_committed("pay_deposit", await pay(gateway, held, amount={"amount": "150.00", "currency": "GBP"}))


async def test_once_the_rest_is_due_a_deposit_is_too_little(gateway, held):
    soon = gateway.house.clock.now() + timedelta(minutes=10)

    def due(session: Session) -> None:
        session.get_one(BookingRow, held).balance_due_at = soon

    await gateway.house.store.write(due)
    gateway.house.clock.advance(timedelta(minutes=10))
    answer = await pay(gateway, held, amount={"amount": "150.00", "currency": "GBP"})
    (error,) = answer["pay"]["errors"]
    total = answer["pay"]["booking"]["total"]
    assert (error["__typename"], error["advice"], error["path"]) == ("BalanceDue", "CORRECT_INPUT", ["input", "amount"])
    assert error["required"] == total
    assert error["dueAt"] == soon.isoformat().replace("+00:00", "Z")
