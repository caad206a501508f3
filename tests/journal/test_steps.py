"""One step meets each of the world's three answers, and silence, and comes to one honest end."""

from datetime import timedelta
from functools import partial

import pytest

from app.domain import codec
from app.domain.errors import Trouble, Unknown
from app.domain.recovery import Lost, Recovery
from app.domain.refusals import CarrierUnavailable, SoldOut
from app.journal.steps import Step
from app.store.tables import OperationState, StepState
from tests.exploration import lost, unreachable
from tests.journal.toys import (
    DEADLINE,
    IDEMPOTENT,
    LOOK_FIRST,
    NEVER,
    NOW,
    Bought,
    Shop,
    Wanted,
    buying,
    tell,
    trip,
)

GONE = SoldOut(message="The last seat is gone.", path=("input", "offers", "0"))
DOWN = CarrierUnavailable(message="Not reachable.", carrier="toy")


async def sold_out(_act):
    raise GONE


async def broken(_act):
    raise KeyError("surprise")


async def broken_after_the_effect(act):
    await act()
    raise KeyError("surprise")


async def test_all_answered_is_done(bench):
    operation = await bench.run(trip(bench.shop))
    assert operation.state == OperationState.DONE
    assert operation.closed_at == bench.clock.now()
    assert bench.shop.bought() == ["meal", "seat"]
    assert await bench.told() == ["bought seat", "bought meal", "thanked"]


async def test_the_step_key_is_the_operation_the_name_and_the_item(bench):
    operation = await bench.run(trip(bench.shop))
    assert bench.shop.asked == [(what, f"{operation.id}/buy/{what}") for what in ("seat", "meal")]


async def test_the_request_is_committed_before_it_is_sent(bench):
    seen = []

    async def look(act):
        seen.append((await bench.steps())["seat"])
        return await act()

    bench.shop.faults.append(look)
    await bench.run(trip(bench.shop))
    assert (seen[0].state, seen[0].request) == (StepState.ASKING, {"what": "seat"})
    assert seen[0].send_by < seen[0].quiet_at


async def test_a_refusal_ends_the_operation_and_its_facts_are_written(bench):
    bench.shop.faults.append(sold_out)

    async def verb(run):
        await run.step(
            buying(run, bench.shop, "seat", refused=lambda session, refusal: tell(run, str(refusal.code), session))
        )

    operation = await bench.run(verb)
    assert operation.state == OperationState.REFUSED
    assert codec.load_refusal(operation.refusal) == GONE
    assert await bench.told() == ["SOLD_OUT"]


async def test_a_refusal_replays_from_the_journal_without_asking_again(bench):
    """A verb that fails after a refused step, and is run again, meets the same Refusal."""
    bench.shop.faults.append(sold_out)
    met = []

    async def verb(run):
        try:
            await run.step(buying(run, bench.shop, "seat"))
        except SoldOut as refusal:
            met.append(refusal)
            if len(met) == 1:
                raise LookupError("a bug behind the refusal") from None
            raise

    await bench.run(verb)
    operation = await bench.resume()
    assert operation.state == OperationState.REFUSED
    assert met == [GONE, GONE]
    assert len(bench.shop.asked) == 1


async def test_trouble_backs_off_and_is_asked_again_with_the_same_key(bench):
    bench.shop.faults.extend([unreachable] * 3)
    operation = await bench.run(trip(bench.shop))
    pauses = []
    while operation.state == OperationState.OPEN:
        pauses.append(operation.due_at - bench.clock.now())
        operation = await bench.resume()
    assert operation.state == OperationState.DONE
    assert pauses == sorted(pauses) and pauses[0] == timedelta(seconds=1)
    assert len({key for what, key in bench.shop.asked if what == "seat"}) == 1
    assert bench.shop.bought() == ["meal", "seat"]


async def test_trouble_waits_as_long_as_the_other_side_asks(bench):
    async def limited(_act):
        raise Trouble("rate limited", retry_after=timedelta(seconds=90))

    bench.shop.faults.append(limited)
    operation = await bench.run(trip(bench.shop))
    assert operation.due_at - bench.clock.now() == timedelta(seconds=90)


async def test_patience_ends_in_the_refusal_that_giving_up_is(bench):
    bench.shop.faults.extend([unreachable] * 9)
    operation = await bench.run(trip(bench.shop, patience=3, gives_up=DOWN))
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert codec.load_refusal(operation.refusal) == DOWN
    assert len(bench.shop.asked) == 4
    assert bench.shop.bought() == []


