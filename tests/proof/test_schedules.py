"""Random schedules: whatever clients, carriers, processes and time do together, the ledger shows no broken promise.

FAREGATE_PROOF_SEED chooses where the seeds begin. In memory a seed repeats its schedule exactly; on a database up to
the database's own timing.
"""

import asyncio
import logging
import os
from collections import Counter

import pytest
from sqlmodel import select

from app.store.engine import MemoryStore
from app.store.tables import OperationRow, OperationState
from tests.booking.judge import complaints
from tests.proof.schedules import Schedule
from tests.proof.shares import Share
from tests.surviving import kept, put_back

FIRST_SEED = int(os.environ.get("FAREGATE_PROOF_SEED", "1"))
MOVES = 100
# Far more than a schedule takes: one that never comes to rest fails.
_LONGEST_SECONDS = 60
# How many times its share a campaign may take on a machine so slow that little happens in it.
_LONGEST = 4
_TICKETED, _BY_CARD = "booking TICKETED", "payment by CARD CAPTURED"


async def wrong(schedule, caplog):
    """Everything that is not as promised, now that the schedule rests."""
    found = await complaints(schedule.shop) + await schedule.lies() + await schedule.disagreements()
    stuck = select(OperationRow.verb, OperationRow.id).where(OperationRow.state == OperationState.STUCK)
    found += [f"{verb} {operation} is stuck" for verb, operation in await schedule.shop.rows(stuck)]
    return found + [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def live_many(share, store, caplog, *wanted):
    """One schedule after the other while there is time, and until what is wanted was seen; answers what happened.

    Fails at the first wrong one.
    """
    empty, seen, seed = await kept(store), Counter(), FIRST_SEED
    while share.left or (share.used < _LONGEST * share.seconds and not all(seen[what] for what in wanted)):
        await put_back(store, empty)
        schedule = Schedule(seed, store)
        async with asyncio.timeout(_LONGEST_SECONDS):
            await schedule.live(MOVES)
        assert await wrong(schedule, caplog) == [], f"seed {seed}"
        await schedule.end()
        assert await wrong(schedule, caplog) == [], f"seed {seed}, days later"
        caplog.clear()
        ends = await schedule.ends()
        assert not ends["booking HELD"], f"seed {seed}"
        seen += schedule.seen + ends
        seen["schedules"] += 1
        seed += 1
    return seen


def told(where, seen, share):
    """What happened."""
    lines = [f"{where}: seeds {FIRST_SEED} to {FIRST_SEED + seen['schedules'] - 1}, {share.used:.0f} s"]
    return "\n".join(lines + [f"  {what}: {times}" for what, times in sorted(seen.items())])


async def test_a_few_schedules(caplog):
    share = Share(1 / 300)
    seen = await live_many(share, MemoryStore(), caplog)
    assert seen["schedules"]


@pytest.mark.proof
async def test_no_schedule_breaks_the_promise(covered, caplog):
    share = Share(1 / 10)
    seen = await live_many(share, MemoryStore(), caplog, _TICKETED, _BY_CARD)
    covered(told("in memory", seen, share))
    assert seen[_TICKETED]
    assert seen[_BY_CARD]


@pytest.mark.proof
async def test_nor_on_a_database(store, covered, caplog):
    share = Share(1 / 20)
    seen = await live_many(share, store, caplog, _TICKETED)
    covered(told(store.engine.dialect.name, seen, share))
    assert seen[_TICKETED]
