"""Opening, claiming and sharing operations: on the store in memory, and on both databases where they race."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from app.domain import codec
from app.domain.refusals import BookingBusy, InvalidInput, KeyReused, NotFound, SoldOut, WrongState
from app.journal.journal import LEASE, Journal
from app.journal.run import Run, held
from app.journal.runner import Runner
from app.journal.steps import Fenced
from app.store.engine import SqlStore
from app.store.tables import OperationRow, OperationState
from tests.exploration import lost
from tests.journal.toys import LOOK_FIRST, NEVER, VERB, Bench, buying, opening, prepared, tell, trip

LATE = WrongState(message="The booking is over.", state="EXPIRED")


async def test_the_same_key_and_input_is_the_same_operation(bench):
    first = await bench.open()
    again = await bench.open()
    assert again.operation.id == first.operation.id
    assert (first.claim is None, again.claim is None) == (False, True)


@pytest.mark.parametrize("changes", [{"text": "other input"}, {"verb": "other@1"}])
async def test_a_key_cannot_be_used_for_anything_else(bench, changes):
    await bench.open()
    with pytest.raises(KeyReused):
        await bench.open(**changes)
    with pytest.raises(KeyReused):
        await bench.journal.known(opening(**changes))


async def test_a_key_belongs_to_its_partner(bench):
    first = await bench.open()
    other = await bench.journal.open(opening(partner_id="q"), prepared("c"), "c")
    assert other.operation.id != first.operation.id


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_has_bounds(bench, key):
    with pytest.raises(InvalidInput):
        await bench.open(key)


async def test_an_open_operation_makes_its_booking_busy(bench):
    first = await bench.open("one")
    with pytest.raises(BookingBusy) as busy:
        await bench.open("two")
    assert busy.value.operation_id == first.operation.id
    await bench.open("three", booking_id="c")


async def test_busy_is_not_recorded_and_passes(bench):
    bench.verbs[VERB] = trip(bench.shop)
    first = await bench.open("one")
    with pytest.raises(BookingBusy):
        await bench.open("two")
    await bench.journal.execute(first.claim)
    assert (await bench.open("two")).claim is not None


async def test_a_stuck_operation_keeps_its_booking_busy(bench):
    bench.shop.faults.append(lost)
    await bench.run(trip(bench.shop, recovery=NEVER))
    assert (await bench.resume()).state == OperationState.STUCK
    with pytest.raises(BookingBusy):
        await bench.open("two")


async def test_another_partner_does_not_learn_that_a_booking_is_busy(bench):
    """Nor its operation's id: to that partner the booking does not exist, which `prepare` says."""
    await bench.open("one")

    def prepare(_session, _operation_id):
        raise NotFound(message="No such booking.")

    with pytest.raises(NotFound):
        await bench.journal.open(opening("two", partner_id="q"), prepare, "b")


async def test_a_refused_precondition_is_recorded_and_final(bench):
    def refuse(session, _operation_id):
        raise LATE

    first = await bench.journal.open(opening(), refuse, "b")
    again = await bench.journal.open(opening(), prepared(), "b")
    assert (first.claim, again.claim) == (None, None)
    assert again.operation.state == OperationState.REFUSED
    assert codec.load_refusal(again.operation.refusal) == LATE
    assert (await bench.open("two")).claim is not None


async def test_wrong_input_is_not_recorded(bench):
    def refuse(_session, _operation_id):
        raise InvalidInput(message="no")

    with pytest.raises(InvalidInput):
        await bench.journal.open(opening(), refuse, "b")
    assert await bench.journal.known(opening()) is None


async def test_what_prepare_wrote_before_refusing_is_gone(bench):
    def refuse(session, operation_id):
        prepared_run = Run(bench.store, bench.clock, first.claim)
        tell(prepared_run, "never", session)
        session.flush()
        raise LATE

    first = await bench.open("one", booking_id="c")
    await bench.journal.open(opening("two"), refuse, "b")
    assert await bench.told() == []


async def test_each_answers_in_order_with_refusals_among_them(bench):
    gone = SoldOut(message="gone")
    answers = []

    async def sold_out(_act):
        raise gone

    async def verb(run):
        bench.shop.faults.extend([None, sold_out])
        answers.extend(await run.each([buying(run, bench.shop, what) for what in ("a", "b", "c")]))

    operation = await bench.run(verb)
    assert operation.state == OperationState.DONE
    assert [getattr(answer, "what", answer) for answer in answers] == ["a", gone, "c"]


async def test_each_waits_for_all_before_one_unknown_parks_the_operation(bench):
    async def verb(run):
        await run.each([buying(run, bench.shop, what, recovery=LOOK_FIRST) for what in ("a", "b", "c")])

    bench.shop.faults.extend([lost])
    operation = await bench.run(verb)
    assert operation.state == OperationState.OPEN
    assert await bench.told() == ["bought b", "bought c"]
    assert (await bench.resume()).state == OperationState.DONE
    assert bench.shop.bought() == ["a", "b", "c"]
    assert [what for what, _ in bench.shop.asked] == ["a", "b", "c"]


