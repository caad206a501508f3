"""Duffel's endpoints as calls: headers, and what an answer's status means."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.domain.recovery import Call
from app.wire.account import Account
from carriers.duffel import errors

_VERSION = {"Duffel-Version": "v2"}


class Calls:
    """One account's calls.

    `accepted_delay` is how long an order that Duffel accepted without an outcome (202) may stay unseen.
    """

    def __init__(self, account: Account, *, accepted_delay: timedelta) -> None:
        self._account = account
        self.accepted_delay = accepted_delay

    async def get(self, where: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Read; Declined or Trouble."""
        answer = await self._account.read(self._account.request("GET", where, _VERSION, query))
        return errors.read(answer, self._account.now())

    async def ask(
        self,
        where: str,
        body: Any,  # noqa: ANN401 - JSON
        *,
        query: Mapping[str, str] | None = None,
        deadline: timedelta | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Post what changes nothing and may be asked twice; Declined or Trouble."""
        answer = await self._account.read(self._account.request("POST", where, _VERSION, query, body), deadline)
        return errors.read(answer, self._account.now())

    async def change(self, where: str, body: Any, call: Call) -> Any:  # noqa: ANN401 - JSON
        """Post what changes the world, once; Declined, Trouble or Unknown."""
        answer = await self._account.write(self._account.request("POST", where, _VERSION, body=body), call)
        return errors.written(answer, self._account.now(), accepted_delay=self.accepted_delay)
