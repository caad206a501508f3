"""Column types that come back as they went in, on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ColumnElement, DateTime, Dialect, String, TypeDecorator, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.operators import OperatorType

Json = JSON().with_variant(JSONB(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. SQLite has no time zones, so it keeps the naive UTC value."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the driver; ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """The instant, aware, in UTC."""
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class Constant(String):
    """Holds one of our constants. What compares it with one has that written into the statement, not bound.

    A partial index serves only statements that say its condition: where that is a parameter, SQLite plans the statement
    anew whenever it is executed, and PostgreSQL's generic plans do without the index.
    """

    class Comparator(String.Comparator[str]):
        """Comparisons that write constants into the statement."""

        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:  # noqa: ANN401
            """As every column's, with the constants in place of parameters."""
            return super().operate(op, *map(_written, other), **kwargs)

    comparator_factory = Comparator


def _written(value: Any) -> Any:  # noqa: ANN401 - whatever a column is compared with
    if isinstance(value, StrEnum):
        return literal_column(f"'{value}'")
    # In one order, so that a set makes one statement in every process.
    return [_written(each) for each in sorted(value)] if isinstance(value, list | tuple | set | frozenset) else value


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A CHECK that the column holds one of the enum's values: a database enum would poison reads on SQLite."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_known")
