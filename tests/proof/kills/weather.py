"""What goes wrong at the carrier and the payment provider while gateways die: every fault, wherever we ask."""

import asyncio
import random
from collections import Counter

from tests.proof.kills.stage import Json, Stage

_PAUSE_SECONDS = 0.25
# Within the carrier's word: an effect comes at most write deadline and settle delay after the ask was sent.
_LATE_SECONDS, _ACCEPTED_SECONDS = 3, 3
_DOCUMENTS_HOURS = 30 / 3600

_LOST: tuple[Json, ...] = (
    {"kind": "lost_reply"},
    {"kind": "time_out_before"},
    {"kind": "late_effect", "seconds": _LATE_SECONDS},
    {"kind": "error_500", "effect": True},
    {"kind": "error_500", "effect": False},
    {"kind": "unclear_502", "effect": True},
    {"kind": "unclear_502", "effect": False},
)
_PLAIN: tuple[Json, ...] = (
    {"kind": "error_503"},
    {"kind": "rate_limited", "seconds": 1},
    {"kind": "slow", "seconds": 0.5},
    {"kind": "slow", "seconds": 1.5},
)
_READS = (*_PLAIN, {"kind": "error_500"}, {"kind": "time_out_before"})
_ORDERS: tuple[Json, ...] = (
    {"kind": "order_not_created"},
    {"kind": "accepted_202_created", "seconds": _ACCEPTED_SECONDS},
    {"kind": "accepted_202_failed", "seconds": _ACCEPTED_SECONDS},
    {"kind": "sold_out"},
    {"kind": "price_changed"},
)
_PAYMENTS: tuple[Json, ...] = (
    {"kind": "accepted_202_created", "seconds": _ACCEPTED_SECONDS},
    {"kind": "documents_later", "hours": _DOCUMENTS_HOURS},
    {"kind": "price_changed"},
)
# Writes are where the harm could be done, so they are struck most: so many faults of an endpoint wait for its calls.
_STORM: dict[str, tuple[int, tuple[Json, ...]]] = {
    "orders.create": (3, (*_LOST, *_LOST, *_PLAIN, *_ORDERS)),
    "payments.create": (3, (*_LOST, *_LOST, *_PLAIN, *_PAYMENTS)),
    "order_changes.confirm": (2, (*_LOST, *_LOST, *_PLAIN, *_PAYMENTS, {"kind": "sold_out"})),
    "order_changes.create": (1, _READS),
    "order_changes.get": (1, _READS),
    "change_requests.create": (1, _READS),
    "cancellations.confirm": (2, (*_LOST, *_PLAIN, {"kind": "stale_quote"})),
    "cancellations.get": (1, _READS),
    "cancellations.create": (1, _READS),
    "orders.get": (1, _READS),
    "orders.list": (1, _READS),
    "offers.get": (1, _READS),
}
_CALLBACKS = (
    {"kind": "callback_late", "seconds": _LATE_SECONDS},
    {"kind": "callback_twice"},
    {"kind": "callback_lost"},
)
_AT_THE_BANK: dict[str, tuple[int, tuple[Json, ...]]] = {
    "charges.open": (2, (*_LOST, *_PLAIN)),
    "charges.capture": (3, (*_LOST, *_LOST, *_PLAIN)),
    "charges.refund": (2, (*_LOST, *_PLAIN)),
    "charges.void": (2, (*_LOST, *_PLAIN)),
    "charges.close": (2, (*_LOST, *_PLAIN)),
    "charges.get": (1, _READS),
    "charges.list": (1, _READS),
    "forms.card": (1, ({"kind": "callback_early", "seconds": _LATE_SECONDS}, {"kind": "lost_reply"})),
    "callbacks.send": (2, _CALLBACKS),
    "keys.list": (1, _READS),
}
_AT_THE_OPERATORS: dict[str, tuple[int, tuple[Json, ...]]] = {
    "bookings.create": (3, (*_LOST, *_LOST, *_PLAIN, {"kind": "sold_out"}, {"kind": "price_changed"})),
    "bookings.confirm": (3, (*_LOST, *_LOST, *_PLAIN, {"kind": "documents_later", "hours": _DOCUMENTS_HOURS})),
    "bookings.cancel": (2, (*_LOST, *_PLAIN)),
    "bookings.update": (2, (*_LOST, *_LOST, *_PLAIN, {"kind": "sold_out"})),
    "bookings.extend": (1, (*_LOST, *_PLAIN)),
    "bookings.get": (1, _READS),
    "bookings.list": (1, _READS),
    "availability.departures": (1, _READS),
}
# In the order of the worlds.
_STORMS = (_STORM, _AT_THE_BANK, _AT_THE_OPERATORS)
_LIKELY = 0.3


async def storm(stage: Stage, chance: random.Random, told: Counter[str]) -> None:
    """Let faults wait for their victims, until cancelled; `told` counts those that struck."""
    while True:
        for world, storms in zip(stage.worlds, _STORMS, strict=True):
            waiting = Counter(fault["endpoint"] for fault in await stage.faults(world))
            for endpoint, (most, faults) in storms.items():
                if waiting[endpoint] < most and chance.random() < _LIKELY:
                    fault = chance.choice(faults)
                    await stage.spoil(world, {"endpoint": endpoint, **fault})
                    told[f"{endpoint} {fault['kind']}"] += 1
        await asyncio.sleep(_PAUSE_SECONDS)


async def calm(stage: Stage, told: Counter[str]) -> None:
    """No more faults; what has not struck does not count."""
    for world in stage.worlds:
        told.subtract(f"{fault['endpoint']} {fault['kind']}" for fault in await stage.faults(world))
        await stage.clear_sky(world)
