"""The toy verb under every crash, fault and takeover; without each protection the explorer turns red."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain.recovery import Call, Lost, Recovery
from app.journal.journal import Journal
from app.journal.runner import Runner
from app.store.tables import EventRow, OperationRow
from tests.exploration import (
    ExplorationError,
    explore,
    explore_takeovers,
    lost,
    next_operation,
    unreachable,
)
from tests.journal.test_operations import unfenced
from tests.journal.toys import (
    IDEMPOTENT,
    LOOK_FIRST,
    NOW,
    VERB,
    Shop,
    Wanted,
    buying,
    opening,
    prepared,
    seed,
    tell,
    trip,
)
from tests.memories import empty_store
from tests.surviving import CountedIds, House, MovableClock

LATE_ENOUGH = Call(key="k", send_by=NOW + timedelta(days=1))
HASTY = Recovery(lost=Lost.LOOK_FIRST)


async def house_of(store, *, honours_keys):
    await store.write(seed)
    clock = MovableClock(NOW)
    return House(store, clock, CountedIds(), Shop(clock, honours_keys=honours_keys))


@pytest.fixture
async def forgetful():
    """A house whose world ignores keys: asked twice, it sells twice."""
    return await house_of(empty_store(), honours_keys=False)


@pytest.fixture
async def keyed():
    """A house whose world honours keys."""
    return await house_of(empty_store(), honours_keys=True)


def living(verb=trip, **options):
    """A process that opens the toy operation, as a client that retries does, and runs what is due."""

    async def live(life):
        shop = life.house.world

        async def buy(wanted, call):
            return await life.outside(f"buy {wanted.what}", lambda: shop.sell(wanted, call))

        async def find(wanted, call, since):
            return await shop.find(wanted, call, since)

        verbs = {VERB: verb(shop, buy=buy, find=find, **options)}
        journal = Journal(life.store, life.house.clock, life.house.ids, verbs)
        runner = Runner(journal)
        opened = await journal.open(opening(), prepared(), "b")
        if opened.claim:
            runner.start(opened.claim)
        await runner.drain()
        return await next_operation(life.store)

    return live


def faults_of(house):
    """The answer is lost; there is no way through; the effect comes as late as the settle delay allows."""

    async def late(act):
        house.world.slow = True
        return await act()

    return {"lost": lost, "unreachable": unreachable, "late": late}


def blind(shop, *, find, **options):
    """The toy verb without a way to look."""
    return trip(shop, **options)


async def once_each(house):
    """Every effect exactly once, in the world and in our own records."""
    told = await house.store.read(lambda session: session.exec(select(EventRow.kind).order_by(EventRow.id)).all())
    state = await house.store.read(lambda session: session.exec(select(OperationRow.state)).one())
    assert state == "DONE"
    assert house.world.bought() == ["meal", "seat"]
    assert told == ["bought seat", "bought meal", "thanked"]


@pytest.mark.proof
async def test_every_crash_and_fault_leaves_each_effect_once_when_looking_first(forgetful):
    found = await explore(forgetful, living(recovery=LOOK_FIRST), once_each, faults=faults_of(forgetful))
    # Fewer would mean that moments went unseen.
    assert found.states > 20
    assert found.lives > found.states
    assert found.quiet > 0


async def test_every_crash_and_fault_leaves_each_effect_once_when_keys_are_honoured(keyed):
    faults = faults_of(keyed)
    del faults["unreachable"]
    found = await explore(keyed, living(blind, recovery=IDEMPOTENT), once_each, faults=faults)
    assert found.states > 20


@pytest.mark.proof
async def test_together_as_one_by_one(forgetful):
    def both(shop, **options):
        async def verb(run):
            await run.each([buying(run, shop, what, **options) for what in ("seat", "meal")])
            await run.record("thanks", bool, lambda session: tell(run, "thanked", session) is None)

        return verb

    async def each_once(house):
        told = await house.store.read(lambda session: session.exec(select(EventRow.kind)).all())
        assert house.world.bought() == ["meal", "seat"]
        assert sorted(told) == ["bought meal", "bought seat", "thanked"]

    found = await explore(forgetful, living(both, recovery=LOOK_FIRST), each_once, faults={"lost": lost})
    assert found.states > 20


@pytest.mark.proof
async def test_every_takeover_leaves_each_effect_once(forgetful):
    assert await explore_takeovers(forgetful, living(recovery=LOOK_FIRST), once_each) > 30


@pytest.mark.proof
async def test_the_same_on_a_database_on_disk(store):
    house = await house_of(store, honours_keys=False)
    found = await explore(house, living(recovery=LOOK_FIRST), once_each)
    assert found.states > 10


class TestControls:
    """Each takes one protection away; the explorer must see it."""

    async def test_without_the_step_key(self, keyed):
        asks = []

        def keyless(shop, *, buy, find, **options):
            async def keyless_buy(wanted, call):
                asks.append(call)
                return await buy(wanted, Call(key=f"{call.key}/{len(asks)}", send_by=call.send_by))

            return trip(shop, buy=keyless_buy, **options)

        with pytest.raises(ExplorationError, match="seat"):
            await explore(keyed, living(keyless, recovery=IDEMPOTENT), once_each)

    async def test_without_the_settle_delay(self, forgetful):
        late = {"late": faults_of(forgetful)["late"]}
        with pytest.raises(ExplorationError, match="late at outside call"):
            await explore(forgetful, living(recovery=HASTY), once_each, faults=late)

    async def test_without_looking_first(self, forgetful):
        with pytest.raises(ExplorationError, match="a crash"):
            await explore(forgetful, living(blind, recovery=IDEMPOTENT), once_each)

    async def test_without_the_fence(self, forgetful, monkeypatch):
        monkeypatch.setattr("app.journal.run.held", unfenced)
        monkeypatch.setattr("app.journal.journal.held", unfenced)
        with pytest.raises(ExplorationError, match="freezing at moment"):
            await explore_takeovers(forgetful, living(recovery=LOOK_FIRST), once_each)

    async def test_without_the_last_time_to_send(self, forgetful):
        forgetful.world.refuses_late_sends = False
        with pytest.raises(ExplorationError, match="freezing at moment"):
            await explore_takeovers(forgetful, living(recovery=LOOK_FIRST), once_each)

    async def test_without_the_journal(self, forgetful):
        """A verb that calls past its steps."""

        def careless(shop, *, buy, find, **options):
            async def verb(run):
                for what in ("seat", "meal"):
                    await buy(buying(run, shop, what).request, Call(key=what, send_by=NOW + timedelta(days=1)))

            return verb

        with pytest.raises(ExplorationError):
            await explore(forgetful, living(careless), once_each)

    async def test_what_never_comes_to_rest_is_seen(self, forgetful):
        async def live(life):
            return life.house.clock.now()

        with pytest.raises(ExplorationError, match="never comes to rest"):
            await explore(forgetful, live, once_each)

    async def test_what_grows_for_ever_is_seen(self, forgetful):
        async def live(life):
            await life.outside("grow", lambda: life.house.world.sell(Wanted("more"), LATE_ENOUGH))
            return life.house.clock.now()

        with pytest.raises(ExplorationError, match="over 50 states"):
            await explore(forgetful, live, once_each, limit=50)
