"""Nobody travels on two tours at once: who seems to is warned of."""

import pytest
from sqlmodel import select

from app.store.tables import EventRow
from tests.aftersales.selling import exchange
from tests.booking.house import House, passenger
from tests.tours.changing import CHEAPER, held, quoted
from tests.tours.selling import LAST_PLACE, OPEN, TWO_PLACES, stay


@pytest.fixture
async def house():
    """The gateway below GraphQL over an airline's and a tour operator's world, with its partners let in."""
    return await House().open()


async def warned_of(house, booking_id):
    """The references of the bookings that the booking seems to repeat."""
    query = select(EventRow.facts).where(EventRow.booking_id == booking_id, EventRow.kind == "DUPLICATE_SUSPECTED")
    return [facts["bookingReference"] for facts in await house.rows(query)]


async def also(house, day, **wish):
    """The id of another booking of the tour."""
    return (await house.reserve("r2", await stay(house, day), **wish)).booking_id


# The tour has five days.
@pytest.mark.parametrize("day", [OPEN, LAST_PLACE])
async def test_the_same_people_on_tours_at_the_same_time_are_a_warning(house, day):
    first = await held(house)
    assert await warned_of(house, await also(house, day)) == [first.reference]


async def test_a_tour_that_begins_as_the_other_ends_is_no_warning(house):
    await held(house, LAST_PLACE)
    assert await warned_of(house, await also(house, TWO_PLACES)) == []


async def test_other_people_on_the_tour_are_no_warning(house):
    await held(house)
    assert await warned_of(house, await also(house, OPEN, passengers=(passenger(given="Grace"),))) == []


async def test_what_was_exchanged_is_taken_by_its_new_days(house):
    first = await held(house)
    await house.pay(first.id)
    await exchange(house, await quoted(house, first.id, CHEAPER))
    assert await warned_of(house, await also(house, LAST_PLACE)) == []
    second = await house.reserve("r3", await stay(house, CHEAPER))
    assert await warned_of(house, second.booking_id) == [first.reference]