async def test_what_can_be_settled_is_settled_before_a_person_is_called(bench):
    """A sibling that is stuck does not leave another one's lost answer unknown for ever."""
    bench.shop.faults.extend([lost, lost])
    bench.shop.honours_keys = False

    async def find_later(wanted, call, since):
        found = await bench.shop.find(wanted, call, since)
        return found if len(bench.shop.looked) > 1 else None

    async def verb(run):
        steps = [
            buying(run, bench.shop, "a", recovery=NEVER),
            buying(run, bench.shop, "b", recovery=LOOK_FIRST, find=find_later),
        ]
        await run.each(steps)

    await bench.run(verb)
    operation = await bench.resume()
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert operation.state == OperationState.STUCK
    assert await bench.told() == ["bought b"]


async def test_an_operation_nobody_runs_is_taken_up_when_its_lease_is_over(bench):
    bench.verbs[VERB] = trip(bench.shop)
    opened = await bench.open()
    assert await bench.journal.claim_due(9) == []
    bench.clock.advance(LEASE)
    (claim,) = await bench.journal.claim_due(9)
    assert claim.fence == opened.claim.fence + 1
    await bench.journal.execute(claim)
    assert bench.shop.bought() == ["meal", "seat"]


async def test_a_worker_claims_only_verbs_it_knows(bench):
    await bench.open(verb="trip@2")
    bench.verbs[VERB] = trip(bench.shop)
    bench.clock.advance(LEASE)
    assert await bench.journal.claim_due(9) == []


async def test_looking_for_what_is_due_writes_nothing_until_something_is(bench, monkeypatch):
    bench.verbs[VERB] = trip(bench.shop)
    await bench.open()
    write, written = bench.journal._store.write, []

    async def counted(body):
        written.append(body)
        return await write(body)

    monkeypatch.setattr(bench.journal._store, "write", counted)
    assert (await bench.journal.claim_due(9), written) == ([], [])
    bench.clock.advance(LEASE)
    assert (len(await bench.journal.claim_due(9)), len(written)) == (1, 1)


async def test_a_nudge_brings_a_parked_operation_forward(bench):
    bench.shop.faults.append(lost)
    operation = await bench.run(trip(bench.shop))
    await bench.journal.nudge(operation.id)
    (claim,) = await bench.journal.claim_due(9)
    await bench.journal.execute(claim)
    await bench.journal.nudge(operation.id)
    assert (await bench.operation(operation.id)).state == OperationState.DONE


async def test_a_run_that_was_overtaken_settles_nothing(bench):
    """It pauses after asking; another worker settles; its own answer goes nowhere when it wakes."""
    await overtaken(bench)
    assert bench.shop.bought() == ["meal", "seat"]
    assert await bench.told() == ["bought seat", "bought meal", "thanked"]
    assert {step.state for step in (await bench.steps()).values()} == {"SETTLED"}


async def test_without_the_fence_an_overtaken_run_settles_again(bench, monkeypatch):
    """The control."""
    monkeypatch.setattr("app.journal.run.held", unfenced)
    monkeypatch.setattr("app.journal.journal.held", unfenced)
    await overtaken(bench)
    assert (await bench.told()).count("bought seat") == 2


def unfenced(session, claim):
    return session.get_one(OperationRow, claim.operation_id)


async def overtaken(bench):
    asleep, wake = asyncio.Event(), asyncio.Event()

    async def sleep_after(act):
        answer = await act()
        asleep.set()
        await wake.wait()
        return answer

    bench.shop.faults.append(sleep_after)
    bench.verbs[VERB] = trip(bench.shop)
    opened = await bench.open()
    sleeper = asyncio.create_task(bench.journal.execute(opened.claim))
    await asleep.wait()
    assert (await bench.resume()).state == OperationState.DONE
    wake.set()
    await sleeper


async def test_the_fence_is_told_from_the_end(bench):
    """An older claim is refused while the operation is still open."""
    bench.verbs[VERB] = trip(bench.shop)
    opened = await bench.open()
    bench.clock.advance(LEASE)
    (newer,) = await bench.journal.claim_due(1)
    with pytest.raises(Fenced):
        await bench.store.write(lambda session: held(session, opened.claim))
    await bench.store.write(lambda session: held(session, newer))


