"""One account with another company, as calls over the wire: its address, its key and its deadlines."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from app.domain.clock import Clock
from app.domain.recovery import Call
from app.wire.messages import Request, Response
from app.wire.wire import Wire


def path(*parts: str) -> str:
    """A path of these parts; none of them can reach outside it."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


class Account:
    """`token` is the bearer's. `read_deadline` bounds a read, `write_deadline` a changing call."""

    def __init__(
        self, wire: Wire, clock: Clock, *, url: str, token: str, read_deadline: timedelta, write_deadline: timedelta
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._url = url
        self._token = token
        self._read_deadline = read_deadline
        self._write_deadline = write_deadline

    def now(self) -> datetime:
        """The gateway's time, which an answer is heard at."""
        return self._clock.now()

    def request(
        self,
        method: str,
        where: str,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        body: Any = None,  # noqa: ANN401 - JSON
    ) -> Request:
        """A request to this path of the account's, with its key and these headers."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", **headers}
        return Request(method=method, url=f"{self._url}{where}", headers=headers, params=query or {}, json=body)

    async def read(self, request: Request, deadline: timedelta | None = None) -> Response:
        """What changes nothing and may be asked twice; Trouble."""
        return await self._wire.call(request, deadline=deadline or self._read_deadline, read=True)

    async def write(self, request: Request, call: Call) -> Response:
        """What changes something, once; Trouble or Unknown."""
        return await self._wire.call(request, deadline=self._write_deadline, send_by=call.send_by)
