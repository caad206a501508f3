"""Posting a world's outgoing webhooks: at least once, and again when the receiver does not take them."""

import asyncio

import aiohttp

from carriers.sandbox.outgoing import OutgoingWebhook
from carriers.sandbox.world import World

_RECEIVER_TIMEOUT_SECONDS = 10
_LOOK_AGAIN_SECONDS = 0.25


async def keep_delivering(world: World, woken: asyncio.Event) -> None:
    """Deliver what becomes due, whenever woken and from time to time, until cancelled."""
    timeout = aiohttp.ClientTimeout(total=_RECEIVER_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while True:
            await deliver_due(world, session)
            await _nap(woken)


async def deliver_due(world: World, session: aiohttp.ClientSession) -> None:
    """Post every webhook that is due, side by side, and note how it went."""
    await asyncio.gather(*(_deliver(world, session, message) for message in world.pending_webhooks()))


async def _deliver(world: World, session: aiohttp.ClientSession, message: OutgoingWebhook) -> None:
    try:
        async with session.post(message.url, data=message.body, headers=message.headers) as response:
            status: int | None = response.status
    except (aiohttp.ClientError, TimeoutError):
        status = None
    world.webhook_delivered(message.delivery_id, status)


async def _nap(woken: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_LOOK_AGAIN_SECONDS):
            await woken.wait()
    except TimeoutError:
        return
    woken.clear()
