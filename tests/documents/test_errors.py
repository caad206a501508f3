"""docs/errors.md lists what clients can meet, word for word as the schema says it."""

import re
from pathlib import Path

import pytest

from app.domain.errors import AccessCode
from app.domain.refusals import refusals
from schema import faults
from tests.printed import printed_schema

ROOT = Path(__file__).parents[2]
SCHEMA = printed_schema()
ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)


def tables():
    """The tables by their first heading, each a dictionary of rows by their code."""
    parts = re.split(r"^\| (\w+) \|.*\n\|[-|]+\n", (ROOT / "docs/errors.md").read_text(), flags=re.MULTILINE)
    headings, bodies = parts[1::2], parts[2::2]
    rows = [{row[1]: row[2].split(" | ") for row in ROW.finditer(body.partition("\n\n")[0])} for body in bodies]
    return list(zip(headings, rows, strict=True))


def described(enum):
    return {name: value.description for name, value in SCHEMA.type_map[enum].values.items()}


def test_every_code_has_its_meaning_and_advice():
    _, codes = tables()[0]
    assert {code: row[0] for code, row in codes.items()} == described("ErrorCode")
    assert {code: row[1] for code, row in codes.items()} == {
        kind.code: f"`{kind.advice}`" for kind in refusals().values()
    }
    assert all(len(row) == 3 and row[2].endswith(".") for row in codes.values())


@pytest.mark.parametrize(("index", "heading", "enum"), [(1, "advice", "Advice"), (2, "money", "MoneyMovement")])
def test_advice_and_money_mean_what_the_schema_says(index, heading, enum):
    found, rows = tables()[index]
    assert found == heading
    assert {name: " | ".join(row) for name, row in rows.items()} == described(enum)


def test_every_top_level_code_is_listed():
    served = set(re.findall(r'code(?:: str)? ?= ?"([A-Z_]+)"', (ROOT / "app/web/graphql.py").read_text()))
    told = {faults.BAD_USER_INPUT, faults.PARSE_FAILED, faults.VALIDATION_FAILED, faults.INTERNAL}
    assert len(served) >= 5
    assert set(tables()[3][1]) == served | told | set(AccessCode)
