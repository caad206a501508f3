"""A world that speaks the Duffel v2 air API: deterministic, synchronous, without any I/O."""

from collections.abc import Mapping, Sequence

from app.domain.clock import Clock
from carriers.sandbox.chance import base62
from carriers.sandbox.duffel import ledger, misbehave, webhooks
from carriers.sandbox.duffel.core import Answer, Call, Core, body_of
from carriers.sandbox.duffel.errors import DuffelError, bad_request, not_found, unauthorised
from carriers.sandbox.duffel.happenings import HAPPENINGS
from carriers.sandbox.duffel.routes import ROUTES, Route
from carriers.sandbox.exchange import SILENCE, Json, Reply, Request, decode, encode
from carriers.sandbox.outgoing import OutgoingWebhook
from carriers.sandbox.world import World

API_VERSION = "v2"
_OTHER_VERSIONS = frozenset({"v1", "beta"})
# Test mode knows no live tokens (duffel.com/docs/api/overview/test-mode).
_LIVE_TOKEN = "duffel_live_"  # noqa: S105 - a prefix, not a secret


class DuffelWorld(World):
    """Airlines, seats, orders and money behind the Duffel API."""

    name = "duffel"
    happenings = HAPPENINGS
    _core: Core

    def __init__(self, clock: Clock, seed: str = "faregate") -> None:
        super().__init__(Core(clock, seed))
        self._requests = 0

    @property
    def endpoints(self) -> Sequence[str]:
        """The names faults are set at."""
        return [route.name for route in ROUTES if not route.control]

    def _answer(self, request: Request) -> Reply:
        self._requests += 1
        request_id = base62(20, self._core.seed, "request", self._requests)
        try:
            found = self._answered(*_understand(request))
        except DuffelError as error:
            return _refusal(error, request_id)
        return SILENCE if found is None else _reply(found, request_id)

    def _answered(self, route: Route, call: Call) -> Answer | None:
        return route.answer(self._core, call) if route.control else misbehave.answer(self._core, route, call)

    def fingerprint(self) -> str:
        """A hash of the facts without ids, counters and times."""
        return ledger.fingerprint(self._core)

    def webhook_delivered(self, delivery_id: str, status: int | None) -> None:
        """Note a receiver's answer; None when there was none."""
        webhooks.delivered(self._core, delivery_id, status)

    def _truth(self) -> Json:
        return ledger.ledger(self._core)

    def _due(self) -> list[OutgoingWebhook]:
        return webhooks.pending(self._core)


def _understand(request: Request) -> tuple[Route, Call]:
    found = ROUTES.match(request.method, request.path.rstrip("/"))
    if found is None or not found[0].control:
        _check_access(request.headers)
    if found is None:
        raise not_found()
    route, path = found
    return route, Call(path=path, query=request.query, data=_data(route, request.body))


def _data(route: Route, body: bytes) -> Json:
    if route.control:
        return body_of({"data": _document(body)})
    return body_of(_document(body)) if route.reads_body else {}


def _check_access(headers: Mapping[str, str]) -> None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if not scheme:
        message = "The Authorization header must be set and contain a valid API token."
        raise unauthorised("missing_authorization_header", "Missing authorization header", message)
    if scheme.lower() != "bearer" or not token.strip():
        message = "The Authorization header must conform to the following format: Bearer API_TOKEN"
        raise unauthorised("invalid_authorization_header", "Invalid authorization header", message)
    if token.startswith(_LIVE_TOKEN):
        message = "The access token used is not recognized by our system"
        raise unauthorised("access_token_not_found", "Access token not found", message)
    _check_version(headers.get("duffel-version"))


def _check_version(version: str | None) -> None:
    if version is None:
        message = "The Duffel-Version header is required and must be a valid API version."
        raise bad_request("missing_version_header", "Missing version header", message)
    if version in _OTHER_VERSIONS:
        message = f"The version '{version}' is no longer supported by the API, please upgrade to {API_VERSION}."
        raise bad_request("unsupported_version", "Unsupported version", message)
    if version != API_VERSION:
        message = "The Duffel-Version header must be a known version of our API as indicated in our Docs."
        raise bad_request("invalid_version_header", "Invalid version header", message)


def _document(body: bytes) -> object:
    try:
        return decode(body)
    except ValueError as error:
        message = "The data in the request body is not valid."
        raise bad_request("malformed_data_param", "Malformed data", message) from error


def _headers(request_id: str) -> dict[str, str]:
    return {"content-type": "application/json; charset=utf-8", "x-request-id": request_id}


def _reply(found: Answer, request_id: str) -> Reply:
    headers = _headers(request_id)
    if found.data is None:
        return Reply(found.status, headers, delay_seconds=found.delay_seconds)
    envelope: Json = {"data": found.data} | ({} if found.meta is None else {"meta": found.meta})
    return Reply(found.status, headers, encode(envelope), found.delay_seconds)


def _refusal(error: DuffelError, request_id: str) -> Reply:
    envelope: Json = {"errors": [error.as_json()], "meta": {"status": error.status, "request_id": request_id}}
    return Reply(error.status, _headers(request_id) | error.headers, encode(envelope), error.delay_seconds)
