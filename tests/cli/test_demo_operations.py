"""What the demo asks fits the schema: its story is told by `make demo` alone, which no quick test runs."""

import pytest
from graphql import parse, validate

from app.cli.demo import operations
from tests.printed import printed_schema

SCHEMA = printed_schema()
TEXTS = {name: text for name, text in vars(operations).items() if name.isupper() and isinstance(text, str)}
OPERATIONS = {name: text for name, text in TEXTS.items() if not text.startswith("\nfragment")}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_fits_the_schema(name):
    assert validate(SCHEMA, parse(OPERATIONS[name])) == []
