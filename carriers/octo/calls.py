"""OCTO's endpoints as calls over the wire: address, headers, and what an answer's status means."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from app.domain.clock import Clock
from app.domain.recovery import Call
from app.domain.tours import SellingRegion
from app.wire.messages import Request
from app.wire.wire import Wire
from carriers.octo import errors
from carriers.octo.errors import Answer

# What we ask for; each answer says which of them it is written with.
CONTENT = "octo/content"
PRICING = "octo/pricing"
DEPARTURES = "faregate/departures"
_ASKED = f"{CONTENT}, {PRICING}, {DEPARTURES}"


def path(*parts: str) -> str:
    """A path of these parts; none of them can reach outside it."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


class Calls:
    """One account's calls. `read_deadline` bounds a read, `write_deadline` a changing call."""

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        *,
        url: str,
        token: str,
        read_deadline: timedelta,
        write_deadline: timedelta,
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._url = url
        self._token = token
        self._read_deadline = read_deadline
        self._write_deadline = write_deadline

    async def get(
        self, where: str, query: Mapping[str, str] | None = None, *, region: SellingRegion | None = None
    ) -> Answer:
        """Read; Declined or Trouble."""
        return await self._read(self._request("GET", where, region, query=query))

    async def ask(self, where: str, body: Any, *, region: SellingRegion) -> Answer:  # noqa: ANN401 - JSON
        """Post what changes nothing and may be asked twice; Declined or Trouble."""
        return await self._read(self._request("POST", where, region, body))

    async def change(
        self,
        method: str,
        where: str,
        body: Any,  # noqa: ANN401 - JSON
        call: Call,
        *,
        region: SellingRegion | None = None,
    ) -> Answer:
        """Change the world, once; Declined, Trouble or Unknown."""
        request = self._request(method, where, region, body)
        answer = await self._wire.call(request, deadline=self._write_deadline, send_by=call.send_by)
        return errors.written(answer, self._clock.now())

    async def _read(self, request: Request) -> Answer:
        answer = await self._wire.call(request, deadline=self._read_deadline, read=True)
        return errors.read(answer, self._clock.now())

    def _request(
        self,
        method: str,
        where: str,
        region: SellingRegion | None,
        body: Any = None,  # noqa: ANN401 - JSON
        query: Mapping[str, str] | None = None,
    ) -> Request:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
            "Octo-Capabilities": _ASKED,
        }
        if region is not None:
            headers["Faregate-Region"] = region
        return Request(method=method, url=f"{self._url}{where}", headers=headers, params=query or {}, json=body)
