"""Several payments for one booking: nothing is confirmed before they cover it, nothing stays reserved for nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.money import Money
from app.domain.refusals import InvalidInput, SoldOut, WrongState
from app.store.tables import OperationState, PaymentRow
from tests.booking.judge import judge
from tests.booking.scenes import guaranteed, instant


async def payments(house):
    """Status and amount of every payment, oldest first."""
    rows = await house.rows(select(PaymentRow).order_by(PaymentRow.id))
    return [(row.status, row.amount_minor) for row in rows]


@pytest.fixture
async def held(house):
    return (await house.reserve("r1", await guaranteed(house))).booking_id


async def test_a_part_is_reserved_and_nothing_is_confirmed(house, held):
    outcome = await house.pay(held, amount=Money.of("10.00", "GBP"))
    assert outcome.state == OperationState.DONE
    assert (await house.booking(held)).state == "HELD"
    assert house.world.ledger()["charges"] == []
    assert await payments(house) == [("AUTHORISED", 1000)]


async def test_the_rest_confirms_everything_and_takes_both(house, held):
    total = (await house.booking(held)).total_minor
    await house.pay(held, "p1", amount=Money.of("10.00", "GBP"))
    await house.pay(held, "p2")
    assert (await house.booking(held)).state == "TICKETED"
    assert await payments(house) == [("CAPTURED", 1000), ("CAPTURED", total - 1000)]
    await judge(house)


@pytest.mark.parametrize("amount", ["0.00", "-5.00", "99999.00"])
async def test_an_amount_that_is_no_part_is_refused(house, held, amount):
    with pytest.raises(InvalidInput) as refused:
        await house.pay(held, amount=Money.of(amount, "GBP"))
    assert refused.value.path == ("input", "amount")
    assert await payments(house) == []


async def test_an_amount_in_another_currency_is_refused(house, held):
    with pytest.raises(InvalidInput):
        await house.pay(held, amount=Money.of("10.00", "EUR"))


async def test_what_is_left_never_counts_a_part_twice(house, held):
    total = (await house.booking(held)).total_minor
    await house.pay(held, "p1", amount=Money(total - 1, "GBP"))
    with pytest.raises(InvalidInput):
        await house.pay(held, "p2", amount=Money(2, "GBP"))


async def test_a_part_is_released_when_the_rest_does_not_come(house, held):
    await house.pay(held, amount=Money.of("10.00", "GBP"))
    await house.later((await house.booking(held)).pay_by - house.clock.now() + timedelta(seconds=1))
    await house.quiet()
    assert (await house.booking(held)).state == "EXPIRED"
    assert await payments(house) == [("VOIDED", 1000)]
    await judge(house)


async def test_a_part_is_released_when_the_booking_is_cancelled(house, held):
    await house.pay(held, amount=Money.of("10.00", "GBP"))
    await house.cancel(held)
    assert await payments(house) == [("VOIDED", 1000)]
    await judge(house)


async def test_every_part_is_released_when_the_carrier_refuses(house):
    held = (await house.reserve("r1", await instant(house))).booking_id
    await house.pay(held, "p1", amount=Money.of("10.00", (await house.booking(held)).currency))
    house.fault("orders.create", "sold_out")
    outcome = await house.pay(held, "p2")
    assert isinstance(outcome.refusal, SoldOut)
    assert {status for status, _ in await payments(house)} == {"VOIDED"}
    await judge(house)


async def test_what_a_lower_price_did_not_need_is_not_taken(house):
    """The reserve covers what the client accepts; the last fund is taken only as far as the price asks for."""
    held = (await house.reserve("r1", await guaranteed(house))).booking_id
    total = (await house.booking(held)).total_minor
    await house.pay(held, "p1", amount=Money.of("10.00", "GBP"))
    await house.pay(held, "p2", accept_up_to=Money(total + 500, "GBP"))
    assert await payments(house) == [("CAPTURED", 1000), ("CAPTURED", total - 1000)]
    await judge(house)


class TestDeposit:
    """A carrier that confirms on a deposit: the sandbox's, taught to ask for one."""

    @pytest.fixture
    async def held(self, house, monkeypatch):
        check = house.carrier.check

        async def with_deposit(ref):
            offer = await check(ref)
            return replace(offer, deposit=Money(offer.total.minor // 4, offer.total.currency))

        monkeypatch.setattr(house.carrier, "check", with_deposit)
        return (await house.reserve("r1", await guaranteed(house))).booking_id

    async def test_less_than_the_deposit_confirms_nothing(self, house, held):
        deposit = (await house.booking(held)).deposit_minor
        await house.pay(held, amount=Money(deposit - 1, "GBP"))
        assert (await house.booking(held)).state == "HELD"

    async def test_the_deposit_confirms_and_the_rest_is_still_to_be_paid(self, house, held):
        booking = await house.booking(held)
        await house.pay(held, "p1", amount=Money(booking.deposit_minor, "GBP"))
        assert (await house.booking(held)).state == "CONFIRMED"
        assert len(house.world.ledger()["charges"]) == 1
        outcome = await house.pay(held, "p2")
        assert outcome.state == OperationState.DONE
        rest = booking.total_minor - booking.deposit_minor
        assert await payments(house) == [("CAPTURED", booking.deposit_minor), ("CAPTURED", rest)]
        assert len(house.world.ledger()["charges"]) == 1
        await judge(house)

    async def test_what_is_paid_in_full_cannot_be_paid_again(self, house, held):
        await house.pay(held, "p1")
        assert isinstance((await house.pay(held, "p2")).refusal, WrongState)
