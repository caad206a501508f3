"""All carriers at once, within the deadline, and each answers for itself alone."""

import asyncio
import logging
from datetime import timedelta

import pytest

from app.domain.errors import Trouble
from app.domain.refusals import CarrierRefused, Unsupported
from app.domain.search import OutcomeStatus
from app.search.fan_out import FanOut
from app.search.plan import query_of
from carriers.contract import Ability
from tests.search.fakes import FakeCarrier, Watch, offer, request

SOON = timedelta(milliseconds=5)
QUERY = query_of(request())


@pytest.fixture
def watch():
    return Watch()


async def statuses(*carriers, watch, deadline=SOON):
    replies = await FanOut(carriers, deadline=deadline, monotonic=watch).ask(QUERY)
    return {reply.carrier: reply.status for reply in replies}


async def test_every_carrier_gets_an_outcome_in_order(watch):
    carriers = [
        FakeCarrier("ok", offers=[offer()]),
        FakeCarrier("empty"),
        FakeCarrier("slow", hangs=True),
        FakeCarrier("down", error=Trouble("connection refused")),
        FakeCarrier("refusing", error=CarrierRefused(message="no", carrier="refusing", reason="x")),
        FakeCarrier("broken", error=RuntimeError("bug")),
        FakeCarrier("cannot", error=Unsupported(message="no", carrier="cannot")),
        FakeCarrier("never", abilities=()),
    ]
    assert await statuses(*carriers, watch=watch) == {
        "ok": OutcomeStatus.OK,
        "empty": OutcomeStatus.EMPTY,
        "slow": OutcomeStatus.TIMED_OUT,
        "down": OutcomeStatus.FAILED,
        "refusing": OutcomeStatus.FAILED,
        "broken": OutcomeStatus.FAILED,
        "cannot": OutcomeStatus.UNSUPPORTED,
        "never": OutcomeStatus.UNSUPPORTED,
    }
    assert carriers[-1].searches == []


async def test_tour_operators_are_not_asked_for_journeys(watch):
    operator = FakeCarrier("aatkings", abilities=(Ability.TOURS, Ability.HOLD))
    assert await statuses(FakeCarrier("empty"), operator, watch=watch) == {"empty": OutcomeStatus.EMPTY}


async def test_no_carriers_is_no_answer_and_no_error(watch):
    assert await statuses(watch=watch) == {}


async def test_a_slow_carrier_is_told_to_stop(watch):
    stopped = asyncio.Event()

    class Slow(FakeCarrier):
        async def search(self, query, *, deadline):
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

    assert await statuses(Slow(), watch=watch) == {"duffel": OutcomeStatus.TIMED_OUT}
    await asyncio.wait_for(stopped.wait(), 1)


async def test_even_one_that_does_not_stop_cannot_hold_the_answer(watch):
    may_end = asyncio.Event()

    class Stubborn(FakeCarrier):
        async def search(self, query, *, deadline):
            while not may_end.is_set():
                try:
                    await may_end.wait()
                except asyncio.CancelledError:
                    continue
            raise RuntimeError

    fan_out = FanOut([Stubborn(), FakeCarrier("ok", offers=[offer()])], deadline=SOON, monotonic=watch)
    replies = await asyncio.wait_for(fan_out.ask(QUERY), 1)
    assert [reply.status for reply in replies] == [OutcomeStatus.TIMED_OUT, OutcomeStatus.OK]
    may_end.set()


async def test_trouble_at_the_deadline_is_a_time_out(watch):
    class GivesUp(FakeCarrier):
        async def search(self, query, *, deadline):
            watch.seconds += deadline.total_seconds()
            raise Trouble("no answer in time")

    assert await statuses(GivesUp(), watch=watch, deadline=timedelta(seconds=8)) == {"duffel": OutcomeStatus.TIMED_OUT}


async def test_latency_is_measured_by_the_injected_watch(watch):
    class Timed(FakeCarrier):
        async def search(self, query, *, deadline):
            watch.seconds += 1.25
            return await super().search(query, deadline=deadline)

    (reply,) = await FanOut([Timed()], deadline=timedelta(seconds=8), monotonic=watch).ask(QUERY)
    assert reply.latency == timedelta(milliseconds=1250)


async def test_a_bug_in_a_carrier_is_logged_with_its_trace(watch, caplog):
    with caplog.at_level(logging.ERROR, logger="faregate.search"):
        await statuses(FakeCarrier(error=RuntimeError("bug")), watch=watch)
    assert "RuntimeError: bug" in caplog.text
