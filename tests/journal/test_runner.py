"""The runner keeps operations going whatever becomes of those who asked for them."""

import asyncio

from app.journal.runner import Runner
from app.store.tables import OperationState
from tests.journal.toys import LEASE_OVER, VERB, buying, trip


def runner_of(bench, **options):
    return Runner(bench.journal, **options)


async def test_a_waiter_that_gives_up_cancels_nothing(bench):
    going = asyncio.Event()

    async def slow(act):
        await going.wait()
        return await act()

    bench.verbs[VERB] = trip(bench.shop)
    bench.shop.faults.append(slow)
    runner = runner_of(bench)
    opened = await bench.open()
    runner.start(opened.claim)
    await runner.wait(opened.operation.id, 0.01)
    waiter = asyncio.create_task(runner.wait(opened.operation.id, 60))
    await asyncio.sleep(0)
    waiter.cancel()
    going.set()
    await runner.wait(opened.operation.id, 60)
    assert (await bench.operation(opened.operation.id)).state == OperationState.DONE


async def test_waiting_for_what_does_not_run_here_ends_at_once(bench):
    await asyncio.wait_for(runner_of(bench).wait("op_elsewhere", 60), 1)


async def test_a_tick_takes_up_no_more_than_there_is_room_for(bench):
    bench.verbs[VERB] = trip(bench.shop)
    for key, booking in (("one", "b"), ("two", "c")):
        await bench.open(key, booking)
    bench.clock.advance(LEASE_OVER)
    runner = runner_of(bench, concurrency=1)
    assert await runner.tick() == 1
    assert await runner.tick() == 0
    await runner.drain()
    assert bench.shop.bought() == ["meal", "meal", "seat", "seat"]


async def test_a_chore_opens_what_has_come_due(bench):
    bench.verbs[VERB] = trip(bench.shop)

    async def chore():
        opened = await bench.open("due")
        return [opened.claim] if opened.claim else []

    await runner_of(bench, chores=[chore]).drain()
    assert bench.shop.bought() == ["meal", "seat"]


async def test_stopping_waits_for_what_runs_and_ends_the_rest(bench):
    """A run that does not come to rest is cancelled, has ended when stop returns, and its operation stays open."""
    ended = []

    async def endless(_act):
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    bench.verbs[VERB] = trip(bench.shop)
    bench.shop.faults.append(endless)
    opened = await bench.open()
    runner = runner_of(bench)
    runner.start(opened.claim)
    await asyncio.sleep(0.01)
    await runner.stop(seconds=0.01)
    assert ended == [True]
    assert (await bench.operation(opened.operation.id)).state == OperationState.OPEN
    operation = await bench.resume()
    assert operation.state == OperationState.DONE
    assert bench.shop.bought() == ["meal", "seat"]


async def test_a_failing_chore_keeps_no_other_from_its_work(bench, caplog):
    async def broken():
        raise LookupError("no database")

    async def sound():
        return [(await bench.open()).claim]

    bench.verbs[VERB] = trip(bench.shop)
    runner = runner_of(bench, chores=[broken, sound])
    assert await runner.tick() == 1
    await runner.stop()
    assert "looking for due operations failed" in caplog.text


async def test_a_failing_tick_is_logged_and_tried_again(bench, caplog, monkeypatch):
    fails = [LookupError("no database")]
    done = asyncio.Event()

    async def claim_due(_limit):
        if fails:
            raise fails.pop()
        done.set()
        return []

    runner = runner_of(bench)
    monkeypatch.setattr(bench.journal, "claim_due", claim_due)
    serving = asyncio.create_task(runner.serve(0.001))
    await asyncio.wait_for(done.wait(), 5)
    serving.cancel()
    assert "looking for due operations failed" in caplog.text


async def test_waking_looks_at_once_also_when_it_comes_during_a_look(bench):
    """The poll is an hour away: only waking can have brought the second look and the third."""
    looks = asyncio.Queue()

    async def chore():
        looks.put_nowait(len(wakes))
        if wakes:
            wakes.pop()()
        return []

    runner = runner_of(bench, chores=[chore])
    wakes = [runner.wake]
    serving = asyncio.create_task(runner.serve(3600))
    async with asyncio.timeout(5):
        assert [await looks.get(), await looks.get()] == [1, 0]
        runner.wake()
        await looks.get()
    for _ in range(5):
        await asyncio.sleep(0)
    assert looks.empty()
    serving.cancel()


async def test_what_cannot_be_written_down_is_logged_and_left_to_the_next_claim(bench, caplog, monkeypatch):
    async def verb(run):
        await run.step(buying(run, bench.shop, "seat"))
        monkeypatch.setattr(bench.store, "write", no_database)

    async def no_database(_body):
        raise OSError("the database is gone")

    bench.verbs[VERB] = verb
    opened = await bench.open()
    runner = runner_of(bench)
    runner.start(opened.claim)
    await runner.wait(opened.operation.id, 5)
    await asyncio.sleep(0)
    monkeypatch.undo()
    assert "could not be written down" in caplog.text
    bench.verbs[VERB] = trip(bench.shop)
    assert (await bench.resume()).state == OperationState.DONE
    assert bench.shop.bought() == ["meal", "seat"]


async def test_what_is_done_beside_holds_nothing_up_is_done_once_at_a_time_and_is_waited_for(bench):
    going, begun = asyncio.Event(), []

    async def long():
        begun.append(len(begun))
        await going.wait()

    bench.verbs[VERB] = trip(bench.shop)
    runner = runner_of(bench)
    for _ in range(2):
        runner.beside("long", long)
    opened = await bench.open()
    runner.start(opened.claim)
    await runner.wait(opened.operation.id, 60)
    assert (bench.shop.bought(), begun) == (["meal", "seat"], [0])
    going.set()
    await runner.drain()
    runner.beside("long", long)
    await runner.drain()
    assert begun == [0, 1]


async def test_what_is_done_beside_and_fails_is_logged(bench, caplog):
    async def fails():
        raise OSError("the database is gone")

    runner = runner_of(bench)
    runner.beside("counting", fails)
    await runner.stop()
    assert "counting" in caplog.text
