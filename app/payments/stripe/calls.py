"""Stripe's own library over our wire: its requests and answers, our deadlines, last instants and three values.

The library's transport is replaced, so that it cannot retry, wait, or take a lost answer for a refusal: the wire's
Trouble and Unknown pass through it unchanged.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import stripe

from app.domain.errors import Trouble, Unknown
from app.domain.recovery import Call
from app.wire.messages import Request, Response
from app.wire.wire import Wire

# At DEBUG it writes whole answers, and payers' addresses are in them.
logging.getLogger("stripe").setLevel(logging.WARNING)
# It would tell Stripe about this machine, and keep an id for it in the home folder.
stripe.enable_telemetry = False

# The library speaks one release of the API, and the form's script has to be of the same (docs.stripe.com/js/including).
RELEASE: Final = stripe.api_version.rpartition(".")[2]


class Calls:
    """One account's calls. `read_deadline` bounds a read, `write_deadline` a changing call."""

    def __init__(self, wire: Wire, *, url: str, key: str, read_deadline: timedelta, write_deadline: timedelta) -> None:
        self._wire = wire
        self._url = url
        self._key = key
        self._read_deadline = read_deadline
        self._write_deadline = write_deadline

    def reader(self) -> stripe.V1Services:
        """Stripe's services for reads."""
        return self._services(_WireClient(self._wire, self._read_deadline))

    def writer(self, call: Call) -> stripe.V1Services:
        """Stripe's services for one changing call, which is not sent after its last instant."""
        return self._services(_WireClient(self._wire, self._write_deadline, call.send_by))

    def _services(self, client: stripe.HTTPClient) -> stripe.V1Services:
        return stripe.StripeClient(
            self._key, http_client=client, base_addresses={"api": self._url}, max_network_retries=0
        ).v1


class _WireClient(stripe.HTTPClient):
    """The library's transport for calls of one kind: a GET is a read, everything else changes something."""

    name = "faregate"

    def __init__(self, wire: Wire, deadline: timedelta, send_by: datetime | None = None) -> None:
        super().__init__()
        self._wire = wire
        self._deadline = deadline
        self._send_by = send_by

    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,  # noqa: ANN401 - the library's signature
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One call over the wire."""
        body = None if post_data is None else post_data.encode()
        answer = await self._wire.call(
            Request(method=method.upper(), url=url, headers=headers, body=body),
            deadline=self._deadline,
            send_by=self._send_by,
            read=method == "get",
        )
        if not _is_stripes(answer):
            lost = Trouble if answer.read else Unknown
            raise lost(f"An answer with status {answer.status} is none of Stripe's.")
        return answer.body, answer.status, answer.headers


def _is_stripes(answer: Response) -> bool:
    """Whether it is an object, or an error as Stripe writes it: over all else the library stumbles."""
    told = answer.json()
    return isinstance(told, dict) and (answer.status < HTTPStatus.BAD_REQUEST or isinstance(told.get("error"), dict))
