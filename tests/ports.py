"""Ports for servers that tests start."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


def free_port() -> int:
    """A loopback port that nobody listens on, nor on the next two: a sandbox's worlds are neighbours."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
            try:
                for neighbour in (port + 1, port + 2):
                    socket.create_server(("127.0.0.1", neighbour)).close()
            except OSError:
                continue
            return port


@asynccontextmanager
async def site(app: web.Application) -> AsyncIterator[str]:
    """The origin of an application, served on a free loopback port."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
