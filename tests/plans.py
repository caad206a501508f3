"""How SQLite answers what a block asks: which tables it reads whole, with no index to serve it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.store.engine import MemoryStore

_WHOLE = re.compile(r"SCAN (\w+)")


@contextmanager
def tables_read_whole(store: MemoryStore) -> Iterator[set[str]]:
    """The tables that selects of the block read from end to end, filled in while it runs."""
    found: set[str] = set()

    def explain(connection, _cursor, statement, parameters, *_rest):
        if statement.startswith("SELECT"):
            plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.update(whole[1] for row in plan if (whole := _WHOLE.fullmatch(row[3])))

    event.listen(store.engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(store.engine, "before_cursor_execute", explain)
