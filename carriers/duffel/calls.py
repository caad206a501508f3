"""Duffel's endpoints as calls over the wire: address, headers, and what an answer's status means."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from app.domain.clock import Clock
from app.domain.recovery import Call
from app.wire.messages import Request, Response
from app.wire.wire import Wire
from carriers.duffel import errors

_VERSION = "v2"


def path(*parts: str) -> str:
    """A path of these parts; none of them can reach outside it."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


class Calls:
    """One account's calls. `read_deadline` bounds a read, `write_deadline` a changing call.

    `accepted_delay` is how long an order that Duffel accepted without an outcome (202) may stay unseen.
    """

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        *,
        url: str,
        token: str,
        read_deadline: timedelta,
        write_deadline: timedelta,
        accepted_delay: timedelta,
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._url = url
        self._token = token
        self._read_deadline = read_deadline
        self._write_deadline = write_deadline
        self.accepted_delay = accepted_delay

    async def get(self, where: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Read; Declined or Trouble."""
        return await self._read(self._request("GET", where, query), self._read_deadline)

    async def ask(
        self,
        where: str,
        body: Any,  # noqa: ANN401 - JSON
        *,
        query: Mapping[str, str] | None = None,
        deadline: timedelta | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Post what changes nothing and may be asked twice; Declined or Trouble."""
        return await self._read(self._request("POST", where, query, body), deadline or self._read_deadline)

    async def change(self, where: str, body: Any, call: Call) -> Any:  # noqa: ANN401 - JSON
        """Post what changes the world, once; Declined, Trouble or Unknown."""
        request = self._request("POST", where, None, body)
        answer = await self._wire.call(request, deadline=self._write_deadline, send_by=call.send_by)
        return errors.written(answer, self._clock.now(), accepted_delay=self.accepted_delay)

    async def _read(self, request: Request, deadline: timedelta) -> Any:  # noqa: ANN401 - JSON
        answer: Response = await self._wire.call(request, deadline=deadline, read=True)
        return errors.read(answer, self._clock.now())

    def _request(
        self,
        method: str,
        where: str,
        query: Mapping[str, str] | None,
        body: Any = None,  # noqa: ANN401 - JSON
    ) -> Request:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Duffel-Version": _VERSION,
            "Accept": "application/json",
        }
        return Request(method=method, url=f"{self._url}{where}", headers=headers, params=query or {}, json=body)
