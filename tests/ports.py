"""Ports for servers that tests start."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle

from aiohttp import web

# Below those that the system gives to connections, which could take one before its server has begun to listen.
_FIRST, _END = 20_000, 32_000
# A sandbox's worlds are neighbours.
_TOGETHER = 3


def _own_ports() -> range:
    """A part for each worker of a parallel run."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = (_END - _FIRST) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return range(_FIRST + worker * size, _FIRST + (worker + 1) * size - _TOGETHER, _TOGETHER)


_ports = cycle(_own_ports())
# Another run beside this one begins elsewhere.
for _ in range(os.getpid() % len(_own_ports())):
    next(_ports)


def free_port() -> int:
    """A loopback port that nobody listens on, nor on the next two."""
    return next(port for port in _ports if all(_is_free(port + number) for number in range(_TOGETHER)))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


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
