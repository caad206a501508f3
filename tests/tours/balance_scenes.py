"""Deposits and the rest after them, set up to be explored: what was done before, and what the client goes on doing."""

from datetime import timedelta

from sqlmodel import select

from app.domain.money import Money
from app.store.tables import PaymentRow
from tests.booking.paying import deliver, open_form, submit
from tests.booking.scenes import FLEX, STANDARD, by_airline
from tests.payments.worlds import listen
from tests.tours.depositing import DUE, held

# More than the airline's fee, which is more than a twentieth of the price.
BEYOND = Money.of("60.00", "GBP")


async def confirmed(house, *more):
    """What its deposit has confirmed; what is kept of it is the airline's own fee, so that its ledger judges."""
    house.part = 20
    booking_id = await held(house, STANDARD, *more)
    await house.pay(booking_id, "deposit", amount=Money((await house.booking(booking_id)).deposit_minor, "GBP"))
    return booking_id


async def depositing(house):
    """From the wish to pay the deposit to the confirmation that its tickets wait."""
    house.part = 20
    booking_id = await held(house, STANDARD)
    deposit = Money((await house.booking(booking_id)).deposit_minor, "GBP")
    return lambda again: again.pay(booking_id, "deposit", amount=deposit)


async def paying_the_rest(house):
    """From the wish to pay the rest to the tickets."""
    booking_id = await confirmed(house)
    return lambda again: again.pay(booking_id, "rest")


async def unpaid(house):
    """Nobody pays the rest; some of it was paid, and goes back."""
    booking_id = await confirmed(house)
    await house.pay(booking_id, "most", amount=BEYOND)
    house.clock.advance(DUE - house.clock.now())
    return lambda again: again.runner.drain()


async def unpaid_by_card(house):
    """As above, but what goes back came by card."""
    listen(house.bank)
    booking_id = await confirmed(house)
    await _card(house, booking_id, BEYOND)
    await deliver(house)
    house.clock.advance(DUE - house.clock.now())
    return lambda again: again.runner.drain()


async def unpaid_beside_a_flight(house):
    """The rest is not paid, and the flight in the same booking was."""
    booking_id = await confirmed(house, await by_airline(house, "ZZ", FLEX, "JFK", "EWR"))
    await house.pay(booking_id, "most", amount=BEYOND)
    house.clock.advance(DUE - house.clock.now())
    return lambda again: again.runner.drain()


async def card_at_the_limit(house):
    """The card came in the form's last moment, and the rest is due before anybody has heard of it."""
    booking_id = await confirmed(house)
    house.clock.advance(DUE - house.clock.now() - timedelta(minutes=20))
    await _card(house, booking_id)
    house.clock.advance(DUE - house.clock.now())

    async def both(again):
        await again.runner.drain()
        await deliver(again)

    return both


async def _card(house, booking_id, amount=None):
    await open_form(house, booking_id, "s1", amount=amount)
    (form,) = await house.rows(select(PaymentRow).where(PaymentRow.status == "PENDING"))
    submit(house, form)
