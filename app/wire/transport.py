"""How a request travels: one attempt, told apart by whether it can have arrived."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final, Protocol, Self

import aiohttp
from aiohttp import hdrs

from app.wire.messages import Request, Response

_MEGABYTE: Final = 1_048_576


class NotSent(Exception):  # noqa: N818 - a fact
    """No connection came about: the request cannot have arrived."""


class NoAnswer(Exception):  # noqa: N818 - a fact
    """The request may have arrived, and no complete answer came back."""


class Transport(Protocol):
    """One attempt at one request."""

    async def send(self, request: Request, timeout: timedelta) -> Response:  # noqa: ASYNC109 - the transport's own limit
        """The complete answer within the time-out; NotSent or NoAnswer."""
        ...


class AiohttpTransport:
    """aiohttp, with what it does by itself turned off: redirects, cookies, proxies of the environment, repeats.

    An answer longer than `longest` bytes is not read to its end. Open it in the loop that uses it, and close it there.
    """

    def __init__(self, *, connections: int = 200, longest: int = 16 * _MEGABYTE) -> None:
        self._longest = longest
        self._kept = _session(aiohttp.TCPConnector(limit=connections, keepalive_timeout=15))
        self._fresh = _session(aiohttp.TCPConnector(limit=connections, force_close=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let every connection go."""
        await self._kept.close()
        await self._fresh.close()

    async def send(self, request: Request, timeout: timedelta) -> Response:  # noqa: ASYNC109 - see Transport
        """One attempt; NotSent or NoAnswer, whose text is the kind of failure and nothing else."""
        trace = SimpleNamespace(connected=False)
        try:
            return await self._exchange(request, timeout, trace)
        except aiohttp.InvalidURL:
            raise
        except (aiohttp.ClientError, OSError, _Cut) as error:
            kind = NoAnswer if trace.connected else NotSent
            raise kind(type(error.__cause__ or error).__name__) from None

    async def _exchange(
        self,
        request: Request,
        timeout: timedelta,  # noqa: ASYNC109 - see Transport
        trace: SimpleNamespace,
    ) -> Response:
        session = self._fresh if request.fresh else self._kept
        async with session.request(
            request.method,
            request.url,
            params=request.params or None,
            headers=request.headers,
            json=request.json,
            data=request.body,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=timeout.total_seconds()),
            trace_request_ctx=trace,
            middlewares=(_once,),
        ) as answer:
            body = await self._body(answer)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Response(status=answer.status, headers=headers, body=body)

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        parts = bytearray()
        async for part in answer.content.iter_any():
            parts += part
            if len(parts) > self._longest:
                answer.close()
                raise _Cut("answer too long")
        return bytes(parts)


class _Cut(Exception):  # noqa: N818 - a fact
    """The connection, or the answer on it, ended early."""


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a PUT or DELETE a second time by itself when the connection is cut."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Cut from error


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    """A session that keeps nothing, and notes for each request whether it got a connection."""
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(_connected)
    trace.on_connection_reuseconn.append(_connected)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={hdrs.USER_AGENT: "faregate"},
        trace_configs=[trace],
        trust_env=False,
    )


async def _connected(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:  # noqa: ANN401
    context.trace_request_ctx.connected = True
