"""Asking for discrepancies."""

from typing import Annotated, Self

import strawberry

from app.store.aftersales_tables import DiscrepancyKind, DiscrepancyState
from app.store.reads.discrepancies import DiscrepancyFilter as Wanted
from resolvers.cursors import cursor_at
from resolvers.discrepancies import DiscrepancyPage, discrepancies
from schema.bookings import PageInfo
from schema.discrepancy import Discrepancy
from schema.fields import Info, answered
from schema.texts import checked


@strawberry.input(description="What discrepancies must be to be listed; everything given must be true of them.")
class DiscrepancyFilter:
    """`DiscrepancyFilter` of the store."""

    state: DiscrepancyState | None = strawberry.field(default=None, description="In this state.")
    kind: DiscrepancyKind | None = strawberry.field(default=None, description="Of this kind.")
    source: str | None = strawberry.field(default=None, description="With this carrier or payment provider.")
    booking_id: strawberry.ID | None = strawberry.field(default=None, description="About this booking.")

    def to_store(self) -> Wanted:
        """The store's filter."""
        return Wanted(state=self.state, kind=self.kind, source=self.source, booking_id=self.booking_id)


@strawberry.type(description="A discrepancy of a page, and where it stands in the list.")
class DiscrepancyEdge:
    """An edge of the Relay specification."""

    cursor: str = strawberry.field(description="To go on after this discrepancy.")
    node: Discrepancy = strawberry.field(description="The discrepancy.")


@strawberry.type(description="A page of discrepancies, those found last first.")
class DiscrepancyConnection:
    """A connection of the Relay specification, by keyset."""

    edges: list[DiscrepancyEdge] = strawberry.field(description="The discrepancies with their cursors.")
    nodes: list[Discrepancy] = strawberry.field(description="The discrepancies.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")

    @classmethod
    def of(cls, page: DiscrepancyPage, after: str | None) -> Self:
        """The page that was read."""
        edges = [DiscrepancyEdge(cursor=cursor_at(row.found_at, row.id), node=Discrepancy.of(row)) for row in page.rows]
        info = PageInfo.of([edge.cursor for edge in edges], more=page.more, after=after)
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


@strawberry.type
class DiscrepancyQueries:
    """The field of `Query` about discrepancies."""

    @answered
    async def discrepancies(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor, to go on after it.")] = None,
        filter: Annotated[  # noqa: A002 - the name clients expect
            DiscrepancyFilter | None, strawberry.argument(description="What they must be.")
        ] = None,
    ) -> DiscrepancyConnection:
        """What records disagree on, of all partners, found last first; needs the scopes `book` and `internal`."""
        wanted = checked(filter or DiscrepancyFilter(), "filter").to_store()
        return DiscrepancyConnection.of(await discrepancies(info.context, wanted, first, after), after)
