"""From the timeline to deliveries: every event, to every endpoint that wants it, and to nobody else."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import event as database_event
from sqlmodel import select

from app.delivery.announce import Announcer, wants
from app.domain.events import EventKind
from app.store.delivery_tables import DeliveryRow, EndpointFormat
from app.store.engine import SqlStore
from app.store.tables import BookingRow, EventRow, PartnerRow
from tests.booking.house import OTHER, House
from tests.delivery.office import HOOK, Office
from tests.plans import tables_read_whole

HELD = ["RESERVE_STARTED", "ITEM_HELD", "BOOKING_HELD"]


async def test_every_event_goes_to_every_endpoint_that_wants_it(office, booked):
    await office.endpoint()
    await office.endpoint("https://shop.example/held", events=(EventKind.BOOKING_HELD,))
    await office.announcer.announce()
    assert [row.kind for row in await office.deliveries(HOOK)] == HELD
    assert [row.kind for row in await office.deliveries("https://shop.example/held")] == ["BOOKING_HELD"]
    assert await office.unannounced() == []


async def test_an_event_is_announced_once(office, booked):
    await office.endpoint()
    await office.announcer.announce()
    await office.announcer.announce()
    assert len(await office.deliveries()) == len(HELD)


async def test_what_is_new_is_found_by_its_index(office, booked):
    with tables_read_whole(office.house.store) as whole:
        await office.announcer.announce()
        await office.announcer.announce()
    assert "event" not in whole


async def test_partners_hear_of_their_own_bookings_alone(office, booked):
    await office.endpoint(partner=OTHER)
    await office.tick()
    assert await office.deliveries() == [] and office.backends.posts == {}
    assert await office.unannounced() == []


async def test_an_endpoint_hears_what_happens_from_its_beginning_on(office, booked):
    await office.announcer.announce()
    await office.endpoint()
    await office.house.cancel(booked)
    await office.announcer.announce()
    assert [row.kind for row in await office.deliveries()] == ["ITEM_CANCELLED"]


def statements(engine, seen):
    database_event.listen(engine, "before_cursor_execute", lambda *about: seen.append(about[2].split()[0]))


async def test_a_partner_without_endpoints_costs_one_update_for_all_of_its_events(office, booked):
    seen = []
    statements(office.house.store.engine, seen)
    await office.announcer.announce()
    assert seen.count("UPDATE") == 1 and "INSERT" not in seen and seen.count("SELECT") == 3
    seen.clear()
    await office.announcer.announce()
    assert seen.count("SELECT") == 1 and "UPDATE" not in seen


@pytest.mark.parametrize(
    ("kind", "facts", "wanted"),
    [
        ("PAYMENT_CAPTURED", {"method": "CARD", "payment": "py_1"}, True),
        ("PAYMENT_FAILED", {"method": "CARD", "payment": "py_1"}, True),
        ("PAYMENT_CAPTURED", {"method": "ON_ACCOUNT", "payment": "py_1"}, False),
        ("PAYMENT_CAPTURED", {"method": "CARD"}, False),
        ("PAYMENT_AUTHORISED", {"method": "CARD", "payment": "py_1"}, False),
        ("BOOKING_HELD", {}, False),
    ],
)
def test_payment_callbacks_tell_how_card_payments_ended(kind, facts, wanted):
    assert wants(EndpointFormat.PAYMENT_CALLBACK, [], kind, facts) is wanted
    assert wants(EndpointFormat.STANDARD_WEBHOOKS, [], kind, facts)


async def test_many_workers_announce_each_event_once(store):
    office = Office(await House(store=store).open())
    await office.endpoint()
    await office.house.reserve()
    rows = await office.house.rows(select(EventRow))
    copies = [row.model_dump(exclude={"id"}) for row in rows for _ in range(100)]
    await store.write(lambda session: session.add_all(EventRow(**copy) for copy in copies))
    workers = [Announcer(store=store, clock=office.house.clock, ids=office.house.ids) for _ in range(6)]
    while await office.unannounced():
        await asyncio.gather(*(worker.announce() for worker in workers))
    told = await office.house.rows(select(DeliveryRow.event_id))
    assert len(told) == len(set(told)) == len(rows) + len(copies)


@pytest.mark.proof
async def test_announcing_does_not_wait_for_an_operation_that_has_the_booking_locked(postgres):
    url = await postgres.create()
    store = SqlStore(url)
    office = Office(await House(store=store).open())
    await office.endpoint()
    booking_id = (await office.house.reserve()).booking_id
    lock = select(BookingRow).where(BookingRow.id == booking_id).with_for_update()
    partner = select(PartnerRow).with_for_update()
    async with store.engine.connect() as operation:
        await operation.run_sync(lambda sync: [sync.execute(lock), sync.execute(partner)])
        async with asyncio.timeout(5):
            await office.tick()
    assert {row.state for row in await office.deliveries()} == {"DELIVERED"}
    await store.close()
    await postgres.drop(url)


@pytest.mark.proof
async def test_an_event_that_commits_late_is_not_passed_over(postgres):
    """Its number is lower than that of events announced already."""
    url = await postgres.create()
    store = SqlStore(url)
    office = Office(await House(store=store).open())
    await office.endpoint()
    await office.house.reserve()
    (first, *_) = await office.house.rows(select(EventRow).order_by(EventRow.id))
    late = partial(_copy, first)
    async with store.engine.connect() as connection:
        await connection.run_sync(lambda sync: sync.execute(EventRow.__table__.insert().values(**late(kind="LATE"))))
        await store.write(lambda session: session.add(EventRow(**late(kind="EARLY"))))
        await office.announcer.announce()
        await connection.commit()
    await office.announcer.announce()
    told = await office.house.rows(select(DeliveryRow.kind).order_by(DeliveryRow.created_at, DeliveryRow.id))
    events = await office.house.rows(select(EventRow.kind).order_by(EventRow.id))
    assert events[-2:] == ["LATE", "EARLY"]
    assert told == [*HELD, "EARLY", "LATE"]
    await store.close()
    await postgres.drop(url)


def _copy(row, kind):
    return row.model_dump(exclude={"id", "announced"}) | {"kind": kind, "announced": False}
