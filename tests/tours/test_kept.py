"""Asked once however many ask at the same time, and again when it is stale."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.errors import Trouble
from app.tours.kept import Kept
from tests.search.fakes import Watch


class Question:
    def __init__(self):
        self.times, self.error, self.may_answer = 0, None, asyncio.Event()
        self.may_answer.set()

    async def __call__(self):
        self.times += 1
        await self.may_answer.wait()
        if self.error:
            raise self.error
        return self.times


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def kept(watch):
    return Kept(keep=timedelta(seconds=100), size=2, monotonic=watch)


@pytest.fixture
def question():
    return Question()


async def test_an_answer_is_kept_for_as_long_as_was_said(kept, watch, question):
    assert await kept.get("a", question) == 1
    watch.seconds += 99
    assert await kept.get("a", question) == 1
    watch.seconds += 1
    assert await kept.get("a", question) == 2


async def test_those_who_ask_together_share_one_question(kept, question):
    assert await asyncio.gather(*(kept.get("a", question) for _ in range(5))) == [1] * 5


async def test_whoever_asked_first_may_leave(kept, question):
    question.may_answer.clear()
    first, second = (asyncio.create_task(kept.get("a", question)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    question.may_answer.set()
    assert await second == 1


async def test_a_failure_is_kept_for_a_tenth_of_it(kept, watch, question):
    question.error = Trouble("down")
    for _ in range(2):
        with pytest.raises(Trouble):
            await kept.get("a", question)
    assert question.times == 1
    question.error = None
    watch.seconds += 10
    assert await kept.get("a", question) == 2


async def test_what_was_asked_longest_ago_makes_room(kept, question):
    for key in ("a", "b", "c", "b"):
        await kept.get(key, question)
    assert question.times == 3
    await kept.get("a", question)
    assert question.times == 4
