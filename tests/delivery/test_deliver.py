"""Deliveries: taken, refused, lost, late; at least once, for days, and nobody waits for anybody else."""

import asyncio
from datetime import timedelta

import pytest

from app.delivery.courier import AT_ONCE, Courier
from app.delivery.deliveries import LEASE
from app.delivery.endpoints import end_endpoint
from app.delivery.schedule import DELAYS, next_delay
from app.domain.events import EventKind
from app.signing.sealing import Sealer
from app.store.delivery_tables import EndpointRow
from app.wire.messages import Response
from app.wire.transport import NoAnswer, NotSent
from tests.booking.house import House
from tests.delivery.office import HOOK, Office

ONE = (EventKind.BOOKING_HELD,)
SECOND = timedelta(seconds=1)


async def test_what_happened_is_posted_and_written_down(office, booked):
    await office.endpoint()
    await office.tick()
    assert [post["data"]["eventKind"] for post in office.posted()] == ["RESERVE_STARTED", "ITEM_HELD", "BOOKING_HELD"]
    for row in await office.deliveries():
        assert (row.state, row.attempts, row.answer) == ("DELIVERED", 1, "HTTP 200")
        assert row.delivered_at == office.house.clock.now()
    await office.later(timedelta(days=4))
    assert len(office.posted()) == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (500, "HTTP 500"),
        (404, "HTTP 404"),
        (302, "HTTP 302"),
        (NotSent("ClientConnectorError"), "shop.example could not be reached."),
        (NoAnswer("TimeoutError"), "shop.example was asked and did not answer."),
    ],
)
async def test_whatever_is_no_success_is_tried_again_as_the_same_event(office, booked, answer, words):
    await office.endpoint(events=ONE)
    office.backends.answers[HOOK] = [answer]
    await office.tick()
    (row,) = await office.deliveries()
    assert (row.state, row.answer, row.next_at) == ("PENDING", words, office.house.clock.now() + DELAYS[0])
    await office.later(DELAYS[0] - SECOND)
    assert len(office.posted()) == 1
    await office.later(SECOND)
    (row,) = await office.deliveries()
    assert (row.state, row.attempts, row.answer) == ("DELIVERED", 2, "HTTP 200")
    assert {request.headers["webhook-id"] for request in office.backends.posts[HOOK]} == {row.id}


async def test_it_is_tried_for_three_days_and_then_has_visibly_failed(office, booked):
    await office.endpoint(events=ONE)
    office.backends.answers[HOOK] = [503] * 20
    began = office.house.clock.now()
    await office.tick()
    for delay in DELAYS:
        assert (await office.deliveries())[0].state == "PENDING"
        await office.later(delay)
    (row,) = await office.deliveries()
    assert (row.state, row.attempts, row.answer) == ("FAILED", 10, "HTTP 503")
    assert timedelta(days=3) <= office.house.clock.now() - began <= timedelta(days=3, hours=12)
    await office.later(timedelta(days=30))
    assert len(office.posted()) == 10


def test_delays_are_spread_and_never_shorter_than_the_endpoint_asked_for():
    assert [next_delay(1, None, chance) for chance in (0, 0.5, 1)] == [SECOND * 4.5, SECOND * 5, SECOND * 5.5]
    assert next_delay(1, timedelta(minutes=3), 0.5) == timedelta(minutes=3)
    assert next_delay(2, timedelta(minutes=3), 0.5) == timedelta(minutes=5)
    assert next_delay(10, timedelta(minutes=3), 0.5) is None


@pytest.mark.parametrize("status", [429, 503])
async def test_an_endpoint_that_asks_for_a_pause_gets_it(office, booked, status):
    await office.endpoint(events=ONE)
    office.backends.answers[HOOK] = [Response(status=status, headers={"retry-after": "600"})]
    await office.tick()
    await office.later(timedelta(seconds=599))
    assert len(office.posted()) == 1
    await office.later(SECOND)
    assert len(office.posted()) == 2
    assert (await office.deliveries())[0].state == "DELIVERED"


async def test_an_endpoint_that_is_gone_is_told_nothing_more(office, booked):
    await office.endpoint()
    office.backends.answers[HOOK] = [410] * AT_ONCE
    await office.tick()
    assert {row.state for row in await office.deliveries()} == {"FAILED"}
    await office.house.cancel(booked)
    await office.later(timedelta(days=1))
    assert len(office.posted()) == 3 and len(await office.deliveries()) == 3


async def test_a_removed_endpoint_is_told_nothing_more(office, booked):
    name, _ = await office.endpoint()
    await office.announcer.announce()
    await office.house.store.write(lambda session: end_endpoint(session, session.get_one(EndpointRow, name)))
    await office.house.cancel(booked)
    await office.later(timedelta(days=1))
    assert office.posted() == []
    assert {(row.state, row.answer) for row in await office.deliveries()} == {("FAILED", "The endpoint was removed.")}


