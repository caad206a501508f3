"""Deposits and the rest after them, set up to be explored: what was done before, and what the client goes on doing."""

from datetime import timedelta

from sqlmodel import select

from app.domain.money import Money
from app.store.tables import PaymentRow
from tests.booking.paying import deliver, open_form, submit
from tests.booking.scenes import FLEX, by_airline
from tests.payments.worlds import listen
from tests.tours.selling import departure, stay


async def held(house, *more):
    """A single room of the operator's, held; the booking's id and its deposit."""
    booking_id = (await house.reserve("r1", await stay(house), *more)).booking_id
    return booking_id, Money((await house.booking(booking_id)).deposit_minor, "GBP")


async def confirmed(house, *more):
    """What its deposit has confirmed."""
    booking_id, deposit = await held(house, *more)
    await house.pay(booking_id, "deposit", amount=deposit)
    return booking_id


async def when_due(house, booking_id, before=timedelta()):
    """Move time to so long before the rest is due."""
    house.clock.advance((await house.booking(booking_id)).balance_due_at - before - house.clock.now())


async def depositing(house):
    """From the wish to pay the deposit to the confirmation that its tickets wait."""
    booking_id, deposit = await held(house)
    return lambda again: again.pay(booking_id, "deposit", amount=deposit)


async def paying_the_rest(house):
    """From the wish to pay the rest to the tickets."""
    booking_id = await confirmed(house)
    return lambda again: again.pay(booking_id, "rest")


async def unpaid(house, *more):
    """Nobody pays the rest; some of it was paid, and of that what the scale does not keep goes back."""
    booking_id = await confirmed(house, *more)
    await house.pay(booking_id, "most", amount=await half(house, booking_id))
    await when_due(house, booking_id)
    return lambda again: again.runner.drain()


async def unpaid_and_given_up(house):
    """The operator gives the booking up, and nobody has noticed when its rest is due."""
    booking_id = await confirmed(house)
    (item,) = await house.items(booking_id)
    house.change_departure(uuid=item.order_ref)
    await when_due(house, booking_id)
    return lambda again: again.runner.drain()


async def unpaid_and_cancelled(house):
    """As above, but the operator has cancelled the departure; more than the deposit was paid, some by card."""
    listen(house.bank)
    booking_id = await confirmed(house)
    await _card(house, booking_id, await half(house, booking_id))
    await deliver(house)
    house.change_departure(**departure())
    await when_due(house, booking_id)
    return lambda again: again.runner.drain()


async def warned_of(house):
    """The operator gives the booking up before anybody is warned that its rest is due."""
    booking_id = await confirmed(house)
    (item,) = await house.items(booking_id)
    house.change_departure(uuid=item.order_ref)
    await when_due(house, booking_id, timedelta(days=7))

    async def act(again):
        await again.runner.drain()
        await again.settle_operations()
        due = (await again.booking(booking_id)).balance_due_at
        await again.later(max(due - again.clock.now(), timedelta()) if due else timedelta())

    return act


async def unpaid_by_card(house):
    """As above, but what goes back came by card."""
    listen(house.bank)
    booking_id = await confirmed(house)
    await _card(house, booking_id, await half(house, booking_id))
    await deliver(house)
    await when_due(house, booking_id)
    return lambda again: again.runner.drain()


async def unpaid_beside_a_flight(house):
    """The rest is not paid, and the flight in the same booking was."""
    return await unpaid(house, await by_airline(house, "ZZ", FLEX, "JFK", "EWR"))


async def card_at_the_limit(house):
    """The card came in the form's last moment, and the rest is due before anybody has heard of it."""
    booking_id = await confirmed(house)
    await when_due(house, booking_id, timedelta(minutes=20))
    await _card(house, booking_id)
    await when_due(house, booking_id)

    async def both(again):
        await again.runner.drain()
        await deliver(again)

    return both


async def half(house, booking_id):
    """Half of what the booking costs: more than its deposit and than the scale's first step."""
    return Money((await house.booking(booking_id)).total_minor // 2, "GBP")


async def _card(house, booking_id, amount=None):
    await open_form(house, booking_id, "s1", amount=amount)
    (form,) = await house.rows(select(PaymentRow).where(PaymentRow.status == "PENDING"))
    submit(house, form)
