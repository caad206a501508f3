"""One batch for many fields, and no field's error may cancel what a sibling waits for."""

import asyncio

import strawberry

from resolvers.loading import load
from schema import EXTENSIONS, GatewaySchema


class Batch:
    def __init__(self):
        self.calls = []
        self.may_answer = asyncio.Event()

    async def __call__(self, _context, keys):
        self.calls.append(list(keys))
        await self.may_answer.wait()
        return [key * 10 for key in keys]


async def test_fields_of_one_level_share_one_batch(context):
    batch = Batch()
    batch.may_answer.set()
    assert await asyncio.gather(*(load(context, batch, key) for key in (1, 2, 1))) == [10, 20, 10]
    assert batch.calls == [[1, 2]]


async def test_a_failing_non_null_sibling_does_not_cancel_the_answer_others_wait_for(context):
    batch = Batch()

    @strawberry.type
    class Part:
        @strawberry.field
        async def loaded(self) -> int:
            return await load(context, batch, 1)

        @strawberry.field
        async def broken(self) -> int:
            await asyncio.sleep(0)
            asyncio.get_running_loop().call_later(0.005, batch.may_answer.set)
            raise RuntimeError

    @strawberry.type
    class Query:
        @strawberry.field
        def part(self) -> Part | None:
            return Part()

        @strawberry.field
        async def other(self) -> int:
            return await load(context, batch, 1)

    tested = GatewaySchema(query=Query, extensions=EXTENSIONS)
    answer = await tested.execute("{ part { broken loaded } other }", context_value=context)
    assert answer.data == {"part": None, "other": 10}
    assert [error.path for error in answer.errors] == [["part", "broken"]]
    assert batch.calls == [[1]]
