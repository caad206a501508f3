"""docs/payments.md names every test card, call, code and kind of fault there is, and no other."""

import re
from pathlib import Path

import pytest

from app.domain.payment import DeclineReason
from carriers.sandbox.faults import FaultKind
from carriers.sandbox.payments.cards import CARDS
from carriers.sandbox.payments.misbehave import _STRIKES
from carriers.sandbox.payments.routes import ROUTES, Door

DOCUMENT = (Path(__file__).parents[3] / "docs" / "payments.md").read_text(encoding="utf-8")
SECTION = DOCUMENT.split("## The sandbox provider", 1)[1]
ROW = re.compile(r"^\| ([0-9 ]+) \| `(tok_\w+)` \| (.+) \|$", re.MULTILINE)


def test_the_table_has_every_card_in_its_order():
    found = [(number.replace(" ", ""), token) for number, token, _ in ROW.findall(SECTION)]
    assert found == [(card.number, card.token) for card in CARDS]


def test_each_row_names_the_decline_it_ends_with():
    told = {token: re.findall(r"`([A-Z_]+)`", what) for _, token, what in ROW.findall(SECTION)}
    for card in CARDS:
        if card.decline:
            assert told[card.token][-1] == card.decline
        else:
            assert set(told[card.token]) <= {DeclineReason.AUTHENTICATION_FAILED}


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES if route.door is not Door.OPEN}))
def test_every_call_is_documented(path):
    assert path in SECTION


def test_every_fault_is_documented():
    callbacks = {kind for kind in FaultKind if kind.startswith("callback_")}
    assert {kind for kind in {*_STRIKES, *callbacks} if f"`{kind}`" not in SECTION} == set()
