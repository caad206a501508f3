"""OCTO's endpoints as calls: headers, and what an answer's status means."""

from collections.abc import Mapping
from typing import Any

from app.domain.recovery import Call
from app.domain.tours import SellingRegion
from app.wire.account import Account
from carriers.octo import errors
from carriers.octo.errors import Answer

# What we ask for; each answer says which of them it is written with.
CONTENT = "octo/content"
PRICING = "octo/pricing"
DEPARTURES = "faregate/departures"
_ASKED = f"{CONTENT}, {PRICING}, {DEPARTURES}"


class Calls:
    """One account's calls."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def get(
        self, where: str, query: Mapping[str, str] | None = None, *, region: SellingRegion | None = None
    ) -> Answer:
        """Read; Declined or Trouble."""
        answer = await self._account.read(self._account.request("GET", where, _headers(region), query))
        return errors.read(answer, self._account.now())

    async def ask(self, where: str, body: Any, *, region: SellingRegion) -> Answer:  # noqa: ANN401 - JSON
        """Post what changes nothing and may be asked twice; Declined or Trouble."""
        answer = await self._account.read(self._account.request("POST", where, _headers(region), body=body))
        return errors.read(answer, self._account.now())

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
        request = self._account.request(method, where, _headers(region), body=body)
        return errors.written(await self._account.write(request, call), self._account.now())


def _headers(region: SellingRegion | None) -> Mapping[str, str]:
    asked = {"Octo-Capabilities": _ASKED}
    return asked if region is None else asked | {"Faregate-Region": region}
