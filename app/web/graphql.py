"""GraphQL over HTTP, as its specification says (GraphQL over HTTP, working draft): POST with JSON, and nothing else."""

import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult

from app.domain.errors import Access, AccessCode
from app.domain.partner import Viewer
from app.web.body import BodyTooLargeError, read_body
from app.web.explorer import Explorer
from resolvers.context import Context, Services
from schema import schema

log = logging.getLogger("faregate.web")

Authenticate = Callable[[Mapping[str, str]], Awaitable[Viewer]]

MAX_BODY: Final = 512 * 1024
JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"

_ACCESS_STATUS: Final = {AccessCode.UNAUTHENTICATED: 401, AccessCode.FORBIDDEN: 403}


class BadRequestError(Exception):
    """The request is no GraphQL request; `status` and `code` say in which way."""

    def __init__(self, message: str, *, status: int = 400, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, kw_only=True)
class _Asked:
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class GraphQLEndpoint:
    """The endpoint as an ASGI application; `explorer` is what browsers see of it in the development profile."""

    def __init__(self, *, authenticate: Authenticate, services: Services, explorer: Explorer | None = None) -> None:
        self._authenticate = authenticate
        self._services = services
        self._explorer = explorer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._post(request)
        if self._explorer and request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", ""):
            return self._explorer.page()
        sentence = "GraphQL is asked with POST and a JSON body."
        return _failure(sentence, status=405, code="METHOD_NOT_ALLOWED", headers={"Allow": self._allowed})

    @property
    def _allowed(self) -> str:
        return "GET, HEAD, POST" if self._explorer else "POST"

    async def _post(self, request: Request) -> Response:
        try:
            viewer = await self._authenticate(request.headers)
            asked = _asked(await _json(request))
            result = await schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=Context(viewer, self._services),
                operation_name=asked.operation_name,
            )
            return _result(result, request.headers.get("accept", ""))
        except Access as access:
            return _refused(access)
        except BadRequestError as error:
            return _failure(str(error), status=error.status, code=error.code)
        except Exception:
            error_id = secrets.token_hex(6)
            log.exception("error %s at the GraphQL endpoint", error_id)
            sentence = f"Something went wrong on our side. When you report it, give the error id {error_id}."
            return _failure(sentence, status=500, code="INTERNAL", errorId=error_id)


async def _json(request: Request) -> object:
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != JSON or parameters.strip().lower() not in {"", "charset=utf-8"}:
        raise BadRequestError(f"Send the request as {JSON} in UTF-8.", status=415, code="UNSUPPORTED_MEDIA_TYPE")
    try:
        body: object = json.loads(await read_body(request, MAX_BODY))
        return body
    except BodyTooLargeError:
        sentence = f"A request may be {MAX_BODY // 1024} KB long at most."
        raise BadRequestError(sentence, status=413, code="BODY_TOO_LARGE") from None
    except (ValueError, RecursionError):
        raise BadRequestError("The body cannot be read as JSON.") from None


def _asked(body: object) -> _Asked:
    if not isinstance(body, dict):
        raise BadRequestError('The body must be one JSON object with "query" and, where needed, "variables".')
    query, variables, name = body.get("query"), body.get("variables"), body.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise BadRequestError('"query" must be a GraphQL document as a string.')
    if not isinstance(variables, dict | None):
        raise BadRequestError('"variables" must be a JSON object.')
    if not isinstance(name, str | None):
        raise BadRequestError('"operationName" must be a string.')
    return _Asked(query=query, variables=variables, operation_name=name)


def _result(result: ExecutionResult, accept: str) -> Response:
    errors = result.errors or []
    formatted = [error.formatted for error in errors]
    if _never_ran(result, errors):
        body: dict[str, Any] = {"errors": formatted}
        return _respond(body, accept, status=400 if GRAPHQL_JSON in accept else 200)
    return _respond({"data": result.data} | ({"errors": formatted} if formatted else {}), accept, status=200)


def _never_ran(result: ExecutionResult, errors: list[GraphQLError]) -> bool:
    """Whether the request itself was wrong: then the answer has no `data` at all."""
    return result.data is None and all(error.path is None for error in errors)


def _respond(body: Mapping[str, Any], accept: str, *, status: int) -> Response:
    kind = GRAPHQL_JSON if GRAPHQL_JSON in accept else JSON
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status_code=status, headers={"Content-Type": f"{kind}; charset=utf-8", "Vary": "Accept"})


def _refused(access: Access) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if access.code is AccessCode.UNAUTHENTICATED else {}
    return _failure(str(access), status=_ACCESS_STATUS[access.code], code=access.code.value, headers=headers)


def _failure(message: str, *, status: int, headers: Mapping[str, str] | None = None, **extensions: str) -> Response:
    body = {"errors": [{"message": message, "extensions": extensions}]}
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status_code=status, headers={"Content-Type": f"{JSON}; charset=utf-8", **(headers or {})})
