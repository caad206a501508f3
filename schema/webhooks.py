"""Asking what partners' backends were told."""

from typing import Annotated, Self

import strawberry

from app.store.delivery_tables import DeliveryState
from app.store.reads.webhooks import DeliveryFilter
from resolvers.cursors import cursor
from resolvers.webhooks import DeliveryPage, delivery_page, endpoints
from schema.bookings import PageInfo
from schema.fields import Info, answered
from schema.texts import checked
from schema.webhook import WebhookDelivery, WebhookEndpoint


@strawberry.type(description="A delivery of a page, and where it stands in the list.")
class WebhookDeliveryEdge:
    """An edge of the Relay specification."""

    cursor: str = strawberry.field(description="To go on after this delivery.")
    node: WebhookDelivery = strawberry.field(description="The delivery.")


@strawberry.type(description="A page of deliveries, newest first.")
class WebhookDeliveryConnection:
    """A connection of the Relay specification, by keyset."""

    edges: list[WebhookDeliveryEdge] = strawberry.field(description="The deliveries with their cursors.")
    nodes: list[WebhookDelivery] = strawberry.field(description="The deliveries.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")

    @classmethod
    def of(cls, page: DeliveryPage, after: str | None) -> Self:
        """The page that was read."""
        edges = [WebhookDeliveryEdge(cursor=cursor(row), node=WebhookDelivery.of(row)) for row in page.rows]
        info = PageInfo.of([edge.cursor for edge in edges], more=page.more, after=after)
        return cls(edges=edges, nodes=[edge.node for edge in edges], page_info=info)


@strawberry.type
class WebhookQueries:
    """Fields of `Query` about what partners' backends are told."""

    @answered
    async def webhook_endpoints(self, info: Info) -> list[WebhookEndpoint]:
        """Where the viewer's partner is told what happens, oldest first; needs the scope `book`."""
        return [WebhookEndpoint.of(row) for row in await endpoints(info.context)]

    @answered
    async def webhook_deliveries(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="A cursor, to go on after it.")] = None,
        state: Annotated[DeliveryState | None, strawberry.argument(description="In this state.")] = None,
        booking_id: Annotated[strawberry.ID | None, strawberry.argument(description="About this booking.")] = None,
    ) -> WebhookDeliveryConnection:
        """What the viewer's partner was told, or is still to be, newest first; needs the scope `book`."""
        wanted = DeliveryFilter(state=state, booking_id=checked(booking_id, "bookingId"))
        return WebhookDeliveryConnection.of(await delivery_page(info.context, wanted, first, after), after)
