"""What is written into a migration is plain: it has to run when our own column types are long other ones."""

import pytest

from app.store import types
from app.store.metadata import METADATA
from app.store.migrations.revise import _render

_COLUMNS = {type(column.type) for table in METADATA.tables.values() for column in table.columns}
OURS = sorted((kind for kind in _COLUMNS if kind.__module__ == types.__name__), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_our_own_column_types_are_written_as_what_they_are_stored_as(kind):
    assert str(_render("type", kind(), None)).startswith("sa.")


def test_they_are_all_looked_at():
    assert [types.Constant, types.Instant] == OURS
