"""What partners' backends are told, and where."""

from datetime import datetime
from typing import Self

import strawberry

from app.delivery.webhook import event_type
from app.domain.events import EventKind
from app.store.delivery_tables import DeliveryRow, DeliveryState, EndpointFormat, EndpointRow
from resolvers.webhooks import endpoint_of
from schema.enums import describe
from schema.fields import Info, answered
from schema.node import Node
from schema.scalars import Url

describe(
    EndpointFormat,
    "How an endpoint is spoken to.",
    {
        EndpointFormat.PAYMENT_CALLBACK: "How card payments ended, with a signed token in the body.",
        EndpointFormat.STANDARD_WEBHOOKS: "Any event of a booking, as https://www.standardwebhooks.com describes.",
    },
)
describe(
    DeliveryState,
    "How far a delivery has come.",
    {
        DeliveryState.PENDING: "On its way, or waiting for its next attempt.",
        DeliveryState.DELIVERED: "The endpoint took it.",
        DeliveryState.FAILED: "It was tried for three days, or the endpoint is gone. It can be replayed.",
    },
)


@strawberry.type(description="Where a partner's backend is told what happens to its bookings.")
class WebhookEndpoint(Node):
    """An endpoint's row, without its secret."""

    url: Url = strawberry.field(description="Where it is told.")
    format: EndpointFormat = strawberry.field(description="How it is told.")
    events: list[EventKind] = strawberry.field(description="Of which events; of all its format has, when empty.")
    active: bool = strawberry.field(description="Whether it is still told; false once it was removed.")
    created_at: datetime = strawberry.field(description="When it was added.")

    @classmethod
    def of(cls, row: EndpointRow) -> Self:
        """The stored endpoint."""
        return cls(
            id=strawberry.ID(row.id),
            url=Url(row.url),
            format=EndpointFormat(row.format),
            events=[EventKind(kind) for kind in row.events],
            active=row.active,
            created_at=row.created_at,
        )


@strawberry.type(description="One event's way to one endpoint.")
class WebhookDelivery(Node):
    """A delivery's row. Its id is what receivers know the event by."""

    row: strawberry.Private[DeliveryRow]

    kind: EventKind = strawberry.field(description="What happened.")
    type: str = strawberry.field(description="The event's name in Standard Webhooks, such as payment.captured.")
    booking_id: strawberry.ID = strawberry.field(description="The booking it happened to.")
    state: DeliveryState = strawberry.field(description="How far it has come.")
    attempts: int = strawberry.field(description="How often it was tried since it was made or last replayed.")
    answer: str | None = strawberry.field(
        description='How the latest attempt ended, such as "HTTP 503"; null before the first.'
    )
    next_attempt_at: datetime | None = strawberry.field(description="When it is tried next; null unless it is PENDING.")
    created_at: datetime = strawberry.field(description="When it was made.")
    delivered_at: datetime | None = strawberry.field(description="When the endpoint took it; null until then.")

    @answered
    async def endpoint(self, info: Info) -> WebhookEndpoint | None:
        """Where it goes."""
        row = await endpoint_of(info.context, self.row)
        return WebhookEndpoint.of(row) if row else None

    @classmethod
    def of(cls, row: DeliveryRow) -> Self:
        """The stored delivery."""
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            kind=EventKind(row.kind),
            type=event_type(row.kind),
            booking_id=strawberry.ID(row.booking_id),
            state=DeliveryState(row.state),
            attempts=row.attempts,
            answer=row.answer,
            next_attempt_at=row.next_at if row.state == DeliveryState.PENDING else None,
            created_at=row.created_at,
            delivered_at=row.delivered_at,
        )
