"""Tour operators behind the OCTO API, one supplier each: deterministic, synchronous, without any I/O."""

import json
import pickle
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from app.domain.clock import Clock
from app.domain.tours import SellingRegion
from carriers.sandbox.exchange import SILENCE, Json, Reply, Request
from carriers.sandbox.faults import FaultBook
from carriers.sandbox.octo import happenings, ledger, misbehave, operator_changes, pictures, requests
from carriers.sandbox.octo.capabilities import CONTENT, DEPARTURES, granted
from carriers.sandbox.octo.catalogue.load import load
from carriers.sandbox.octo.catalogue.model import Operator
from carriers.sandbox.octo.core import Answer, Call, Core, Load
from carriers.sandbox.octo.errors import OctoError, bad_request, forbidden, no_endpoint, unauthorized
from carriers.sandbox.octo.routes import ROUTES, Route, match
from carriers.sandbox.outgoing import OutgoingWebhook

ORIGIN = "http://octo.sandbox"
_TOKEN = "octo_sandbox_"  # noqa: S105 - a prefix, not a secret
_CONTROLS: Mapping[tuple[str, str], Callable[[Core, Json], Answer]] = {
    ("GET", "/_sandbox/requests"): lambda core, _data: requests.list_requests(core),
    ("POST", "/_sandbox/requests"): requests.answer_requests,
    ("POST", "/_sandbox/departure_changes"): operator_changes.make_changes,
}
_JSON = "application/json; charset=utf-8"


class OctoWorld:
    """Tour operators, each an OCTO supplier at `/{operator}`, with what they sell on the day.

    Worlds of the same seed that are asked the same at the same times answer the same, down to every id.
    """

    name = "octo"

    def __init__(self, clock: Clock, *, seed: str = "faregate", origin: str = ORIGIN, load: Load = load) -> None:
        self._core = Core(clock, seed, origin, load)

    @property
    def endpoints(self) -> Sequence[str]:
        """The names faults are set at."""
        return [route.name for route in ROUTES]

    @property
    def faults(self) -> FaultBook:
        """The faults that are set."""
        return self._core.facts.faults

    def handle(self, request: Request) -> Reply:
        """Answer one request, after everything that is due has happened."""
        happenings.catch_up(self._core)
        headers = {"content-type": _JSON}
        try:
            if (control := _CONTROLS.get((request.method, request.path))) is not None:
                return _reply(control(self._core, _object(request.body)), headers)
            if (picture := pictures.drawn(self._core, request)) is not None:
                return Reply(200, {"content-type": pictures.TYPE}, picture)
            route, call = _understand(self._core, request)
            headers |= _capability_headers(call)
            found = misbehave.answer(self._core, route, call)
        except OctoError as error:
            return Reply(error.status, headers | error.headers, _encode(error.as_json()))
        return SILENCE if found is None else _reply(found, headers)

    def now(self) -> datetime:
        """The world's time, in UTC."""
        return self._core.now()

    def advance(self, by: timedelta) -> None:
        """Move this world's time ahead of its clock, and let happen what falls into it."""
        if by < timedelta():
            raise ValueError("time never runs back")
        self._core.facts.offset += by
        happenings.catch_up(self._core)

    def ledger(self) -> Json:
        """What is true in this world."""
        happenings.catch_up(self._core)
        return ledger.ledger(self._core)

    def fingerprint(self) -> str:
        """A hash of the facts without ids, counters and times."""
        return ledger.fingerprint(self._core)

    def pending_webhooks(self) -> list[OutgoingWebhook]:
        """None: OCTO's capability for them is not offered."""
        happenings.catch_up(self._core)
        return []

    def webhook_delivered(self, delivery_id: str, status: int | None) -> None:
        """There are none to be delivered; LookupError."""
        raise LookupError(f"no message {delivery_id!r} was sent, so none was answered {status}")

    def snapshot(self) -> bytes:
        """The complete mutable state."""
        return pickle.dumps(self._core.facts, protocol=pickle.HIGHEST_PROTOCOL)

    def restore(self, state: bytes) -> None:
        """Become what the snapshot was taken of. Only for this program's own snapshots."""
        self._core.facts = pickle.loads(state)  # noqa: S301 - nobody else writes these bytes


def _understand(core: Core, request: Request) -> tuple[Route, Call]:
    found = match(request.method, request.path)
    operator = core.catalogue.operators.get(found[1]["operator"]) if found else None
    if found is None or operator is None:
        raise no_endpoint()
    _check_access(operator, request.headers)
    capabilities = granted(request.headers.get("octo-capabilities", ""))
    return found[0], Call(
        operator=operator,
        endpoint=f"{core.origin}/{operator.code}",
        path=found[1],
        query=request.query,
        data=_object(request.body),
        granted=capabilities,
        region=_region(request.headers) if DEPARTURES in capabilities else SellingRegion.ZZ,
    )


def _check_access(operator: Operator, headers: Mapping[str, str]) -> None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized()
    if token.strip() != f"{_TOKEN}{operator.code}":
        raise forbidden()


def _region(headers: Mapping[str, str]) -> SellingRegion:
    told = headers.get("faregate-region", SellingRegion.ZZ)
    try:
        return SellingRegion(told)
    except ValueError:
        raise bad_request(f"there is no region {told!r}") from None


def _object(body: bytes) -> Json:
    try:
        found = json.loads(body or b"{}")
        # Half of a surrogate pair parses, but is no text.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise bad_request("the body cannot be read") from None
    if not isinstance(found, dict):
        raise bad_request("the body must be a JSON object")
    return found


def _capability_headers(call: Call) -> dict[str, str]:
    headers = {"octo-capabilities": ", ".join(call.granted)}
    if CONTENT in call.granted:
        headers |= {"content-language": "en", "available-languages": "en"}
    return headers


def _reply(found: Answer, headers: Mapping[str, str]) -> Reply:
    return Reply(found.status, headers, _encode(found.data), found.delay_seconds)


def _encode(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
