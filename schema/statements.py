"""Asking for settlement statements."""

from typing import Annotated, Self

import strawberry

from app.store.account_tables import StatementState
from resolvers.cursors import cursor_at
from resolvers.statements import StatementPage, carrier_statements, partner_statements, statement
from schema.bookings import PageInfo
from schema.fields import Info, answered
from schema.statement import SettlementStatement
from schema.texts import checked


@strawberry.type(description="A statement of a page, and where it stands in the list.")
class SettlementStatementEdge:
    """An edge of the Relay specification."""

    cursor: str = strawberry.field(description="To go on after this statement.")
    node: SettlementStatement = strawberry.field(description="The statement.")


@strawberry.type(description="A page of statements, those of the latest cycles first.")
class SettlementStatementConnection:
    """A connection of the Relay specification, by keyset."""

    edges: list[SettlementStatementEdge] = strawberry.field(description="The statements with their cursors.")
    nodes: list[SettlementStatement] = strawberry.field(description="The statements.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")

    @classmethod
    def of(cls, page: StatementPage, after: str | None) -> Self:
        """The page that was read."""
        edges = [
            SettlementStatementEdge(cursor=cursor_at(row.ends_at, row.id), node=SettlementStatement.of(row))
            for row in page.rows
        ]
        info = PageInfo.of([edge.cursor for edge in edges], more=page.more, after=after)
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


@strawberry.type
class StatementQueries:
    """Fields of `Query` about settlement statements."""

    @answered
    async def statement(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The statement's id.")],  # noqa: A002
    ) -> SettlementStatement | None:
        """A statement of the viewer's partner, or anybody's for an operator; null when there is none of this id.

        Needs the scope `book`; with the scope `internal` the viewer is an operator.
        """
        row = await statement(info.context, id)
        return SettlementStatement.of(row) if row else None

    @answered
    async def statements(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor, to go on after it.")] = None,
        state: Annotated[StatementState | None, strawberry.argument(description="In this state.")] = None,
        partner_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this partner; needs the scope `internal`.")
        ] = None,
    ) -> SettlementStatementConnection:
        """The statements of the viewer's partner's account, latest cycles first; needs the scope `book`."""
        partner_id = checked(partner_id, "partnerId")
        page = await partner_statements(info.context, partner_id, state, first, after)
        return SettlementStatementConnection.of(page, after)

    @answered
    async def carrier_statements(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor, to go on after it.")] = None,
        carrier: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this carrier, by its code.")
        ] = None,
    ) -> SettlementStatementConnection:
        """The statements of carriers' accounts, latest cycles first; needs the scopes `book` and `internal`."""
        page = await carrier_statements(info.context, checked(carrier, "carrier"), first, after)
        return SettlementStatementConnection.of(page, after)
