"""A payment provider: charges, a card form, callbacks. Deterministic, synchronous, without any I/O."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from app.domain.clock import Clock
from carriers.sandbox.exchange import SILENCE, Json, Reply, Request, decode, encode, written
from carriers.sandbox.faults import CALLBACKS
from carriers.sandbox.outgoing import OutgoingWebhook
from carriers.sandbox.payments import callbacks, keys, ledger, misbehave, pages
from carriers.sandbox.payments.core import Answer, Call, Core
from carriers.sandbox.payments.errors import PaymentError, invalid, not_found, unauthenticated
from carriers.sandbox.payments.happenings import HAPPENINGS
from carriers.sandbox.payments.routes import ROUTES, Door, Route
from carriers.sandbox.world import World

ORIGIN = "http://payments.sandbox"
_KEY = "sandbox_"
_FORM = "application/x-www-form-urlencoded"
_JSON = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}


class PaymentsWorld(World):
    """Charges, cards and callbacks behind one API and one form, at `origin`.

    The seed is also what secrets and signing keys are made of, and part of the state that is kept.
    """

    name = "payments"
    happenings = HAPPENINGS
    _core: Core

    def __init__(self, clock: Clock, seed: str = "faregate", origin: str = ORIGIN) -> None:
        super().__init__(Core(clock, seed, origin))
        keys.rotate(self._core)

    @property
    def endpoints(self) -> Sequence[str]:
        """The names faults are set at."""
        return [*(route.name for route in ROUTES), CALLBACKS]

    def _answer(self, request: Request) -> Reply:
        found = ROUTES.match(request.method, request.path)
        if found is None:
            return pages.page(self._core, request) or _refusal(not_found("page"))
        route, path = found
        try:
            answer = misbehave.answer(self._core, route, _understand(route, path, request))
        except PaymentError as error:
            return _refusal(error)
        return SILENCE if answer is None or answer.lost else _reply(answer)

    def fingerprint(self) -> str:
        """A hash of the facts without ids, counters and times."""
        return ledger.fingerprint(self._core)

    def webhook_delivered(self, delivery_id: str, status: int | None) -> None:
        """Note a receiver's answer; None when there was none."""
        callbacks.delivered(self._core, delivery_id, status)

    def _truth(self) -> Json:
        return ledger.ledger(self._core)

    def _due(self) -> list[OutgoingWebhook]:
        return callbacks.pending(self._core)


def _understand(route: Route, path: Mapping[str, str], request: Request) -> Call:
    if route.door is not Door.OPEN:
        _check_access(request.headers.get("authorization", ""))
    plain = request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
    return Call(
        path=path,
        query=request.query,
        data=_content(request.body, plain=plain),
        key=request.headers.get("idempotency-key", ""),
        plain=plain,
    )


def _check_access(authorization: str) -> None:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key.startswith(_KEY):
        raise unauthenticated()


def _content(body: bytes, *, plain: bool) -> Json:
    """The fields of a form, or a JSON object; nothing is an empty one."""
    try:
        found = written(dict(parse_qsl(body.decode()))) if plain else decode(body or b"{}")
    except ValueError:
        raise invalid("The body cannot be read.") from None
    if not isinstance(found, dict):
        raise invalid("The body must be a JSON object.")
    return found


def _reply(answer: Answer) -> Reply:
    headers = {**_JSON, **answer.headers}
    return Reply(answer.status, headers, encode(answer.data) if answer.data is not None else b"", answer.delay_seconds)


def _refusal(error: PaymentError) -> Reply:
    return Reply(error.status, {**_JSON, **error.headers}, encode(error.as_json()))
