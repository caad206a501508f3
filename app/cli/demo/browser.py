"""A real Chromium, driven over the Chrome DevTools Protocol: what a person at a page would see and do."""

import asyncio
import base64
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    # Frames of another origin stay in the page's process, where one session of the protocol reaches them.
    "--disable-site-isolation-trials",
    "--remote-debugging-port=0",
)
# Name of the key, its virtual key code, and the text it types.
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " "), "Escape": (27, ""), "ArrowDown": (40, "")}
_SHIFT = 8


class BrowserError(RuntimeError):
    """What was expected of the browser or the page did not happen."""


def installed_browser() -> str | None:
    """Its path; None when none is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def find_browser() -> str | None:
    """The installed browser. Where CI is set, none is a failure, because nothing would be tested."""
    found = installed_browser()
    if found is None and os.environ.get("CI"):
        raise BrowserError(MISSING)
    return found


@dataclass
class Page:
    """One tab; `requests` are the addresses it asked for, `complaints` what its console holds against it."""

    socket: aiohttp.ClientWebSocketResponse
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    _session: str | None = None
    _contexts: dict[str, int] = field(default_factory=dict)

    async def call(self, method: str, **parameters: object) -> Any:  # noqa: ANN401 - as the protocol has it
        """One command of the protocol; BrowserError when it is refused."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        told = {"id": number, "method": method, "params": parameters}
        await self.socket.send_json(told | ({"sessionId": self._session} if self._session else {}))
        return await asyncio.wait_for(answer, _PATIENCE)

    async def open(self, url: str, width: int = 1280, height: int = 800, first: str = "") -> None:
        """A new tab of this size at the address; `first` is a script that every frame in it runs before its own."""
        self._session = None
        target = await self.call("Target.createTarget", url="about:blank")
        self._session = (await self.call("Target.attachToTarget", flatten=True, **target))["sessionId"]
        for domain in ("Network", "Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=first)
        await self.call("Page.navigate", url=url)

    async def close(self) -> None:
        """Close the tab, as a person does who walks away."""
        await self.call("Page.close")

    async def value(self, expression: str, within: str | None = None) -> Any:  # noqa: ANN401 - as the page has it
        """What the expression is in the page, or in its frame whose address has `within` in it."""
        where = {} if within is None else {"contextId": await self._context(within)}
        answer = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, **where
        )
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, expression: str, within: str | None = None) -> Any:  # noqa: ANN401 - as the page has it
        """The expression's first value that is true; it may fail while the page or frame is on its way."""
        trouble: object = None
        for _ in range(_PATIENCE * 20):
            try:
                if value := await self.value(expression, within):
                    return value
            except BrowserError as error:
                trouble = error
            await asyncio.sleep(0.05)
        raise BrowserError(f"never true in {_PATIENCE} s: {expression}; {trouble}; {self.complaints}")

    async def type(self, text: str) -> None:
        """Press the keys of the text, one after the other, wherever the focus is."""
        for letter in text:
            await self.call("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            await self.call("Input.dispatchKeyEvent", type="keyUp", key=letter)

    async def press(self, key: str, *, shift: bool = False) -> None:
        """Press Tab, Enter, Escape, an arrow or the space bar."""
        code, text = _KEYS[key]
        told = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": _SHIFT if shift else 0}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **told)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    async def picture(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])

    async def frames(self) -> dict[str, str]:
        """The address of every frame, the page's own first, by its id."""
        waiting = [(await self.call("Page.getFrameTree"))["frameTree"]]
        found: dict[str, str] = {}
        while waiting:
            tree = waiting.pop()
            found[tree["frame"]["id"]] = tree["frame"]["url"]
            waiting += tree.get("childFrames", [])
        return found

    async def _context(self, within: str) -> int:
        for frame, url in (await self.frames()).items():
            if within in url and frame in self._contexts:
                return self._contexts[frame]
        raise BrowserError(f"no frame at {within}: {await self.frames()}")

    async def listen(self) -> None:
        """Hear answers and events until the browser goes."""
        async for message in self.socket:
            told = message.json()
            if "id" in told:
                self._settle(self._waiting.pop(told["id"]), told)
            else:
                self._note(told["method"], told["params"])

    def _note(self, event: str, told: dict[str, Any]) -> None:
        match event:
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Log.entryAdded" if told["entry"]["level"] == "error":
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}".strip())
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if told["type"] == "error":
                self.complaints.append(str(told["args"]))
            case "Runtime.executionContextCreated" if told["context"]["auxData"]["isDefault"]:
                self._contexts[told["context"]["auxData"]["frameId"]] = told["context"]["id"]

    def _settle(self, answer: asyncio.Future[Any], told: dict[str, Any]) -> None:
        if answer.done():
            return
        if "error" in told:
            answer.set_exception(BrowserError(told["error"]["message"]))
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
    stderr = process.stderr or asyncio.StreamReader()
    try:
        address = await asyncio.wait_for(_address(process, stderr), _PATIENCE)
        draining = asyncio.create_task(stderr.read())
        async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            yield page
        await listening
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
    await draining


async def _address(process: asyncio.subprocess.Process, stderr: asyncio.StreamReader) -> str:
    said = b""
    async for line in stderr:
        if line.startswith(b"DevTools listening on "):
            return line.split()[-1].decode()
        said += line
    await process.wait()
    raise BrowserError(f"the browser does not start: {said.decode()[-2000:]}")
