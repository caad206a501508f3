"""docs/operations.md is true: its operations are run, after an order was cancelled at the carrier behind our back."""

import json
import re
from dataclasses import replace
from pathlib import Path

from app.domain.partner import Scope
from app.reconcile import release_charge, release_order
from app.store.aftersales_tables import DiscrepancyKind
from tests.documents.shown import ROOT, operations, same_shape
from tests.reconcile.scenes import Office
from tests.schema.gateway import Gateway, services

DOCUMENT = "docs/operations.md"
SECTION = (Path(ROOT) / DOCUMENT).read_text(encoding="utf-8").partition("## When records disagree")[2]


async def test_every_operation_runs_and_answers_as_it_is_shown():
    house = await Office().open()
    gateway = Gateway(house, services(house))
    (item,) = await house.items(await gateway.ticketed())
    house.cancel_there(item.order_ref)
    (row,) = await house.reconcile()
    operator, answers = replace(gateway, scopes=frozenset(Scope)), []
    for operation, shown in operations(DOCUMENT):
        answers.append(await operator.data(operation.replace('"DISCREPANCY"', json.dumps(row.id))))
        assert same_shape(shown, answers[-1]), answers[-1]
    listed, settled = answers
    shown_facts = next(shown for _, shown in operations(DOCUMENT))["discrepancies"]["nodes"][0]["facts"]
    facts = listed["discrepancies"]["nodes"][0]["facts"]
    assert [(fact["name"], fact["ours"]) for fact in facts] == [(fact["name"], fact["ours"]) for fact in shown_facts]
    assert settled["settleDiscrepancy"]["errors"] == []


def test_every_kind_and_every_repair_is_listed_and_nothing_else():
    table = SECTION.partition("| kind |")[2].partition("```")[0]
    told = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.partition(" | ")[0])]
    assert sorted(told) == sorted(DiscrepancyKind)
    assert {release_order.VERB, release_charge.VERB} == set(re.findall(r"`([\w-]+@1)`", SECTION))