async def test_without_patience_it_never_gives_up(bench):
    bench.shop.faults.extend([unreachable] * 40)
    operation = await bench.run(trip(bench.shop))
    for _ in range(40):
        assert operation.state == OperationState.OPEN
        operation = await bench.resume()
    assert operation.state == OperationState.DONE


async def test_trouble_after_a_lost_answer_is_no_reason_to_give_up(bench):
    """That this ask certainly had no effect says nothing about the one before it."""
    bench.shop.faults.extend([lost] + [unreachable] * 9)
    operation = await bench.run(trip(bench.shop, patience=3, gives_up=DOWN))
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert operation.state == OperationState.DONE
    assert bench.shop.bought() == ["meal", "seat"]


async def test_trouble_after_a_lookup_in_vain_may_give_up(bench):
    """What cannot take effect any more, and did not, leaves nothing behind."""
    bench.shop.honours_keys = False

    async def lost_before_the_effect(_act):
        raise Unknown("time-out")

    bench.shop.faults.extend([lost_before_the_effect] + [unreachable] * 9)
    operation = await bench.run(trip(bench.shop, recovery=LOOK_FIRST, patience=3, gives_up=DOWN))
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert codec.load_refusal(operation.refusal) == DOWN
    assert bench.shop.bought() == []


async def test_an_idempotent_ask_whose_answer_was_lost_is_asked_again_with_its_key(bench):
    bench.shop.faults.append(lost)
    operation = await bench.run(trip(bench.shop, recovery=IDEMPOTENT))
    assert operation.state == OperationState.OPEN
    assert (await bench.resume()).state == OperationState.DONE
    assert [what for what, _ in bench.shop.asked] == ["seat", "seat", "meal"]
    assert bench.shop.bought() == ["meal", "seat"]


async def test_look_first_finds_the_effect_and_asks_no_more(bench):
    bench.shop.faults.append(lost)
    await bench.run(trip(bench.shop, recovery=LOOK_FIRST))
    assert (await bench.resume()).state == OperationState.DONE
    assert [what for what, _ in bench.shop.asked] == ["seat", "meal"]
    assert await bench.told() == ["bought seat", "bought meal", "thanked"]


async def test_look_first_asks_again_only_when_the_first_ask_can_have_no_effect_any_more(bench):
    async def swallowed(_act):
        raise Unknown("time-out")

    bench.shop.faults.append(swallowed)
    operation = await bench.run(trip(bench.shop, recovery=LOOK_FIRST))
    quiet_at = (await bench.steps())["seat"].quiet_at
    assert quiet_at == NOW + timedelta(seconds=10) + DEADLINE + LOOK_FIRST.settle_delay
    while operation.state == OperationState.OPEN:
        asked_before = len(bench.shop.asked)
        operation = await bench.resume()
        assert (len(bench.shop.asked) > asked_before) == (bench.clock.now() >= quiet_at)
    assert operation.state == OperationState.DONE
    assert len(bench.shop.looked) > 1


async def test_an_effect_that_came_late_is_found(bench):
    bench.shop.honours_keys = False
    operation = await bench.run(trip(bench.shop, recovery=LOOK_FIRST, buy=late_once(bench.shop)))
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert bench.shop.bought() == ["meal", "seat"]


def late_once(shop):
    """The first ask takes effect late, the others at once."""
    asks = [shop.sell_late]

    async def buy(wanted, call):
        return await (asks.pop() if asks else shop.buy)(wanted, call)

    return buy


async def test_a_lookup_that_began_too_early_proves_nothing_when_it_ends(bench):
    """A slow lookup sees the world as it was: an effect may land behind its back until the quiet time."""
    bench.shop.honours_keys = False

    async def slow(wanted, call, since):
        found = await bench.shop.find(wanted, call, since)
        bench.clock.advance(timedelta(minutes=2))
        return found

    verb = trip(bench.shop, recovery=LOOK_FIRST, buy=late_once(bench.shop), find=slow)
    operation = await bench.run(verb)
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert bench.shop.bought() == ["meal", "seat"]


async def test_an_answer_may_ask_for_a_longer_settle_delay(bench):
    async def slowly_created(_act):
        raise Unknown("202", settle_delay=timedelta(hours=2))

    bench.shop.faults.append(slowly_created)
    await bench.run(trip(bench.shop, recovery=LOOK_FIRST))
    assert (await bench.steps())["seat"].quiet_at == NOW + timedelta(hours=2)


@pytest.mark.parametrize("problem", [Trouble("down"), Unknown("silence")])
async def test_a_lookup_without_an_answer_decides_nothing(bench, problem):
    bench.shop.faults.append(lost)
    looks = [problem]

    async def find(wanted, call, since):
        if looks:
            raise looks.pop()
        return await bench.shop.find(wanted, call, since)

    await bench.run(trip(bench.shop, recovery=LOOK_FIRST, find=find))
    assert (await bench.resume()).state == OperationState.OPEN
    assert (await bench.resume()).state == OperationState.DONE
    assert bench.shop.bought() == ["meal", "seat"]


