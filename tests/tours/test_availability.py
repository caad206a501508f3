"""Whether departures can be booked: together, once, and as fresh as was asked for."""

import asyncio
from datetime import timedelta

from app.domain.errors import Trouble
from app.domain.refusals import CarrierUnavailable
from app.tours.availability import Availabilities, Wanted
from app.tours.sellers import Sellers
from tests.tours.fakes import SUMMER, UK, US, FakeOperator, departure


def wanted(day=SUMMER[0], operator="aatkings", region=UK, age=60):
    key = departure(day, operator=operator).key
    return Wanted(region=region, key=key, max_age=timedelta(seconds=age))


def over(clock, *operators, size=100):
    return Availabilities(Sellers(operators), clock, size=size)


async def test_one_question_to_each_operator_for_each_region(clock, kings, gold):
    everything = [
        wanted(day, operator, region)
        for day in SUMMER
        for operator in ("aatkings", "luxurygold")
        for region in (UK, US)
    ]
    told = await over(clock, kings, gold).of(everything)
    assert [(each.departure.key, each.region) for each in told] == [(each.key, each.region) for each in everything]
    assert kings.asked == gold.asked == [("availability", UK, 4), ("availability", US, 4)]


async def test_the_same_departure_twice_is_asked_for_once(clock, kings):
    told = await over(clock, kings).of([wanted(), wanted(age=5), wanted()])
    assert told[0] is told[1] is told[2]
    assert kings.asked == [("availability", UK, 1)]


async def test_what_is_fresh_enough_is_not_asked_again(clock, kings):
    seen = over(clock, kings)
    await seen.of([wanted()])
    clock.advance(timedelta(seconds=59))
    assert len(await seen.of([wanted(), wanted(SUMMER[1])])) == 2
    assert kings.asked == [("availability", UK, 1), ("availability", UK, 1)]
    clock.advance(timedelta(seconds=1))
    (told,) = await seen.of([wanted()])
    assert told.as_of == clock.now()
    assert len(kings.asked) == 3


async def test_each_says_how_fresh_it_has_to_be(clock, kings):
    seen = over(clock, kings)
    await seen.of([wanted(), wanted(SUMMER[1])])
    clock.advance(timedelta(seconds=10))
    old, new = await seen.of([wanted(age=60), wanted(SUMMER[1], age=5)])
    assert (clock.now() - old.as_of, clock.now() - new.as_of) == (timedelta(seconds=10), timedelta())


async def test_at_0_it_is_always_asked(clock, kings):
    seen = over(clock, kings)
    for _ in range(2):
        await seen.of([wanted(age=0)])
    assert len(kings.asked) == 2


async def test_those_who_ask_at_the_same_time_share_the_question(clock, kings):
    seen = over(clock, kings)
    first, second = await asyncio.gather(seen.of([wanted(age=0)]), seen.of([wanted(age=0), wanted(SUMMER[1])]))
    assert first[0] is second[0]
    assert kings.asked == [("availability", UK, 2)]


async def turns(count=20):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_who_asks_a_few_turns_later_is_part_of_the_same_question(clock, kings):
    seen = over(clock, kings)
    first = asyncio.create_task(seen.of([wanted()]))
    await turns(8)
    await asyncio.gather(first, seen.of([wanted(SUMMER[1])]))
    assert kings.asked == [("availability", UK, 2)]


async def test_a_question_that_is_under_way_answers_whoever_asks_the_same_since(clock, kings):
    kings.answering.clear()
    seen = over(clock, kings)
    first = asyncio.create_task(seen.of([wanted(age=0)]))
    await turns()
    second = asyncio.create_task(seen.of([wanted(age=0), wanted(SUMMER[1])]))
    await turns()
    kings.answering.set()
    assert (await first)[0] is (await second)[0]
    assert kings.asked == [("availability", UK, 1), ("availability", UK, 1)]


async def test_whoever_asked_first_may_leave(clock, kings):
    seen = over(clock, kings)
    first, second = (asyncio.create_task(seen.of([wanted()])) for _ in range(2))
    await turns(2)
    first.cancel()
    assert (await second)[0].region == UK
    assert len(kings.asked) == 1


async def test_what_the_operator_does_not_know_is_nothing(clock, kings):
    assert await over(clock, kings).of([wanted("2027-07-07")]) == [None]


async def test_an_operator_that_fails_takes_nothing_from_another(clock, kings, gold):
    kings.error = Trouble("down")
    lost, told = await over(clock, kings, gold).of([wanted(), wanted(operator="luxurygold")])
    assert isinstance(lost, CarrierUnavailable) and lost.carrier == "aatkings"
    assert told.departure.key.operator == "luxurygold"


async def test_after_a_failure_it_is_asked_again(clock, kings):
    seen = over(clock, kings)
    kings.error = Trouble("down")
    await seen.of([wanted()])
    kings.error = None
    assert (await seen.of([wanted()]))[0].region == UK


async def test_an_operator_that_sells_nothing_knows_nothing(clock):
    soon = FakeOperator(clock, coming_soon=True)
    assert await over(clock, soon).of([wanted(), wanted(operator="nobody")]) == [None, None]
    assert soon.asked == []


async def test_only_so_many_are_remembered(clock, kings):
    seen = over(clock, kings, size=1)
    for day in (SUMMER[0], SUMMER[1], SUMMER[0]):
        await seen.of([wanted(day)])
    assert len(kings.asked) == 3
