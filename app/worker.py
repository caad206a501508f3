"""A worker of its own: takes up whatever is due, beside any number of gateways on the same database."""

import asyncio

from app.main import POLL_SECONDS, opened
from app.settings import Settings


def work(settings: Settings) -> None:
    """Work until stopped."""
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    async with opened(settings) as gateway:
        await gateway.desk.runner.serve(POLL_SECONDS)
