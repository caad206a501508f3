"""The one way a field loads what many fields may ask for together."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from typing import TypeVar

from strawberry.dataloader import DataLoader

from resolvers.context import Context

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


async def load(context: Context, batch: Callable[[Context, Sequence[K]], Awaitable[Sequence[V]]], key: K) -> V:
    """What `batch` answers for the key; one call of it serves every field that asks at the same level.

    Shielded: when a sibling's error makes graphql-core cancel this field, the answer others wait for goes on.
    """
    loader: DataLoader[K, V] = context.loader(batch, lambda: DataLoader(load_fn=partial(batch, context)))
    return await asyncio.shield(asyncio.ensure_future(loader.load(key)))
