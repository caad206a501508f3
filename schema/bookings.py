"""Asking for bookings: one, or a page of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

from app.domain.booking import BookingState
from app.store.reads.pages import BookingFilter as Wanted
from app.store.reads.pages import Span
from resolvers.bookings import Page, booking, booking_by_reference, booking_page, spoken, words_of
from resolvers.cursors import cursor
from schema.booking import Booking
from schema.fields import Info, answered
from schema.texts import checked


@strawberry.input(description="A span of time; an end left out is open.")
class TimeSpanInput:
    """`Span` of the store."""

    from_: datetime | None = strawberry.field(name="from", default=None, description="This instant or later.")
    until: datetime | None = strawberry.field(default=None, description="Before this instant.")

    def to_store(self) -> Span:
        """The store's span."""
        return Span(start=self.from_, end=self.until)


@strawberry.input(description="What bookings must be to be listed; everything given must be true of them.")
class BookingFilter:
    """`BookingFilter` of the store."""

    states: list[BookingState] | None = strawberry.field(default=None, description="In one of these states.")
    created: TimeSpanInput | None = strawberry.field(default=None, description="Reserved then.")
    departs: TimeSpanInput | None = strawberry.field(default=None, description="First departure then.")
    reference: str | None = strawberry.field(default=None, description="This booking reference.")
    partner_reference: str | None = strawberry.field(default=None, description="This reference of the partner's own.")
    passenger_name: str | None = strawberry.field(
        default=None,
        description="Words that each begin a name of one passenger, in any order, with or without accents.",
    )

    def to_store(self) -> Wanted:
        """The store's filter; InvalidInput for a name that is none."""
        return Wanted(
            states=tuple(self.states or ()),
            created=self.created.to_store() if self.created else Span(),
            departs=self.departs.to_store() if self.departs else Span(),
            reference=spoken(self.reference) if self.reference is not None else None,
            partner_reference=self.partner_reference,
            name_words=words_of(self.passenger_name) if self.passenger_name is not None else (),
        )


@strawberry.type(description="A booking of a page, and where it stands in the list.")
class BookingEdge:
    """An edge of the Relay specification."""

    cursor: str = strawberry.field(description="To go on after this booking.")
    node: Booking = strawberry.field(description="The booking.")


@strawberry.type(description="Where a page begins and ends.")
class PageInfo:
    """As in the Relay specification."""

    has_next_page: bool = strawberry.field(description="Whether there are more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether this page went on after a cursor.")
    start_cursor: str | None = strawberry.field(description="The first cursor of the page; null when it is empty.")
    end_cursor: str | None = strawberry.field(description="The last cursor: pass it as `after` to go on.")

    @classmethod
    def of(cls, cursors: Sequence[str], *, more: bool, after: str | None) -> Self:
        """Of the page with these cursors, which was asked for `after` one, and has `more` after it."""
        return cls(
            has_next_page=more,
            has_previous_page=after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )


@strawberry.type(description="A page of bookings, newest first.")
class BookingConnection:
    """A connection of the Relay specification, by keyset."""

    edges: list[BookingEdge] = strawberry.field(description="The bookings with their cursors.")
    nodes: list[Booking] = strawberry.field(description="The bookings.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")

    @classmethod
    def of(cls, page: Page, after: str | None) -> Self:
        """The page that was read."""
        edges = [BookingEdge(cursor=cursor(row), node=Booking.of(row)) for row in page.rows]
        info = PageInfo.of([edge.cursor for edge in edges], more=page.more, after=after)
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


@strawberry.type
class BookingQueries:
    """Fields of `Query` about bookings."""

    @answered
    async def booking(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The booking's id.")],  # noqa: A002
    ) -> Booking | None:
        """A booking of the viewer's partner; null when it has none of this id. Needs the scope `book`."""
        row = await booking(info.context, id)
        return Booking.of(row) if row else None

    @answered
    async def booking_by_reference(
        self,
        info: Info,
        reference: Annotated[str, strawberry.argument(description="The reference, as people write it.")],
    ) -> Booking | None:
        """A booking of the viewer's partner by its short reference; null when it has none. Needs the scope `book`."""
        row = await booking_by_reference(info.context, reference)
        return Booking.of(row) if row else None

    @answered
    async def bookings(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor, to go on after it.")] = None,
        filter: Annotated[  # noqa: A002 - the name clients expect
            BookingFilter | None, strawberry.argument(description="What they must be.")
        ] = None,
    ) -> BookingConnection:
        """The bookings of the viewer's partner, newest first; needs the scope `book`."""
        wanted = checked(filter or BookingFilter(), "filter").to_store()
        return BookingConnection.of(await booking_page(info.context, wanted, first, after), after)
