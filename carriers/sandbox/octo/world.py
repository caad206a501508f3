"""Tour operators behind the OCTO API, one supplier each: deterministic, synchronous, without any I/O."""

from collections.abc import Callable, Mapping, Sequence

from app.domain.clock import Clock
from app.domain.tours import SellingRegion
from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import SILENCE, Json, Reply, Request, decode, encode
from carriers.sandbox.octo import ledger, misbehave, operator_changes, pictures, requests
from carriers.sandbox.octo.capabilities import CONTENT, DEPARTURES, granted
from carriers.sandbox.octo.catalogue.load import load
from carriers.sandbox.octo.catalogue.model import Operator
from carriers.sandbox.octo.core import Call, Core, Load
from carriers.sandbox.octo.errors import OctoError, bad_request, forbidden, no_endpoint, unauthorized
from carriers.sandbox.octo.happenings import HAPPENINGS
from carriers.sandbox.octo.routes import ROUTES, Route
from carriers.sandbox.outgoing import OutgoingWebhook
from carriers.sandbox.world import World

ORIGIN = "http://octo.sandbox"
_TOKEN = "octo_sandbox_"  # noqa: S105 - a prefix, not a secret
_CONTROLS: Mapping[tuple[str, str], Callable[[Core, Json], Answer]] = {
    ("GET", "/_sandbox/requests"): lambda core, _data: requests.list_requests(core),
    ("POST", "/_sandbox/requests"): requests.answer_requests,
    ("POST", "/_sandbox/departure_changes"): operator_changes.make_changes,
}
_JSON = "application/json; charset=utf-8"


class OctoWorld(World):
    """Tour operators, each an OCTO supplier at `/{operator}`, with what they sell on the day."""

    name = "octo"
    happenings = HAPPENINGS
    _core: Core

    def __init__(self, clock: Clock, *, seed: str = "faregate", origin: str = ORIGIN, load: Load = load) -> None:
        super().__init__(Core(clock, seed, origin, load))

    @property
    def endpoints(self) -> Sequence[str]:
        """The names faults are set at."""
        return [route.name for route in ROUTES]

    def _answer(self, request: Request) -> Reply:
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
            return Reply(error.status, headers | error.headers, encode(error.as_json()))
        return SILENCE if found is None else _reply(found, headers)

    def fingerprint(self) -> str:
        """A hash of the facts without ids, counters and times."""
        return ledger.fingerprint(self._core)

    def webhook_delivered(self, delivery_id: str, status: int | None) -> None:
        """There are none to be delivered; LookupError."""
        raise LookupError(f"no message {delivery_id!r} was sent, so none was answered {status}")

    def _truth(self) -> Json:
        return ledger.ledger(self._core)

    def _due(self) -> list[OutgoingWebhook]:
        return []


def _understand(core: Core, request: Request) -> tuple[Route, Call]:
    found = ROUTES.match(request.method, request.path.removesuffix("/"))
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
        found = decode(body or b"{}")
    except ValueError:
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
    return Reply(found.status, headers, encode(found.data), found.delay_seconds)
