"""Reads of what partners own: Core columns in one statement for many keys, the partner always among the conditions.

The rows answered have their table model's attributes and none of the ORM's cost (measured: half the time of entities).
They are for reading; nothing can be written through them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import ColumnElement, Select, Table, select
from sqlmodel import Session

from app.store.tables import Row

R = TypeVar("R", bound=Row)


class Owned(NamedTuple):
    """Something of a partner's, by an id that alone would not be enough to see it."""

    partner_id: str
    id: str


def ids(keys: Sequence[Owned]) -> set[str]:
    """The ids to look for."""
    return possible(owned.id for owned in keys)


def possible(names: Iterable[str]) -> set[str]:
    """Those that may be ids: what clients made up of other characters than ours is nobody's, and no database's text."""
    return {name for name in names if name.isascii() and name.isprintable()}


def table_of(kind: type[Row]) -> Table:
    """The table behind a model."""
    return cast("Table", vars(kind)["__table__"])


def columns(kind: type[Row], without: Collection[str] = ()) -> list[ColumnElement[Any]]:
    """A table's columns, less those a reader has no use for."""
    return [column for column in table_of(kind).c if column.name not in without]


def fetched(session: Session, kind: type[R], query: Select[Any]) -> list[R]:
    """The query's rows, read as `kind`."""
    del kind  # names the type of the answer, and is not needed to get it
    return cast("list[R]", list(session.connection().execute(query)))


def grouped(
    session: Session,
    kind: type[R],
    key: str,
    keys: Sequence[Owned],
    *conditions: ColumnElement[bool],
    order: Sequence[str] = (),
    without: Collection[str] = (),
) -> list[list[R]]:
    """For each key, its partner's rows whose column `key` is the key's id, in order."""
    table = table_of(kind)
    query = (
        select(*columns(kind, without))
        .where(
            table.c.partner_id.in_({owned.partner_id for owned in keys}),
            table.c[key].in_(ids(keys)),
            *conditions,
        )
        .order_by(*(table.c[name] for name in order))
    )
    found: defaultdict[Owned, list[R]] = defaultdict(list)
    for row in fetched(session, kind, query):
        found[Owned(getattr(row, "partner_id"), getattr(row, key))].append(row)  # noqa: B009 - every owned row has it
    return [found[owned] for owned in keys]


def single(
    session: Session,
    kind: type[R],
    key: str,
    keys: Sequence[Owned],
    *conditions: ColumnElement[bool],
    without: Collection[str] = (),
) -> list[R | None]:
    """For each key, its partner's one row whose column `key` is the key's id, or None."""
    rows = grouped(session, kind, key, keys, *conditions, without=without)
    return [next(iter(found), None) for found in rows]
