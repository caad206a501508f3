"""A payment provider: charges, a card form, callbacks. Deterministic, synchronous, without any I/O."""

import json
import pickle
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from app.domain.clock import Clock
from carriers.sandbox.exchange import SILENCE, Json, Reply, Request, encode
from carriers.sandbox.faults import CALLBACKS, FaultBook
from carriers.sandbox.outgoing import OutgoingWebhook
from carriers.sandbox.payments import callbacks, happenings, keys, ledger, misbehave, pages
from carriers.sandbox.payments.core import Answer, Call, Core
from carriers.sandbox.payments.errors import PaymentError, invalid, not_found, unauthenticated
from carriers.sandbox.payments.routes import ROUTES, Door, Route, match

ORIGIN = "http://payments.sandbox"
_KEY = "sandbox_"
_FORM = "application/x-www-form-urlencoded"
_JSON = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}


class PaymentsWorld:
    """Charges, cards and callbacks behind one API and one form, at `origin`.

    Worlds of the same seed that are asked the same at the same times answer the same, down to every id. The seed is
    also what secrets and signing keys are made of, and part of the state that is kept.
    """

    name = "payments"

    def __init__(self, clock: Clock, seed: str = "faregate", origin: str = ORIGIN) -> None:
        self._core = Core(clock, seed, origin)
        keys.rotate(self._core)

    @property
    def endpoints(self) -> Sequence[str]:
        """The names faults are set at."""
        return [*(route.name for route in ROUTES), CALLBACKS]

    @property
    def faults(self) -> FaultBook:
        """The faults that are set."""
        return self._core.facts.faults

    def handle(self, request: Request) -> Reply:
        """Answer one request, after everything that is due has happened."""
        happenings.catch_up(self._core)
        found = match(request.method, request.path)
        if found is None:
            return pages.page(self._core, request) or _refusal(not_found("page"))
        route, path = found
        try:
            answer = misbehave.answer(self._core, route, _understand(route, path, request))
        except PaymentError as error:
            return _refusal(error)
        return SILENCE if answer is None or answer.lost else _reply(answer)

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
        """The signed callbacks that are due."""
        happenings.catch_up(self._core)
        return callbacks.pending(self._core)

    def webhook_delivered(self, delivery_id: str, status: int | None) -> None:
        """Note a receiver's answer; None when there was none."""
        callbacks.delivered(self._core, delivery_id, status)

    def snapshot(self) -> bytes:
        """The complete mutable state."""
        return pickle.dumps(self._core.facts, protocol=pickle.HIGHEST_PROTOCOL)

    def restore(self, state: bytes) -> None:
        """Become what the snapshot was taken of. Only for this program's own snapshots."""
        self._core.facts = pickle.loads(state)  # noqa: S301 - nobody else writes these bytes


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
        found = dict(parse_qsl(body.decode())) if plain else json.loads(body or b"{}")
        # Half of a surrogate pair parses, but is no text.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise invalid("The body cannot be read.") from None
    if not isinstance(found, dict):
        raise invalid("The body must be a JSON object.")
    return found


def _reply(answer: Answer) -> Reply:
    headers = {**_JSON, **answer.headers}
    return Reply(answer.status, headers, encode(answer.data) if answer.data is not None else b"", answer.delay_seconds)


def _refusal(error: PaymentError) -> Reply:
    return Reply(error.status, {**_JSON, **error.headers}, encode(error.as_json()))
