"""The provider's endpoints as calls: headers, and what an answer's status means."""

from collections.abc import Mapping

from app.domain.recovery import Call
from app.payments.sandbox import errors
from app.payments.sandbox.errors import Json
from app.wire import account
from app.wire.account import Account

_KEYS = "/.well-known/jwks.json"


def path(*parts: str) -> str:
    """A path of these parts below `/v1`; none of them can reach outside it."""
    return account.path("v1", *parts)


class Calls:
    """One account's calls."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def get(self, where: str, query: Mapping[str, str] | None = None) -> Json:
        """Read; Declined or Trouble."""
        answer = await self._account.read(self._account.request("GET", where, {}, query))
        return errors.read(answer, self._account.now())

    async def change(self, where: str, body: Json, call: Call) -> Json:
        """Post what changes something, once for its key; Declined, Trouble or Unknown."""
        request = self._account.request("POST", where, {"Idempotency-Key": call.key}, body=body)
        return errors.written(await self._account.write(request, call), self._account.now())

    async def keys(self) -> bytes:
        """The public keys that sign callbacks, as published; Trouble when they cannot be had."""
        answer = await self._account.read(self._account.request("GET", _KEYS, {}))
        errors.read(answer, self._account.now())
        return answer.body
