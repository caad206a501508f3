"""Crash exploration in its long form: every verb, every fault its calls can meet, every state to die in."""

import pytest
from sqlmodel import select

from app.store.engine import MemoryStore
from app.store.tables import OperationRow, OperationState
from tests.booking.exploring import explore
from tests.proof.combinations import combinations
from tests.proof.shares import Share
from tests.surviving import kept, put_back


async def nothing_stuck(house):
    stuck = select(OperationRow.verb).where(OperationRow.state == OperationState.STUCK)
    assert await house.rows(stuck) == []


async def explore_all(share, store, *, small=False):
    """Explore one combination after the other while there is time; answers what was seen of each."""
    empty, seen = await kept(store), {}
    for each in combinations():
        if not share.left:
            break
        await put_back(store, empty)
        house, act = await each.opened(store, small=small)
        seen[each] = await explore(house, act, nothing_stuck)
    return seen


def told(where, seen, share):
    """Exactly what was covered."""
    states = sum(found.states for found in seen.values())
    runs = sum(found.runs for found in seen.values())
    whole = (
        f"{where}: {len(seen)} of {len(combinations())} combinations of verb and fault,"
        f" {states} states to die in, {runs} processes started anew, {share.used:.0f} s"
    )
    each = [f"  {name}: {found.states} states, ends {', '.join(sorted(found.endings))}" for name, found in seen.items()]
    return "\n".join([whole, *each])


def judge(seen):
    broken = {str(each): found.broken for each, found in seen.items() if found.broken}
    assert broken == {}
    strange = {str(each): found.endings for each, found in seen.items() if not found.endings <= each.scene.endings}
    assert strange == {}


@pytest.mark.proof
async def test_no_crash_and_no_fault_breaks_the_promise(covered):
    share = Share(1 / 5)
    seen = await explore_all(share, MemoryStore())
    covered(told("in memory", seen, share))
    assert len(seen) > 5
    judge(seen)


@pytest.mark.proof
async def test_nor_on_a_database(store, covered):
    share = Share(1 / 20)
    seen = await explore_all(share, store, small=True)
    covered(told(store.engine.dialect.name, seen, share))
    assert seen
    judge(seen)
