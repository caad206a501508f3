"""What goes wrong in a random life, drawn by its seed."""

from collections.abc import Sequence
from random import Random
from typing import Any

from carriers.sandbox.faults import APPLIES_TO, CALLBACKS, FaultKind

CARRIERS = (
    "orders.create", "orders.create", "payments.create", "payments.create", "orders.list", "orders.get",
    "offers.get", "cancellations.create", "cancellations.confirm",
)  # fmt: skip
AFTER_SALES = (
    "cancellations.create", "cancellations.confirm", "cancellations.confirm", "cancellations.get",
    "change_requests.create", "change_offers.get", "order_changes.create", "order_changes.confirm",
    "order_changes.confirm", "order_changes.confirm", "order_changes.get", "orders.get", "orders.available_services",
    "orders.add_services", "orders.add_services", "airline_changes.accept",
)  # fmt: skip
OPERATORS = (
    "bookings.create", "bookings.create", "bookings.confirm", "bookings.confirm", "bookings.cancel", "bookings.cancel",
    "bookings.update", "bookings.update", "bookings.extend", "bookings.get", "bookings.list", "availability.departures",
)  # fmt: skip
PROVIDERS = (
    "charges.open", "charges.list", "charges.get", "charges.get", "charges.close", "charges.void", "charges.void",
    "charges.capture", "charges.capture", "charges.refund", "forms.card", "callbacks.send", "keys.list",
)  # fmt: skip
# An order sent at the last instant exists two minutes later at most.
_LONGEST_DELAY = 120


def drawn(random: Random, endpoints: Sequence[str]) -> dict[str, Any]:
    """A fault that one of these endpoints can have."""
    endpoint = random.choice(endpoints)
    kind = random.choice([kind for kind in FaultKind if _possible(kind, endpoint)])
    accepted = kind in {FaultKind.ACCEPTED_202_CREATED, FaultKind.ACCEPTED_202_FAILED}
    return {
        "endpoint": endpoint,
        "kind": str(kind),
        "seconds": random.uniform(1, 3600 if accepted else _LONGEST_DELAY),
        "times": random.choice((1, 1, 1, 2, 5)),
        "effect": random.random() < 1 / 2,
        "percent": random.choice((-10, 10)),
    }


def _possible(kind: FaultKind, endpoint: str) -> bool:
    return endpoint in APPLIES_TO.get(kind, {endpoint} - {CALLBACKS})
