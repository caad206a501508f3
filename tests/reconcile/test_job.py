"""The job itself: its pace, two of it at once, and what each of its guards keeps from happening."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.reconcile import job
from app.reconcile.job import Reconciler
from app.reconcile.under_way import Made
from tests.booking.judge import judge
from tests.booking.scenes import FLEX, guaranteed
from tests.reconcile.scenes import SETTLED, Office

EVERY = timedelta(minutes=15)
with_and_without = pytest.mark.parametrize("protected", [True, False])


def chore_of(house, every):
    tools = replace(house.desk.tools, terms=replace(house.desk.tools.terms, reconcile_every=every))
    return job.chore(replace(house.desk, tools=tools))


async def runs(house, chore, monkeypatch):
    """How often calling the chore now, twice, makes the job run."""
    done = []

    async def run(_self):
        done.append(house.clock.now())

    monkeypatch.setattr(Reconciler, "run", run)
    for _ in range(2):
        assert await chore() == ()
        await house.runner.drain()
    return len(done)


async def test_the_job_runs_once_in_each_pause_and_first_when_one_has_passed(house, monkeypatch):
    chore = chore_of(house, EVERY)
    assert await runs(house, chore, monkeypatch) == 0
    for _ in range(2):
        house.clock.advance(EVERY)
        assert await runs(house, chore, monkeypatch) == 1


async def test_the_job_never_runs_where_nobody_wants_it(house, monkeypatch):
    chore = chore_of(house, None)
    house.clock.advance(timedelta(days=30))
    assert await runs(house, chore, monkeypatch) == 0


async def test_two_jobs_at_once_find_everything_once_and_repair_it_once(store):
    """Several workers on one database: what both find is one discrepancy, what both repair one operation."""
    house = await Office(store=store).open()
    _, key = await house.refused(await guaranteed(house))
    orphan = await house.order_with(key, await guaranteed(house))
    stranger = await house.order_with("somebody else's", await guaranteed(house))
    house.clock.advance(SETTLED)
    await asyncio.gather(*(Reconciler(house.desk).run() for _ in range(3)))
    await house.runner.drain()
    assert sorted(row.ref for row in await house.discrepancies()) == sorted([orphan.ref, stranger.ref])
    assert [row.state for row in await house.operations("release-orphan@1")] == ["DONE"]
    cancelled = house.world.ledger()["cancellations"]
    assert [each["order_id"] for each in cancelled if each["confirmed_at"]] == [orphan.ref]
    assert await house.reconcile() != []


async def test_a_difference_two_jobs_write_at_the_same_moment_is_one(store):
    house = await Office(store=store).open()
    await house.order_with("somebody else's", await guaranteed(house))
    house.clock.advance(SETTLED)
    for _ in range(2):
        await asyncio.gather(*(Reconciler(house.desk).run() for _ in range(2)))
        house.clock.advance(SETTLED)
    assert len(await house.discrepancies()) == 1


@with_and_without
async def test_control_only_what_carries_our_key_is_released(house, protected, monkeypatch):
    item, _ = await house.refused(await guaranteed(house))
    if not protected:
        anybodys = Made(item=item.id, waiting=None)
        monkeypatch.setattr("app.reconcile.our_orders.made_by", lambda _session, keys: dict.fromkeys(keys, anybodys))
    stranger = await house.order_with("somebody else's", await guaranteed(house))
    await house.reconcile()
    assert (house.state_of(stranger.ref) == "held") is protected


@with_and_without
async def test_control_what_ended_a_moment_ago_is_left_for_the_next_run(house, protected, monkeypatch):
    """The booking is paid after the carrier's orders were listed, and before ours are read."""
    booking_id = (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id
    if not protected:
        monkeypatch.setattr("app.reconcile.sides.quiet_before", lambda _profile, now: now + timedelta(days=1))
    orders = house.carrier.orders

    async def paid_meanwhile(*, since):
        listed = await orders(since=since)
        await house.pay(booking_id)
        return listed

    monkeypatch.setattr(house.carrier, "orders", paid_meanwhile)
    found = await house.reconcile()
    assert (found == []) is protected
    await judge(house)


@with_and_without
async def test_control_an_order_that_is_under_way_is_no_orphan(house, protected, monkeypatch):
    house.fault("orders.create", "lost_reply")
    house.fault("orders.list", "error_503", times=None)
    if not protected:
        monkeypatch.setattr("app.reconcile.our_orders.busy", lambda _session, _bookings, _since: set())
    await house.reserve("r1", await guaranteed(house))
    house.world.faults.remove()
    house.clock.advance(SETTLED)
    await house.reconciler.run()
    assert (await house.discrepancies() == []) is protected


@with_and_without
async def test_control_the_other_side_is_asked_before_its_list_is_believed(house, protected, monkeypatch):
    await house.reserve("r1", await guaranteed(house))

    async def none(*, since):
        return []

    monkeypatch.setattr(house.carrier, "orders", none)
    if not protected:

        async def unasked(_side, refs, _span):
            return dict.fromkeys(refs)

        monkeypatch.setattr(job, "_asked", unasked)
    assert (await house.reconcile() == []) is protected
