"""The gateway with its sandbox as `make run` starts it, in a process of its own on free ports."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.ports import free_port

_PATIENCE = 60


@dataclass(frozen=True)
class Serving:
    """Where it answers, a token it takes, and where its airlines' world is."""

    origin: str
    token: str
    world: str

    async def ask(self, query, **variables):
        """The data of an answer without errors."""
        headers = {"Authorization": f"Bearer {self.token}"}
        body = {"query": query, "variables": variables}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.origin}/graphql", json=body, headers=headers) as answer,
        ):
            told = await answer.json(content_type=None)
        assert "errors" not in told, told["errors"]
        return told["data"]


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Serving]:
    """Ready to answer, with its data in the folder."""
    gateway, sandbox = free_port(), free_port()
    origin = f"http://127.0.0.1:{gateway}"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("FAREGATE_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli.main", "serve", "--port", str(gateway), "--sandbox-port", str(sandbox)),
        env=plain
        | {"FAREGATE_PROFILE": "development", "FAREGATE_DATA_DIR": str(folder), "FAREGATE_PUBLIC_URL": origin},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            token = await _token(process.stdout)
            await _ready(f"{origin}/health/ready")
        yield Serving(origin, token, f"http://127.0.0.1:{sandbox}")
    finally:
        process.terminate()
        await process.wait()


async def _token(stdout):
    """The token it prints for developers."""
    async for line in stdout:
        if found := re.fullmatch(r"(ey[\w.-]+)\s*", line.decode()):
            return found[1]
    raise RuntimeError("the gateway ended before it printed a token")


async def _ready(address):
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(address) as answer:
                    if answer.ok:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
