"""A real Chromium, driven over the Chrome DevTools Protocol: what a person at GraphiQL would see and do."""

import asyncio
import base64
import itertools
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = f"no browser: none of {', '.join(NAMES)} is installed (Debian: apt-get install chromium)"
_PATIENCE = 20
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--remote-debugging-port=0",
)


def find_browser():
    """Its path; None when none is installed. Where CI is set that is a failure, because nothing would be tested."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        raise RuntimeError(MISSING)
    return found


@dataclass
class Page:
    """One tab; `requests` are the addresses it asked for."""

    socket: aiohttp.ClientWebSocketResponse
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _numbers: itertools.count = field(default_factory=itertools.count)
    _waiting: dict[int, asyncio.Future] = field(default_factory=dict)
    _session: str | None = None

    async def call(self, method, **parameters):
        """One command of the protocol."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        told = {"id": number, "method": method, "params": parameters}
        await self.socket.send_json(told | ({"sessionId": self._session} if self._session else {}))
        return await asyncio.wait_for(answer, _PATIENCE)

    async def open(self, url, width=1280, height=800):
        """A new tab of this size at the address."""
        target = await self.call("Target.createTarget", url="about:blank")
        self._session = (await self.call("Target.attachToTarget", flatten=True, **target))["sessionId"]
        for domain in ("Network", "Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.call("Page.navigate", url=url)

    async def value(self, expression):
        """What the expression is in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, expression):
        """The expression's first value that is true."""
        for _ in range(_PATIENCE * 20):
            if value := await self.value(expression):
                return value
            await asyncio.sleep(0.05)
        raise AssertionError(f"never true in {_PATIENCE} s: {expression}; {self.complaints}")

    async def picture(self):
        """The page as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])

    async def listen(self):
        """Hear answers and events until the browser goes."""
        async for message in self.socket:
            told = message.json()
            if "id" in told:
                self._settle(self._waiting.pop(told["id"]), told)
            elif told["method"] == "Network.requestWillBeSent":
                self.requests.append(told["params"]["request"]["url"])
            elif told["method"] == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                self.complaints.append(told["params"]["entry"]["text"])
            elif told["method"] == "Runtime.exceptionThrown":
                self.complaints.append(str(told["params"]["exceptionDetails"]))

    def _settle(self, answer, told):
        if answer.done():
            return
        if "error" in told:
            answer.set_exception(RuntimeError(told["error"]["message"]))
        else:
            answer.set_result(told["result"])


@asynccontextmanager
async def browser(path: str, folder: Path) -> AsyncIterator[Page]:
    """A browser with an empty profile in the folder."""
    process = await asyncio.create_subprocess_exec(
        path,
        *_FLAGS,
        f"--user-data-dir={folder}",
        env={**os.environ, "HOME": str(folder)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        address = await asyncio.wait_for(_address(process.stderr), _PATIENCE)
        draining = asyncio.create_task(process.stderr.read())
        async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            yield page
        await listening
    finally:
        process.terminate()
        await process.wait()
    await draining


async def _address(stderr):
    said = b""
    async for line in stderr:
        if line.startswith(b"DevTools listening on "):
            return line.split()[-1].decode()
        said += line
    raise RuntimeError(f"the browser does not start: {said.decode()[-2000:]}")
