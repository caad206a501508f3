"""Faults on demand: what goes wrong at which endpoint, and how often."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What can go wrong."""

    TIME_OUT_BEFORE = "time_out_before"
    LOST_REPLY = "lost_reply"
    LATE_EFFECT = "late_effect"
    ERROR_500 = "error_500"
    ORDER_NOT_CREATED = "order_not_created"
    UNCLEAR_502 = "unclear_502"
    ACCEPTED_202_CREATED = "accepted_202_created"
    ACCEPTED_202_FAILED = "accepted_202_failed"
    ERROR_503 = "error_503"
    RATE_LIMITED = "rate_limited"
    SOLD_OUT = "sold_out"
    PRICE_CHANGED = "price_changed"
    SERVICE_GONE = "service_gone"
    SLOW = "slow"
    DOCUMENTS_LATER = "documents_later"
    QUOTE_LATER = "quote_later"
    STALE_QUOTE = "stale_quote"
    REFUSED = "refused"
    CALLBACK_EARLY = "callback_early"
    CALLBACK_LATE = "callback_late"
    CALLBACK_TWICE = "callback_twice"
    CALLBACK_LOST = "callback_lost"


class FaultError(ValueError):
    """A fault that cannot be set; the text says why."""


# No call of a client's but the world's own callbacks to one.
CALLBACKS = "callbacks.send"
# Where a tour's departures are looked at or booked.
_OF_DEPARTURES = frozenset(
    {"availability.calendar", "availability.check", "availability.departures", "bookings.create", "bookings.update"}
)
# The endpoints where a kind has a meaning; a kind that is not listed may strike any call.
APPLIES_TO: dict[FaultKind, frozenset[str]] = {
    FaultKind.ORDER_NOT_CREATED: frozenset({"orders.create"}),
    FaultKind.ACCEPTED_202_CREATED: frozenset({"orders.create", "payments.create", "order_changes.confirm"}),
    FaultKind.ACCEPTED_202_FAILED: frozenset({"orders.create"}),
    FaultKind.SOLD_OUT: frozenset({"offers.get", "offers.price", "orders.create", "order_changes.confirm"})
    | _OF_DEPARTURES,
    FaultKind.PRICE_CHANGED: frozenset(
        {"offers.get", "offers.price", "orders.create", "payments.create", "order_changes.confirm"}
    )
    | _OF_DEPARTURES,
    FaultKind.DOCUMENTS_LATER: frozenset(
        {"orders.create", "payments.create", "order_changes.confirm", "bookings.confirm"}
    ),
    FaultKind.SERVICE_GONE: frozenset({"orders.create", "orders.add_services"}),
    FaultKind.QUOTE_LATER: frozenset({"cancellations.create"}),
    FaultKind.STALE_QUOTE: frozenset({"cancellations.confirm"}),
    FaultKind.REFUSED: frozenset(
        {"charges.capture", "charges.refund"}
        | {"bookings.confirm", "bookings.cancel", "bookings.update", "bookings.extend"}
    ),
    FaultKind.CALLBACK_EARLY: frozenset({"charges.authorise", "forms.card", "forms.challenge"}),
    FaultKind.CALLBACK_LATE: frozenset({CALLBACKS}),
    FaultKind.CALLBACK_TWICE: frozenset({CALLBACKS}),
    FaultKind.CALLBACK_LOST: frozenset({CALLBACKS}),
}
EVERYWHERE = "*"


@dataclass(slots=True)
class Fault:
    """One fault. `times` counts down to nothing; None means always.

    `seconds` is the delay of a slow answer, of a late effect, callback or quote, of a 202's outcome, or the wait a rate
    limit asks for. `effect` says whether a 500 or an unclear 502 comes after the effect (true) or instead of it.
    """

    id: str
    endpoint: str
    kind: FaultKind
    times: int | None = 1
    seconds: float = 30.0
    percent: int = 10
    hours: float = 2.0
    effect: bool = False

    @property
    def wait_seconds(self) -> int:
        """`seconds` as a rate limit tells them."""
        return max(1, round(self.seconds))

    def strikes(self, endpoint: str) -> bool:
        """Whether a call of this endpoint meets the fault."""
        if self.endpoint != EVERYWHERE:
            return self.endpoint == endpoint
        return endpoint in APPLIES_TO.get(self.kind, {endpoint} - {CALLBACKS})


@dataclass(slots=True)
class FaultBook:
    """The faults that are set, oldest first."""

    faults: list[Fault] = field(default_factory=list)
    counter: int = 0

    def add(self, known_endpoints: Iterable[str], wish: dict[str, Any]) -> Fault:
        """Set the fault; FaultError when endpoint, kind or numbers make no sense."""
        fault = _parse(wish, f"flt_{self.counter + 1}")
        if fault.endpoint not in {*known_endpoints, EVERYWHERE}:
            raise FaultError(f"no endpoint {fault.endpoint!r}: one of {sorted(known_endpoints)} or '*'")
        allowed = APPLIES_TO.get(fault.kind)
        if allowed and fault.endpoint not in {*allowed, EVERYWHERE}:
            raise FaultError(f"{fault.kind} is possible at {sorted(allowed)} only")
        if not allowed and fault.endpoint == CALLBACKS:
            raise FaultError(f"{fault.kind} is possible at calls only")
        self.counter += 1
        self.faults.append(fault)
        return fault

    def take(self, endpoint: str) -> Fault | None:
        """The first fault that strikes this call; it is used up when its times are."""
        found = next((fault for fault in self.faults if fault.strikes(endpoint)), None)
        if found and found.times is not None:
            found.times -= 1
            if found.times == 0:
                self.faults.remove(found)
        return found

    def remove(self, fault_id: str | None = None) -> int:
        """Remove one fault, or all; how many went."""
        kept = [fault for fault in self.faults if fault_id is not None and fault.id != fault_id]
        gone = len(self.faults) - len(kept)
        self.faults = kept
        return gone

    def marks(self) -> list[str]:
        """What tells two books apart besides the names of their faults."""
        return [f"{fault.endpoint}/{fault.kind}/{fault.times}" for fault in self.faults]

    def as_json(self) -> list[dict[str, Any]]:
        """The faults as the control endpoint shows them."""
        return [asdict(fault) for fault in self.faults]


_SHAPES: dict[str, tuple[type, ...]] = {
    "endpoint": (str,),
    "kind": (str,),
    "times": (int, type(None)),
    "seconds": (int, float),
    "percent": (int,),
    "hours": (int, float),
    "effect": (bool,),
}


def _parse(wish: dict[str, Any], fault_id: str) -> Fault:
    for name, value in wish.items():
        if name not in _SHAPES:
            raise FaultError(f"unknown field {name!r}: the fields are {sorted(_SHAPES)}")
        if not isinstance(value, _SHAPES[name]):
            raise FaultError(f"{name} cannot be {value!r}")
    if wish.get("times") is not None and wish["times"] < 1:
        raise FaultError("times is 1 or more, or null for always")
    try:
        kind = FaultKind(wish["kind"])
        endpoint = wish["endpoint"]
    except KeyError as error:
        raise FaultError(f"{error.args[0]} is required") from error
    except ValueError as error:
        raise FaultError(f"no kind {wish['kind']!r}: one of {[str(kind) for kind in FaultKind]}") from error
    rest = {name: value for name, value in wish.items() if name not in {"endpoint", "kind"}}
    return Fault(fault_id, endpoint, kind, **rest)
