"""Payments of a booking."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from app.domain.money import Money as DomainMoney
from app.domain.payment import DeclineReason
from app.store.tables import PaymentMethod, PaymentRow, PaymentStatus
from resolvers.payments import declined, live_form
from schema.enums import describe
from schema.fields import Info, answered
from schema.money import Money
from schema.node import Node
from schema.scalars import Url

if TYPE_CHECKING:
    from schema.payment_outcome import PaymentOutcome

describe(
    PaymentMethod,
    "How a payment is made.",
    {
        PaymentMethod.ON_ACCOUNT: "On the partner's account: the partner confirms that its customer has paid.",
        PaymentMethod.CARD: "By card, in the payment provider's form.",
    },
)
describe(
    PaymentStatus,
    "How far one payment has come.",
    {
        PaymentStatus.PENDING: "The card form waits for the payer.",
        PaymentStatus.AUTHORISED: "The amount is reserved.",
        PaymentStatus.CAPTURED: "The amount was taken.",
        PaymentStatus.VOIDED: "The reservation was lifted; nothing was taken.",
        PaymentStatus.EXPIRED: "The card form was not used in time; nothing was taken.",
        PaymentStatus.FAILED: "The card form could not be opened, or the amount was reserved and could not be taken.",
    },
)


@strawberry.type(description="One payment for a booking.")
class Payment(Node):
    """A payment's row."""

    row: strawberry.Private[PaymentRow]

    method: PaymentMethod = strawberry.field(description="How it is made.")
    status: PaymentStatus = strawberry.field(description="How far it has come.")
    amount: Money = strawberry.field(description="What was taken or, until then, reserved or asked for.")
    refunded: Money = strawberry.field(description="What was given back of it.")
    reference: str | None = strawberry.field(description="The partner's own reference for it.")
    provider: str | None = strawberry.field(
        description="The code of the payment provider that takes the card; null on account."
    )
    card: str | None = strawberry.field(
        description="The card as it may be shown, such as `Visa 4242`; null until one was accepted."
    )
    attempts: int = strawberry.field(description="How many cards were tried so far.")
    declined: DeclineReason | None = strawberry.field(
        description="Why the latest card was declined; null where none was, or a later one was accepted."
    )
    expires_at: datetime | None = strawberry.field(description="Until when the form takes a card; null on account.")
    booking_id: strawberry.ID = strawberry.field(description="The booking it is for.")
    quote_id: strawberry.ID | None = strawberry.field(
        description="The quote whose change of the booking it pays; null where it pays the booking itself."
    )
    operation_id: strawberry.ID = strawberry.field(description="The operation that made it.")
    created_at: datetime = strawberry.field(description="When it was begun.")
    settled_at: datetime | None = strawberry.field(description="When it was taken, or ended without; null until then.")

    @answered
    def form_url(self, info: Info) -> Url | None:
        """The provider's form, to be shown in an iframe; null once it takes no card any more, and on account."""
        form = live_form(info.context, self.row)
        return Url(form) if form else None

    @answered
    async def outcome(self, info: Info) -> Annotated["PaymentOutcome", strawberry.lazy("schema.payment_outcome")]:
        """What has become of it, and what is to be done now."""
        from schema.payment_outcome import outcome_of

        return await outcome_of(info.context, self.row)

    @classmethod
    def of(cls, row: PaymentRow) -> Self:
        """The stored payment."""
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            method=PaymentMethod(row.method),
            status=PaymentStatus(row.status),
            amount=Money.of(DomainMoney(row.amount_minor, row.currency)),
            refunded=Money.of(DomainMoney(row.refunded_minor, row.currency)),
            reference=row.reference,
            provider=row.provider,
            card=row.card,
            attempts=row.attempts,
            declined=declined(row),
            expires_at=row.expires_at,
            booking_id=strawberry.ID(row.booking_id),
            quote_id=strawberry.ID(row.quote_id) if row.quote_id else None,
            operation_id=strawberry.ID(row.operation_id),
            created_at=row.created_at,
            settled_at=row.settled_at,
        )