async def test_what_can_never_be_looked_up_waits_visibly_for_a_person(bench, caplog):
    bench.shop.faults.append(lost)
    await bench.run(trip(bench.shop, recovery=NEVER))
    operation = await bench.resume()
    assert operation.state == OperationState.STUCK
    assert (await bench.steps())["seat"].state == StepState.STUCK
    assert "is stuck" in caplog.text
    bench.clock.advance(timedelta(days=30))
    assert await bench.journal.claim_due(9) == []
    assert len(bench.shop.asked) == 1


@pytest.mark.parametrize("fault", [broken, broken_after_the_effect])
async def test_a_surprise_while_asking_is_treated_as_unknown(bench, fault):
    bench.shop.faults.append(fault)
    operation = await bench.run(trip(bench.shop, recovery=LOOK_FIRST))
    assert operation.state == OperationState.OPEN
    assert (await bench.steps())["seat"].problem == "KeyError"
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert bench.shop.bought() == ["meal", "seat"]


async def test_a_bug_in_every_ask_is_seen_by_a_person_in_the_end(bench):
    bench.shop.faults += [broken] * 12
    operation = await bench.run(trip(bench.shop, recovery=LOOK_FIRST))
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert (operation.state, operation.failures) == (OperationState.STUCK, 10)
    assert bench.shop.bought() == []


async def test_a_bug_in_a_verb_is_retried_and_then_stuck(bench, caplog):
    runs = []

    async def verb(run):
        runs.append(run)
        await run.step(buying(run, bench.shop, "seat"))
        raise LookupError("bug")

    operation = await bench.run(verb)
    while operation.state == OperationState.OPEN:
        operation = await bench.resume()
    assert operation.state == OperationState.STUCK
    assert len(runs) == operation.failures == 10
    assert bench.shop.bought() == ["seat"]
    assert "failed unexpectedly" in caplog.text


async def test_a_bug_in_settling_leaves_the_step_to_be_looked_up(bench):
    broken_once = [LookupError("bug")]

    def refuse_once(_session, _bought):
        if broken_once:
            raise broken_once.pop()

    async def verb(run):
        step = buying(run, bench.shop, "seat", recovery=LOOK_FIRST)
        await run.step(Step(**{**vars(step), "settle": refuse_once}))

    await bench.run(verb)
    assert (await bench.resume()).state == OperationState.DONE
    assert bench.shop.bought() == ["seat"]
    assert len(bench.shop.asked) == 1


def test_look_first_needs_a_lookup():
    with pytest.raises(ValueError, match="find"):
        Step(
            name="buy",
            request=Wanted("seat"),
            answer=Bought,
            ask=Shop(None).buy,
            settle=lambda *_: None,
            recovery=LOOK_FIRST,
            deadline=DEADLINE,
        )


async def test_idempotent_with_a_delay_waits_before_asking_again(bench):
    recovery = Recovery(lost=Lost.IDEMPOTENT, settle_delay=timedelta(seconds=60))
    bench.shop.faults.append(lost)
    await bench.run(trip(bench.shop, recovery=recovery))
    quiet_at = (await bench.steps())["seat"].quiet_at
    operation = await bench.resume()
    while operation.state == OperationState.OPEN:
        assert len(bench.shop.asked) == 1
        operation = await bench.resume()
    assert bench.clock.now() >= quiet_at
    assert bench.shop.bought() == ["meal", "seat"]


async def test_a_record_is_made_once_and_replayed(bench):
    made, runs = [], []

    def make(session):
        made.append(1)
        return len(made)

    async def verb(run):
        runs.append(await run.record("number", int, make))
        runs.append(await run.record("number", int, make, item="other"))
        if len(runs) == 2:
            raise LookupError("bug")

    await bench.run(verb)
    await bench.resume()
    assert (made, runs) == ([1, 1], [1, 2, 1, 2])


async def test_a_record_that_refuses_leaves_nothing_else_and_replays(bench):
    met = []

    def make(run, session):
        tell(run, "never", session)
        session.flush()
        raise GONE

    async def verb(run):
        try:
            await run.record("check", bool, partial(make, run))
        except SoldOut as refusal:
            met.append(refusal)
            if len(met) == 1:
                raise LookupError("bug") from None
            raise

    await bench.run(verb)
    assert (await bench.resume()).state == OperationState.REFUSED
    assert met == [GONE, GONE]
    assert await bench.told() == []
