"""docs/settlement.md is true: its operations are run, in their order, on an account with one booking."""

import json
import re
from dataclasses import replace
from datetime import timedelta

from app.domain.partner import Scope
from tests.documents.shown import found, operations, same_shape
from tests.schema.gateway import open_gateway

_COPIED = {
    "STATEMENT": ("statements", "nodes", 0, "id"),
    "DISPUTE": ("openDispute", "statement", "disputes", 0, "id"),
}
_PLACE = re.compile(rf'"({"|".join(_COPIED)})"')


def amounts(answer):
    """Every amount in an answer, in its order."""
    match answer:
        case {"amount": str(amount)}:
            return [amount]
        case dict():
            return [amount for part in answer.values() for amount in amounts(part)]
        case list():
            return [amount for part in answer for amount in amounts(part)]
    return []


def pasted(operation, copied):
    """The operation with the ids that a reader copies from the answers above it."""
    return _PLACE.sub(lambda place: json.dumps(copied[place[1]]), operation)


async def test_every_operation_runs_and_answers_as_it_is_shown():
    gateway = await open_gateway()
    await gateway.ticketed(partnerReference="trip 1")
    await gateway.house.later(timedelta(days=31))
    operator, copied, told = replace(gateway, scopes=frozenset(Scope)), {}, 0
    for operation, shown in operations("docs/settlement.md"):
        answer = await operator.data(pasted(operation, copied))
        copied |= {name: value for name, path in _COPIED.items() if (value := found(answer, path))}
        assert all(not payload.get("errors") for payload in answer.values()), answer
        assert shown is None or (same_shape(shown, answer) and amounts(shown) == amounts(answer)), answer
        told += 1
    assert (told, set(copied)) == (7, set(_COPIED))
