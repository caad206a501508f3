"""Paying by card, set up to be explored: what was done before, and what client, payer and provider go on doing.

The payer outlives every crash: a form that is open gets its card, and callbacks come, once, twice, or never.
"""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from app.domain.money import Money
from app.store.tables import PaymentRow, PaymentStatus
from tests.booking.house import PARTNER, viewer
from tests.booking.paying import deliver, open_form, submit
from tests.booking.scenes import BASIC, FLEX, guaranteed, instant
from tests.payments.worlds import listen

PART = Money.of("20.00", "GBP")


async def flex(house):
    """Can be cancelled for nothing."""
    return await guaranteed(house, FLEX)


async def basic(house):
    """Cannot be cancelled for nothing."""
    return await guaranteed(house, BASIC)


async def held(house, *kinds):
    """A booking of these offers, to be paid within the hour, at a provider whose callbacks we hear."""
    listen(house.bank)
    hasty = viewer(replace(PARTNER, payment_limit=timedelta(hours=1)))
    offers = [await kind(house) for kind in kinds or (flex,)]
    return (await house.reserve("r1", *offers, viewer=hasty)).booking_id


async def give_cards(house, *cards):
    """The payer fills in every form that is open and was not tried, each with its card."""
    every = await house.rows(select(PaymentRow).order_by(PaymentRow.id))
    for payment, card in zip(every, cards, strict=False):
        charge = house.bank._core.facts.charges.get(payment.charge)
        if payment.status == PaymentStatus.PENDING and charge is not None and not charge.attempts:
            submit(house, payment, card)


def by_card(booking_id, card, times=1):
    """A client that wants a form, a payer with a card, and callbacks this often."""

    async def act(house):
        await open_form(house, booking_id, "s0")
        await house.settle_operations()
        await give_cards(house, card)
        await deliver(house, times=times)

    return act


async def given(house, booking_id, *cards):
    """A form for each card, and every card given; nobody has heard of it yet."""
    for number, _ in enumerate(cards):
        await open_form(house, booking_id, f"s{number}")
    await give_cards(house, *cards)


async def hear(house):
    """Every callback that is due."""
    await deliver(house)


async def paying(house):
    """From the wish for a form to the ticket."""
    return by_card(await held(house), "approved")


async def refused(house):
    """The carrier refuses what the card was authorised for."""
    return by_card(await held(house, instant), "approved")


async def two_forms(house):
    """Two forms for one booking, and a card in each."""
    await given(house, await held(house), "approved", "approved_amex")
    return hear


async def at_the_limit(house):
    """The card came in the form's last moment; the booking's own limit comes before anybody has heard of it."""
    booking_id = await held(house)
    await given(house, booking_id, "approved")
    house.clock.advance((await house.booking(booking_id)).pay_by - house.clock.now())

    async def both(again):
        await again.runner.drain()
        await hear(again)

    return both


async def cancelling(house):
    """The client cancels while the card is given."""
    booking_id = await held(house)
    await given(house, booking_id, "approved")

    async def cancel(again):
        await again.cancel(booking_id)
        await hear(again)

    return cancel


async def capture_refused(house):
    """Of two cards the second cannot be captured, so that the first is given back."""
    booking_id = await held(house)
    await open_form(house, booking_id, "s0", amount=PART)
    await give_cards(house, "approved")
    await deliver(house)
    await open_form(house, booking_id, "s1")
    await give_cards(house, "approved", "capture_refused")
    return hear


async def left_to_pay(house):
    """The card cannot be captured, and the order not be cancelled for nothing."""
    await given(house, await held(house, basic), "capture_refused")
    return hear
