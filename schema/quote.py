"""What all quotes have in common."""

from datetime import datetime
from typing import Any

import strawberry

from app.domain.aftersales import RefundForm
from app.store.aftersales_tables import QuoteRow, QuoteState
from resolvers.operations import operation
from resolvers.quotes import expired
from schema.enums import describe
from schema.fields import Info, answered
from schema.node import Node
from schema.operation import Operation

describe(
    QuoteState,
    "How far a quote has come.",
    {
        QuoteState.PENDING: "A carrier has not answered yet; it is asked again by itself.",
        QuoteState.READY: "It can be confirmed until it has `expired`.",
        QuoteState.REFUSED: "There is nothing to confirm; the quote says why.",
        QuoteState.USED: "It was confirmed, by `confirmedBy`.",
    },
)
describe(
    RefundForm,
    "What is given back. Only money goes back to payments.",
    {
        RefundForm.MONEY: "Money.",
        RefundForm.VOUCHER: "A voucher of the airline's, which it sends to the travellers.",
        RefundForm.AIRLINE_CREDIT: "A credit of the travellers' with the airline.",
    },
)


@strawberry.interface(
    description="What a change of a booking would come to. A mutation of its own confirms exactly this, or nothing."
)
class Quote(Node):
    """A quote's row."""

    row: strawberry.Private[QuoteRow]

    state: QuoteState = strawberry.field(description="How far it has come.")
    booking_id: strawberry.ID = strawberry.field(description="The booking it is for.")
    operation_id: strawberry.ID = strawberry.field(description="The operation that asked for it.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    expires_at: datetime | None = strawberry.field(
        description="Until when it can be confirmed, as long as nothing else changes the booking; null when not known."
    )

    @answered
    async def expired(self, info: Info) -> bool:
        """Whether it can never be confirmed any more: its time is over, or the booking has changed since."""
        return await expired(info.context, self.row)

    @answered
    async def confirmed_by(self, info: Info) -> Operation | None:
        """The operation that confirmed it; null while none did."""
        row = await operation(info.context, self.row.used_by) if self.row.used_by else None
        return Operation.of(row) if row else None


def of_row(row: QuoteRow) -> dict[str, Any]:
    """What every quote shows of its row."""
    return {
        "row": row,
        "id": strawberry.ID(row.id),
        "state": QuoteState(row.state),
        "booking_id": strawberry.ID(row.booking_id),
        "operation_id": strawberry.ID(row.operation_id),
        "created_at": row.created_at,
        "expires_at": row.expires_at,
    }
