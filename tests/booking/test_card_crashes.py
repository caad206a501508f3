"""Every state a process can die in while somebody pays by card; judged by the provider's ledger and the carrier's.

The payer outlives every crash: a form that is open gets its card, and callbacks come, once, twice, or never.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.money import Money
from app.store.tables import PaymentRow, PaymentStatus
from tests.booking.exploring import explore, watched_house
from tests.booking.house import PARTNER, viewer
from tests.booking.paying import deliver, open_form, submit
from tests.booking.scenes import BASIC, FLEX, guaranteed, instant
from tests.payments.worlds import listen


async def held(*kinds, heard=True):
    """A booking of these offers that is held, at a provider whose callbacks come or do not."""
    house = await watched_house().open()
    if heard:
        listen(house.bank)
    hasty = viewer(replace(PARTNER, payment_limit=timedelta(hours=1)))
    offers = [await kind(house) for kind in kinds]
    return house, (await house.reserve("r1", *offers, viewer=hasty)).booking_id


async def flex(house):
    return await guaranteed(house, FLEX)


async def basic(house):
    return await guaranteed(house, BASIC)


async def give_cards(house, *cards):
    """The payer fills in every form that is open and was not tried, each with the next card."""
    query = select(PaymentRow).where(PaymentRow.status == PaymentStatus.PENDING).order_by(PaymentRow.id)
    every = await house.rows(select(PaymentRow.id).order_by(PaymentRow.id))
    for payment in await house.rows(query):
        charge = house.bank._core.facts.charges.get(payment.charge)
        if charge is not None and not charge.attempts:
            submit(house, payment, cards[every.index(payment.id) % len(cards)])


def by_card(booking_id, *cards, forms=1, times=1, amount=None):
    """A client that wants this many forms, a payer with these cards, and callbacks this often."""

    async def act(house):
        for number in range(forms):
            part = {"amount": amount} if amount and number == 0 else {}
            await open_form(house, booking_id, f"s{number}", **part)
            await house.settle_operations()
            await give_cards(house, *cards)
        await deliver(house, times=times)

    return act


@pytest.mark.parametrize(
    ("fault", "endings"),
    [
        (None, {"TICKETED"}),
        (("bank", "charges.open", "lost_reply"), {"TICKETED"}),
        (("bank", "charges.capture", "lost_reply"), {"TICKETED"}),
        (("bank", "charges.capture", "late_effect"), {"TICKETED"}),
        (("carrier", "payments.create", "lost_reply"), {"TICKETED"}),
    ],
    ids=str,
)
async def test_paying_by_card_survives_every_crash(fault, endings):
    house, booking_id = await held(flex)
    strike(house, fault)
    found = await explore(house, by_card(booking_id, "approved"))
    assert found.broken == []
    assert found.endings == endings
    assert found.states > 10


@pytest.mark.parametrize("card", ["callback_lost", "callback_twice", "callback_late", "callback_early"])
async def test_callbacks_missing_doubled_late_and_early(card):
    house, booking_id = await held(flex)
    found = await explore(house, by_card(booking_id, card, times=2))
    assert (found.broken, found.endings) == ([], {"TICKETED"})


@pytest.mark.parametrize("fault", [None, ("bank", "charges.void", "lost_reply")], ids=str)
async def test_a_refusing_carrier_releases_the_card_over_every_crash(fault):
    house, booking_id = await held(instant)
    strike(house, fault)
    house.fault("orders.create", "sold_out")
    found = await explore(house, by_card(booking_id, "approved"))
    assert (found.broken, found.endings) == ([], {"CANCELLED"})


async def test_two_forms_paid_for_one_booking_charge_it_once_over_every_crash():
    house, booking_id = await held(flex)
    found = await explore(house, by_card(booking_id, "approved", "approved_amex", forms=2))
    assert (found.broken, found.endings) == ([], {"TICKETED"})


async def test_expiry_against_the_callback_over_every_crash():
    """The card comes in the form's last moment; the booking's own limit comes before anybody has heard of it."""
    house, booking_id = await held(flex)
    await open_form(house, booking_id, "s0")
    await give_cards(house, "approved")
    house.clock.advance((await house.booking(booking_id)).pay_by - house.clock.now())

    async def both(again):
        await again.runner.drain()
        await deliver(again, times=2)

    found = await explore(house, both)
    assert (found.broken, found.endings) == ([], {"TICKETED"})


async def test_cancelling_against_the_card_over_every_crash():
    house, booking_id = await held(flex)
    await open_form(house, booking_id, "s0")
    await give_cards(house, "approved")

    async def cancel(again):
        await again.cancel(booking_id)
        await deliver(again)

    found = await explore(house, cancel)
    assert (found.broken, found.endings) == ([], {"CANCELLED"})


@pytest.mark.parametrize("fault", [None, ("bank", "charges.refund", "lost_reply")], ids=str)
async def test_a_refused_capture_gives_the_rest_back_once_over_every_crash(fault):
    house, booking_id = await held(flex)
    strike(house, fault)
    act = by_card(booking_id, "approved", "capture_refused", forms=2, amount=Money.of("20.00", "GBP"))
    found = await explore(house, act)
    assert (found.broken, found.endings) == ([], {"CANCELLED"})


async def test_a_refused_capture_of_what_cannot_be_cancelled_stays_to_be_paid_over_every_crash():
    house, booking_id = await held(basic)
    found = await explore(house, by_card(booking_id, "capture_refused"))
    assert (found.broken, found.endings) == ([], {"TICKETED"})


def strike(house, fault):
    if fault is not None:
        where, endpoint, kind = fault
        (house.fault if where == "carrier" else house.bank_fault)(endpoint, kind)
