"""Tickets that come later are followed until they are there, or a person has to look."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.booking import ItemState, TicketingStatus
from app.domain.itinerary import PassengerType
from app.store.tables import OperationRow, TicketRow
from carriers.sandbox.duffel.booking import tell_created
from carriers.sandbox.duffel.facts import Document
from tests.booking.house import passenger
from tests.booking.judge import judge
from tests.booking.scenes import instant


async def paid(house, hours):
    """A booking that is paid, with tickets this many hours away."""
    outcome = await house.reserve()
    house.fault("payments.create", "documents_later", hours=hours)
    await house.pay(outcome.booking_id)
    return outcome.booking_id


async def item(house, booking_id):
    (row,) = await house.items(booking_id)
    return row


async def follow_ups(house):
    return [row for row in await house.rows(select(OperationRow)) if row.verb.startswith("follow-tickets")]


async def test_a_confirmed_item_says_that_its_tickets_are_pending(house):
    row = await item(house, await paid(house, 2))
    assert (row.state, row.ticketing) == (ItemState.CONFIRMED, TicketingStatus.PENDING)
    assert row.check_tickets_at == house.clock.now() + timedelta(minutes=1)
    await judge(house)


async def test_tickets_are_asked_for_again_until_they_are_issued(house):
    booking_id = await paid(house, 2)
    for _ in range(30):
        await house.later(timedelta(minutes=10))
    row = await item(house, booking_id)
    (ticket,) = await house.rows(select(TicketRow))
    assert (row.state, row.ticketing, row.check_tickets_at) == (ItemState.TICKETED, TicketingStatus.ISSUED, None)
    assert [document["number"] for document in house.world.ledger()["documents"]] == [ticket.number]
    assert "TICKETS_ISSUED" in await house.timeline(booking_id)
    await judge(house)


@pytest.mark.proof
async def test_nobody_is_asked_more_often_than_sensible(house):
    await paid(house, 24)
    for _ in range(24 * 6):
        await house.later(timedelta(minutes=10))
    # Every half of the time already waited, at most every thirty minutes: some fifty looks in a day.
    assert 40 < len(await follow_ups(house)) < 60


async def test_a_carrier_that_cannot_be_read_is_asked_again_later(house):
    booking_id = await paid(house, 1)
    house.fault("orders.get", "error_503", times=20)
    for _ in range(30):
        await house.later(timedelta(minutes=10))
    assert (await item(house, booking_id)).state == ItemState.TICKETED
    await judge(house)


async def test_after_three_days_a_person_has_to_look(house):
    booking_id = await paid(house, 24 * 30)
    for _ in range(74):
        await house.later(timedelta(hours=1))
    row = await item(house, booking_id)
    assert (row.state, row.ticketing, row.check_tickets_at) == (ItemState.CONFIRMED, TicketingStatus.FAILED, None)
    assert "no tickets" in row.stuck
    assert (await house.timeline(booking_id))[-1] == "TICKETS_FAILED"
    before = len(await follow_ups(house))
    await house.later(timedelta(days=1))
    assert len(await follow_ups(house)) == before


def only_order(house):
    (order,) = house.world._core.facts.orders.values()
    return order


async def test_news_of_an_order_brings_the_look_forward(house):
    booking_id = await paid(house, 1)
    await house.later(timedelta(minutes=50))
    house.listen()
    house.clock.advance(timedelta(minutes=10))
    assert (await house.booking(booking_id)).state == "CONFIRMED"
    tell_created(house.world._core, only_order(house))
    assert await house.deliver() == 1
    await house.runner.drain()
    assert (await house.booking(booking_id)).state == "TICKETED"
    await judge(house)


async def test_every_passenger_needs_a_ticket_and_strangers_get_none(house):
    offer = (await house.offers(types=(PassengerType.ADULT, PassengerType.ADULT)))[2]
    people = (passenger(), passenger("Grace", "Hopper"))
    booking_id = (await house.reserve("r1", offer, passengers=people)).booking_id
    house.fault("payments.create", "documents_later", hours=5)
    await house.pay(booking_id)
    order, now = only_order(house), house.clock.now()
    first, second = (person["id"] for person in order.passengers)
    order.documents = [Document("9840000000001", first, now), Document("9840000000009", "pas_nobody", now)]
    await house.later(timedelta(minutes=1))
    assert (await house.booking(booking_id)).state == "CONFIRMED"
    order.documents.append(Document("9840000000002", second, now))
    await house.later(timedelta(hours=1))
    assert (await house.booking(booking_id)).state == "TICKETED"
    tickets = await house.rows(select(TicketRow).order_by(TicketRow.number))
    assert [ticket.number for ticket in tickets] == ["9840000000001", "9840000000002"]
    assert len({ticket.traveller_id for ticket in tickets}) == 2


async def test_what_is_bought_at_once_may_be_ticketed_later(house):
    booking_id = (await house.reserve("r1", await instant(house))).booking_id
    house.fault("orders.create", "documents_later", hours=3)
    await house.pay(booking_id)
    assert (await house.booking(booking_id)).state == "CONFIRMED"
    for _ in range(10):
        await house.later(timedelta(minutes=30))
    assert (await house.booking(booking_id)).state == "TICKETED"
    await judge(house)