async def test_racing_openings_of_one_booking_end_in_one_operation_and_one_busy(stored, database_url):
    other = Bench(SqlStore(database_url), stored.clock, Ids("x"), stored.shop)
    benches = [stored, other] * 4
    results = await asyncio.gather(
        *(bench.open(f"key {number}") for number, bench in enumerate(benches)), return_exceptions=True
    )
    opened = [result for result in results if not isinstance(result, BookingBusy)]
    assert [result.claim is not None for result in opened] == [True]
    assert {result.operation_id for result in results if isinstance(result, BookingBusy)} == {opened[0].operation.id}
    await other.store.close()


async def test_racing_openings_of_one_key_are_one_operation(stored, database_url):
    other = Bench(SqlStore(database_url), stored.clock, Ids("x"), stored.shop)
    opened = await asyncio.gather(*(bench.open() for bench in [stored, other] * 4))
    assert len({result.operation.id for result in opened}) == 1
    assert len([result for result in opened if result.claim is not None]) == 1
    await other.store.close()


class Ids:
    def __init__(self, name):
        self.name, self.count = name, 0

    def new(self, prefix):
        self.count += 1
        return f"{prefix}_{self.name}{self.count}"


MANY = 40


async def many_operations(bench):
    """Forty operations due now, each of which writes down every claim it is run with."""
    runs = []

    async def verb(run):
        runs.append((run.claim.operation_id, run.claim.fence))

    for number in range(MANY):
        await bench.store.write(lambda session, n=number: session.add(due_operation(bench.clock, n)))
    return verb, runs


def due_operation(clock, number):
    now = clock.now()
    facts = {"partner_id": "p", "verb": VERB, "input_hash": "", "input": {}, "actor": "system"}
    return OperationRow(id=f"op{number:02}", key=f"k{number}", due_at=now, created_at=now, **facts)


async def test_two_workers_never_run_the_same_claim(stored, database_url):
    verb, runs = await many_operations(stored)
    other = SqlStore(database_url)
    runners = [
        Runner(Journal(store, stored.clock, stored.ids, {VERB: verb}), concurrency=5)
        for store in (stored.store, other, stored.store, other)
    ]
    await asyncio.gather(*(runner.drain() for runner in runners))
    assert sorted(runs) == [(f"op{number:02}", 2) for number in range(MANY)]
    states = select(OperationRow.state).distinct()
    assert await other.read(lambda session: session.exec(states).all()) == [OperationState.DONE]
    await other.close()


@pytest.mark.proof
async def test_claiming_passes_rows_another_worker_is_claiming(postgres):
    """On PostgreSQL nobody queues behind a claim under way."""
    url = await postgres.create()
    async with asyncio.timeout(5):
        await skip_locked(url)
    await postgres.drop(url)


async def skip_locked(url):
    from tests.journal.conftest import NOW, ManualClock, Shop, seed

    store, clock = SqlStore(url), ManualClock(NOW)
    await store.write(seed)
    bench = Bench(store, clock, Ids("x"), Shop(clock))
    verb, _ = await many_operations(bench)
    bench.verbs[VERB] = verb
    async with store._writing.connect() as claiming:
        await claiming.exec_driver_sql("SELECT id FROM operation WHERE id < 'op10' FOR UPDATE")
        claims = await bench.journal.claim_due(MANY)
        await claiming.rollback()
    assert sorted(claim.operation_id for claim in claims) == [f"op{number}" for number in range(10, MANY)]
    await store.close()


async def test_the_whole_verb_runs_on_both_databases(stored):
    stored.shop.faults.extend([lost])
    operation = await stored.run(trip(stored.shop, recovery=LOOK_FIRST))
    while operation.state == OperationState.OPEN:
        operation = await stored.resume()
    assert stored.shop.bought() == ["meal", "seat"]
    assert await stored.told() == ["bought seat", "bought meal", "thanked"]


async def test_each_runs_its_steps_together_on_both_databases(stored):
    async def verb(run):
        await run.each([buying(run, stored.shop, what) for what in "abcdef"])

    assert (await stored.run(verb)).state == OperationState.DONE
    assert sorted(await stored.told()) == [f"bought {what}" for what in "abcdef"]


async def test_prepare_and_operation_are_one_transaction(stored):
    def fail(session, _operation_id):
        tell_of(session)
        raise LookupError

    def tell_of(session):
        session.add(due_operation(stored.clock, 99))
        session.flush()

    with pytest.raises(LookupError):
        await stored.journal.open(opening(), fail, "b")
    assert await stored.journal.known(opening()) is None
    everything = select(OperationRow.id)
    assert await stored.store.read(lambda session: session.exec(everything).all()) == []


async def test_input_comes_back_to_every_run(bench):
    seen = []

    async def verb(run):
        seen.append((run.claim.input, run.claim.booking_id, run.claim.opened_at))
        if len(seen) == 1:
            raise LookupError("bug")

    await bench.run(verb)
    await bench.resume()
    assert seen[0] == seen[1] == ({"seats": 1}, "b", bench.clock.now() - timedelta(seconds=1))
