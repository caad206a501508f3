"""Operations: keys, who may open one beside another, and what takes them up again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.booking import expire
from app.booking.cancel import CancelWish, take_cancel
from app.booking.desk import Terms
from app.booking.duties import open_due
from app.booking.pay import PayWish, take_pay
from app.domain.refusals import BookingBusy, InvalidInput, KeyReused, NotFound, OfferExpired, WrongState
from app.store.tables import OperationState
from tests.booking.house import OTHER, viewer
from tests.booking.judge import judge


async def test_the_same_key_and_input_is_the_same_operation(house):
    offer = await house.holdable()
    token = house.token(offer)
    first = await house.reserve_tokens("r1", token)
    again = await house.reserve_tokens("r1", token)
    assert again == first
    assert len(house.orders()) == 1


async def test_an_answer_stands_after_the_offer_has_expired(house):
    token = house.token(await house.holdable())
    first = await house.reserve_tokens("r1", token)
    house.clock.advance(timedelta(hours=2))
    assert await house.reserve_tokens("r1", token) == first
    with pytest.raises(OfferExpired):
        await house.reserve_tokens("r2", token)


async def test_a_key_serves_one_input(house):
    first, second = (await house.offers())[:2]
    await house.reserve("r1", first)
    with pytest.raises(KeyReused) as caught:
        await house.reserve("r1", second)
    assert caught.value.path == ("input", "idempotencyKey")
    assert len(house.orders()) == 1


async def test_a_key_serves_one_verb(house):
    booking_id = (await house.reserve("k1")).booking_id
    with pytest.raises(KeyReused):
        await house.pay(booking_id, "k1")


@pytest.mark.parametrize("key", ["", " ", "k" * 256])
async def test_a_key_has_1_to_255_characters(house, key):
    with pytest.raises(InvalidInput) as caught:
        await house.reserve(key)
    assert caught.value.path == ("input", "idempotencyKey")


async def test_partners_keys_are_their_own(house):
    booking_id = (await house.reserve("k1")).booking_id
    with pytest.raises(NotFound):
        await take_pay(house.desk, viewer(OTHER), "k1", PayWish(booking_id=booking_id))


async def test_a_refusal_replays_for_its_key_and_for_no_other(house):
    house.fault("orders.create", "order_not_created")
    token = house.token(await house.holdable())
    first = await house.reserve_tokens("r1", token)
    assert first.refusal is not None
    assert await house.reserve_tokens("r1", token) == first
    assert (await house.reserve_tokens("r2", token)).state == OperationState.DONE
    await judge(house)


async def test_a_booking_that_is_being_changed_is_busy(house):
    booking_id = (await house.reserve()).booking_id
    house.fault("payments.create", "time_out_before")
    paying = await house.pay(booking_id)
    assert paying.state == OperationState.OPEN
    with pytest.raises(BookingBusy) as caught:
        await house.cancel(booking_id)
    assert caught.value.operation_id == paying.operation_id
    await house.quiet()
    await judge(house)


async def test_what_the_gateway_does_by_itself_is_waited_for(house):
    booking_id = (await house.reserve()).booking_id
    house.clock.advance(timedelta(days=4))
    (expiring,) = await open_due(house.desk, (expire.UNPAID,))
    with pytest.raises(BookingBusy):
        await house.cancel(booking_id)
    patient = replace(house.desk, tools=replace(house.desk.tools, terms=Terms(client_wait_seconds=20)))
    cancelling = asyncio.create_task(take_cancel(patient, viewer(), "c2", CancelWish(booking_id=booking_id)))
    await asyncio.sleep(0)
    house.runner.start(expiring)
    outcome = await cancelling
    assert (outcome.state, type(outcome.refusal)) == (OperationState.REFUSED, WrongState)
    await judge(house)


async def test_another_partners_busy_booking_does_not_exist(house):
    booking_id = (await house.reserve()).booking_id
    house.fault("payments.create", "time_out_before")
    await house.pay(booking_id)
    with pytest.raises(NotFound):
        await take_pay(house.desk, viewer(OTHER), "p2", PayWish(booking_id=booking_id))


async def test_no_client_can_take_the_gateways_own_keys(house):
    booking_id = (await house.reserve()).booking_id
    await house.reserve(f"expire@1/{booking_id}")
    with pytest.raises(InvalidInput) as caught:
        await house.reserve(f"faregate:expire@1/{booking_id}")
    assert caught.value.path == ("input", "idempotencyKey")
    await house.later(timedelta(days=4))
    assert (await house.booking(booking_id)).state == "EXPIRED"


async def test_something_heard_while_an_operation_runs_is_not_forgotten(house):
    house.fault("orders.create", "time_out_before")
    opened = await house.reserve()
    send = house.transport.send

    async def nudged_meanwhile(request, timeout):
        answer = await send(request, timeout)
        await house.journal.nudge(opened.operation_id)
        house.transport.send = send
        return answer

    house.transport.send = nudged_meanwhile
    before = len(house.transport.sent)
    await house.later(timedelta(seconds=1))
    assert len(house.transport.sent) - before == 2


async def test_a_failing_chore_does_not_stop_the_others(house, caplog):
    booking_id = (await house.reserve()).booking_id

    async def fail():
        raise RuntimeError("this chore is broken")

    house.runner._chores.insert(0, fail)
    await house.later(timedelta(days=4))
    assert (await house.booking(booking_id)).state == "EXPIRED"
    assert "this chore is broken" in caplog.text
