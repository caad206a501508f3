"""Every state a process can die in while it hears of a carrier's change, looks at it, and accepts it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.aftersales.accept_change import AcceptWish, take_accept
from app.store.aftersales_tables import CarrierChangeRow
from app.store.tables import EventRow
from tests.booking.exploring import explore, watched_house
from tests.booking.house import viewer
from tests.booking.scenes import STANDARD, guaranteed

_ACCEPT = "airline_changes.accept"


async def moved():
    """A ticketed booking whose carrier has moved the flight and told of it, to nobody yet."""
    house = await watched_house().open()
    house.listen()
    booking_id = (await house.reserve("r1", await guaranteed(house, STANDARD))).booking_id
    await house.pay(booking_id)
    await house.deliver()
    house.change_flight(house.orders()[0]["booking_reference"], minutes=90)
    return house


async def heard(house):
    await house.deliver()
    await house.later(timedelta(seconds=1))


async def told(house):
    return await house.rows(select(EventRow.kind).where(EventRow.kind.in_(["CARRIER_CHANGED", "CHANGE_ACCEPTED"])))


async def test_hearing_of_a_change_survives_every_crash():
    house = await moved()

    async def shown_once(again):
        (row,) = await again.rows(select(CarrierChangeRow))
        assert (row.state, await told(again)) == ("OPEN", ["CARRIER_CHANGED"])

    found = await explore(house, heard, shown_once)
    assert found.broken == []
    assert found.endings == {"TICKETED"}
    assert found.states > 5


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param((), marks=pytest.mark.proof),
        ("lost_reply",),
        pytest.param(("late_effect",), marks=pytest.mark.proof),
        pytest.param(("error_503", "lost_reply"), marks=pytest.mark.proof),
    ],
)
async def test_accepting_a_change_survives_every_crash(faults):
    house = await moved()
    await heard(house)
    (row,) = await house.rows(select(CarrierChangeRow))
    for kind in faults:
        house.fault(_ACCEPT, kind)

    async def accept(again):
        await take_accept(again.desk, viewer(), "a1", AcceptWish(change_id=row.id))
        await again.runner.drain()

    async def accepted_once(again):
        assert await told(again) == ["CARRIER_CHANGED", "CHANGE_ACCEPTED"]
        assert [each["action_taken"] for each in again.world.ledger()["airline_changes"]] == ["accepted"]

    found = await explore(house, accept, accepted_once)
    assert found.broken == []
    assert found.endings == {"TICKETED"}
    assert found.states > 5


@pytest.mark.proof
async def test_accepting_what_another_change_has_followed_survives_every_crash():
    house = await moved()
    await heard(house)
    (row,) = await house.rows(select(CarrierChangeRow))
    house.clock.advance(timedelta(seconds=1))
    house.change_flight(house.orders()[0]["booking_reference"], minutes=15)

    async def accept(again):
        await take_accept(again.desk, viewer(), "a1", AcceptWish(change_id=row.id))
        await again.runner.drain()

    async def superseded(again):
        states = await again.rows(select(CarrierChangeRow.state).order_by(CarrierChangeRow.id))
        assert states == ["SUPERSEDED", "OPEN"]

    found = await explore(house, accept, superseded)
    assert found.broken == []
