"""The provider's endpoints as calls over the wire: address, headers, and what an answer's status means."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from app.domain.clock import Clock
from app.domain.recovery import Call
from app.payments.sandbox import errors
from app.payments.sandbox.errors import Json
from app.wire.messages import Request
from app.wire.wire import Wire

_KEYS = "/.well-known/jwks.json"


def path(*parts: str) -> str:
    """A path of these parts below `/v1`; none of them can reach outside it."""
    return "/v1" + "".join(f"/{quote(part, safe='')}" for part in parts)


class Calls:
    """One account's calls. `read_deadline` bounds a read, `write_deadline` a changing call."""

    def __init__(
        self, wire: Wire, clock: Clock, *, url: str, key: str, read_deadline: timedelta, write_deadline: timedelta
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._read_deadline = read_deadline
        self._write_deadline = write_deadline

    async def get(self, where: str, query: Mapping[str, str] | None = None) -> Json:
        """Read; Declined or Trouble."""
        request = Request(method="GET", url=f"{self._url}{where}", headers=self._headers, params=query or {})
        answer = await self._wire.call(request, deadline=self._read_deadline, read=True)
        return errors.read(answer, self._clock.now())

    async def change(self, where: str, body: Json, call: Call) -> Json:
        """Post what changes something, once for its key; Declined, Trouble or Unknown."""
        headers = {**self._headers, "Idempotency-Key": call.key}
        request = Request(method="POST", url=f"{self._url}{where}", headers=headers, json=body)
        answer = await self._wire.call(request, deadline=self._write_deadline, send_by=call.send_by)
        return errors.written(answer, self._clock.now())

    async def keys(self) -> bytes:
        """The public keys that sign callbacks, as published; Trouble when they cannot be had."""
        request = Request(method="GET", url=f"{self._url}{_KEYS}")
        answer = await self._wire.call(request, deadline=self._read_deadline, read=True)
        errors.read(answer, self._clock.now())
        return answer.body
