"""Asking for tours and departures: one, or a page of them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

import strawberry

from app.domain.search import OutcomeStatus
from app.domain.tours import REGION_CURRENCY, DepartureStatus, SellingRegion
from app.tours.catalogue import OperatorTours
from app.tours.select import TourSort
from resolvers.departures import DeparturePage, DepartureWish, age, departure, departure_page
from resolvers.tours import TourPage, tour, tour_page
from schema.bookings import PageInfo
from schema.fields import Info, answered
from schema.scalars import CurrencyCode
from schema.texts import checked
from schema.tour import Departure, Tour
from schema.tour_filter import TourFilter
from schema.tour_operator import Operator

Region = Annotated[
    SellingRegion | None,
    strawberry.argument(description="One of the partner's selling regions; the first of them when left out."),
]


@strawberry.type(description="What became of one operator that was asked for its tours.")
class OperatorOutcome:
    """`OperatorTours` of the tours."""

    operator: Operator = strawberry.field(description="Which operator.")
    status: OutcomeStatus = strawberry.field(description="How it answered; UNSUPPORTED where it is coming soon.")
    tours: int = strawberry.field(description="How many tours it sells in the region, before any filter.")

    @classmethod
    def of(cls, outcome: OperatorTours) -> Self:
        """The catalogue's outcome."""
        return cls(operator=Operator.of(outcome.operator), status=outcome.status, tours=len(outcome.tours))


@strawberry.type(description="A tour of a page, and where it stands in the list.")
class TourEdge:
    """An edge of the Relay specification."""

    cursor: str = strawberry.field(description="To go on after this tour.")
    node: Tour = strawberry.field(description="The tour.")


@strawberry.type(description="A page of tours, as they are sold in one region.")
class TourConnection:
    """A connection of the Relay specification, by keyset."""

    edges: list[TourEdge] = strawberry.field(description="The tours with their cursors.")
    nodes: list[Tour] = strawberry.field(description="The tours.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")
    total_count: int = strawberry.field(description="How many tours match the filter.")
    region: SellingRegion = strawberry.field(description="Where they are sold so.")
    currency: CurrencyCode = strawberry.field(description="The currency of the region, in which all prices are.")
    operator_outcomes: list[OperatorOutcome] = strawberry.field(
        description="What became of each operator asked: one that does not answer takes only its own tours away."
    )

    @classmethod
    def of(cls, page: TourPage, after: str | None) -> Self:
        """The page that was selected."""
        edges = [
            TourEdge(cursor=cursor, node=Tour.of(found)) for cursor, found in zip(page.cursors, page.tours, strict=True)
        ]
        return cls(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=PageInfo.of(page.cursors, more=page.more, after=after),
            total_count=page.total,
            region=page.region,
            currency=CurrencyCode(REGION_CURRENCY[page.region]),
            operator_outcomes=_outcomes(page.outcomes),
        )


def _outcomes(outcomes: Sequence[OperatorTours]) -> list[OperatorOutcome]:
    return [OperatorOutcome.of(outcome) for outcome in outcomes]


@strawberry.type(description="A departure of a page, and where it stands in the list.")
class DepartureEdge:
    """An edge of the Relay specification."""

    cursor: str = strawberry.field(description="To go on after this departure.")
    node: Departure = strawberry.field(description="The departure.")


@strawberry.type(description="A page of a tour's departures, earliest first.")
class DepartureConnection:
    """A connection of the Relay specification, by keyset."""

    edges: list[DepartureEdge] = strawberry.field(description="The departures with their cursors.")
    nodes: list[Departure] = strawberry.field(description="The departures.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")
    operator_outcomes: list[OperatorOutcome] = strawberry.field(
        description="What became of the tour's operator: while it does not answer, nothing can be listed."
    )

    @classmethod
    def of(cls, page: DeparturePage, after: str | None) -> Self:
        """The page that was selected."""
        edges = [
            DepartureEdge(cursor=cursor, node=Departure.of(found))
            for cursor, found in zip(page.cursors, page.departures, strict=True)
        ]
        return cls(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=PageInfo.of(page.cursors, more=page.more, after=after),
            operator_outcomes=_outcomes([page.outcome]),
        )


@strawberry.type
class TourQueries:
    """Fields of `Query` about tours."""

    @answered
    async def tours(
        self,
        info: Info,
        filter: Annotated[  # noqa: A002 - the name clients expect
            TourFilter | None, strawberry.argument(description="What they must be.")
        ] = None,
        region: Region = None,
        sort: Annotated[TourSort, strawberry.argument(description="What comes first.")] = TourSort.NAME,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor, to go on after it.")] = None,
    ) -> TourConnection:
        """Tours of all operators, as they are sold in a region; needs the scope `search`."""
        wanted = checked(filter or TourFilter(), "filter").to_tours()
        return TourConnection.of(await tour_page(info.context, region, wanted, sort, first, after), after)

    @answered
    async def tour(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The tour's id.")],  # noqa: A002
        region: Region = None,
    ) -> Tour | None:
        """A tour as it is sold in a region, null where it is not; needs the scope `search`.

        Null with an error that says so while its operator does not answer.
        """
        found = await tour(info.context, checked(id, "id"), region)
        return Tour.of(found) if found else None

    @answered
    async def departure(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The departure's id.")],  # noqa: A002
        region: Region = None,
    ) -> Departure | None:
        """A departure as it is sold in a region, whatever its status; null where it is not. Needs the scope `search`.

        Null with an error that says so while its operator does not answer.
        """
        found = await departure(info.context, checked(id, "id"), region)
        return Departure.of(found) if found else None

    @answered
    async def departures(
        self,
        info: Info,
        tour: Annotated[strawberry.ID, strawberry.argument(description="Of the tour of this id.")],
        option: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of its option of this id only.")
        ] = None,
        season: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of the season of this id only.")
        ] = None,
        region: Region = None,
        from_: Annotated[
            date | None,
            strawberry.argument(
                name="from", description="On this day or later; from today where the tour departs when left out."
            ),
        ] = None,
        to: Annotated[
            date | None, strawberry.argument(description="On this day or earlier; two years ahead when left out.")
        ] = None,
        status: Annotated[
            list[DepartureStatus] | None,
            strawberry.argument(description="In one of these statuses, as the viewer sees them."),
        ] = None,
        max_age: Annotated[
            int, strawberry.argument(description="How old, in seconds, what is known of their statuses may be.")
        ] = 60,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 50,
        after: Annotated[str | None, strawberry.argument(description="A cursor, to go on after it.")] = None,
    ) -> DepartureConnection:
        """When a tour departs in a region, earliest first; needs the scope `search`."""
        wish = DepartureWish(
            tour=checked(tour, "tour"),
            option=checked(option, "option"),
            season=checked(season, "season"),
            first=from_,
            last=to,
            statuses=None if status is None else frozenset(status),
            max_age=age(max_age),
        )
        return DepartureConnection.of(await departure_page(info.context, region, wish, first, after), after)
