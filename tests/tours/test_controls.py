"""Negative controls for tours: each takes one protection away, and the judge must see what it protects from."""

from uuid import uuid4

import pytest

from tests.booking.house import House
from tests.booking.test_controls import judged, with_and_without
from tests.tours.changing import held, on_deposit
from tests.tours.selling import statuses, stay

pytestmark = pytest.mark.proof


@with_and_without
async def test_the_uuid_that_our_key_gives_a_booking(protected, monkeypatch):
    house = await House().open()
    if not protected:
        monkeypatch.setattr("carriers.octo.say.booking_uuid", lambda _key: str(uuid4()))
    house.fault("bookings.create", "lost_reply")
    await house.reserve("r1", await stay(house))
    await house.quiet()
    assert statuses(house) == ["ON_HOLD"] * (1 if protected else 2)
    await judged(house, protected=protected)


@with_and_without
async def test_a_cancelled_hold_is_given_back_to_its_operator(protected, monkeypatch):
    house = await House().open()
    booking = await held(house)
    if not protected:
        monkeypatch.setattr("carriers.octo.bookings.Bookings.end", lambda self, ref, _call: self.read(ref))
    await house.cancel(booking.id)
    await house.quiet()
    await judged(house, protected=protected)


@with_and_without
async def test_nothing_is_kept_of_what_the_operator_gave_up(protected, monkeypatch):
    house = await House().open()
    booking = await on_deposit(house)
    (item,) = await house.items(booking.id)
    house.change_departure(uuid=item.order_ref)
    if not protected:
        monkeypatch.setattr("app.aftersales.forfeit.is_carriers_doing", lambda *_answers, **_before: False)
    await house.later(booking.balance_due_at - house.clock.now())
    await house.quiet()
    assert (await house.booking(booking.id)).kept_minor == (0 if protected else booking.deposit_minor)
    await judged(house, protected=protected)