@pytest.mark.proof
async def test_many_workers_deliver_everything_once(store):
    office = Office(await House(store=store).open())
    await office.endpoint()
    await office.endpoint("https://other.example/")
    booking_id = (await office.house.reserve()).booking_id
    for _ in range(20):
        await office.paid(booking_id)
    await office.announcer.announce()
    couriers = [Courier(store, office.clock, office.wire, office.letters) for _ in range(4)]
    while {row.state for row in await office.deliveries()} != {"DELIVERED"}:
        await asyncio.gather(*(courier.deliver() for courier in couriers))
        await asyncio.gather(*(courier.rest() for courier in couriers))
    for url in (HOOK, "https://other.example/"):
        told = [request.headers["webhook-id"] for request in office.backends.posts[url]]
        assert len(told) == len(set(told)) == 23


class Dying:
    """A store whose process dies at the write after the next."""

    def __init__(self, store):
        self._store = store
        self.writes = 0

    async def read(self, body):
        return await self._store.read(body)

    async def write(self, body):
        self.writes += 1
        if self.writes > 1:
            raise asyncio.CancelledError
        return await self._store.write(body)


async def test_a_worker_that_dies_between_post_and_commit_leaves_it_to_the_next_as_the_same_event(office, booked):
    await office.endpoint(events=ONE)
    await office.announcer.announce()
    office.open(Dying(office.house.store))
    await office.courier.deliver()
    await office.courier.rest()
    assert len(office.posted()) == 1
    office.open()
    await office.later(LEASE - SECOND)
    assert len(office.posted()) == 1
    await office.later(SECOND)
    first, second = office.backends.posts[HOOK]
    assert first.headers["webhook-id"] == second.headers["webhook-id"] and first.body == second.body
    assert [(row.state, row.attempts) for row in await office.deliveries()] == [("DELIVERED", 2)]


async def test_a_worker_that_wakes_up_after_its_lease_writes_nothing(office, booked):
    await office.endpoint(events=ONE)
    gate = office.backends.gates[HOOK] = asyncio.Event()
    office.backends.answers[HOOK] = [500, 200]
    await office.announcer.announce()
    slow = office.courier
    await slow.deliver()
    while not office.backends.posts[HOOK]:
        await asyncio.sleep(0)
    del office.backends.gates[HOOK]
    office.open()
    await office.later(LEASE)
    gate.set()
    await slow.rest()
    (row,) = await office.deliveries()
    assert (row.state, row.answer, row.next_at) == ("PENDING", "HTTP 500", office.house.clock.now() + DELAYS[1])
    assert len(office.posted()) == 2 and office.backends.answers[HOOK] == []


async def test_a_slow_endpoint_keeps_only_itself_waiting(office, booked):
    await office.endpoint()
    await office.endpoint("https://slow.example/")
    gate = office.backends.gates["https://slow.example/"] = asyncio.Event()
    await office.announcer.announce()
    await office.courier.deliver()
    while len(office.backends.posts[HOOK]) < 3:
        await asyncio.sleep(0)
    await office.house.cancel(booked)
    await office.announcer.announce()
    for _ in range(50):
        await office.courier.deliver()
        await asyncio.sleep(0)
    assert len(office.posted()) == 4
    assert len(office.posted("https://slow.example/")) == 3
    gate.set()
    await office.courier.rest()
    await office.tick()
    assert {row.state for row in await office.deliveries()} == {"DELIVERED"}


async def test_an_endpoint_is_posted_to_a_few_at_a_time(office, booked):
    await office.endpoint()
    for _ in range(3 * AT_ONCE):
        await office.paid(booked)
    office.backends.gates[HOOK] = asyncio.Event()
    await office.announcer.announce()
    await office.courier.deliver()
    for _ in range(50):
        await office.courier.deliver()
        await asyncio.sleep(0)
    assert len(office.posted()) == AT_ONCE
    office.backends.gates.pop(HOOK).set()
    await office.courier.rest()
    assert len(office.posted()) == 3 * AT_ONCE + 3


async def test_after_a_failure_the_rest_waits_for_its_next_turn(office, booked):
    await office.endpoint()
    for _ in range(2 * AT_ONCE):
        await office.paid(booked)
    office.backends.answers[HOOK] = [500]
    await office.tick()
    assert len(office.posted()) == AT_ONCE
    await office.tick()
    assert len(office.posted()) == 2 * AT_ONCE + 3


async def test_a_delivery_that_cannot_be_written_is_tried_again_and_logged(office, booked, caplog):
    await office.endpoint(events=ONE)
    office.sealer = Sealer([bytes(32)])
    office.open()
    await office.tick()
    (row,) = await office.deliveries()
    assert (row.state, row.answer) == ("PENDING", "Something went wrong on our side.")
    assert row.id in caplog.text and office.posted() == []
