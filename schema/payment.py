"""Payments of a booking."""

from datetime import datetime
from typing import Self

import strawberry

from app.domain.money import Money as DomainMoney
from app.store.tables import PaymentMethod, PaymentRow, PaymentStatus
from schema.enums import describe
from schema.money import Money
from schema.node import Node

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
        PaymentStatus.FAILED: "The amount was reserved and could not be taken.",
    },
)


@strawberry.type(description="One payment for a booking.")
class Payment(Node):
    """A payment's row."""

    method: PaymentMethod = strawberry.field(description="How it is made.")
    status: PaymentStatus = strawberry.field(description="How far it has come.")
    amount: Money = strawberry.field(description="What was taken or, until then, reserved.")
    reference: str | None = strawberry.field(description="The partner's own reference for it.")
    booking_id: strawberry.ID = strawberry.field(description="The booking it is for.")
    operation_id: strawberry.ID = strawberry.field(description="The operation that made it.")
    created_at: datetime = strawberry.field(description="When the amount was reserved.")
    settled_at: datetime | None = strawberry.field(description="When it was taken or released; null until then.")

    @classmethod
    def of(cls, row: PaymentRow) -> Self:
        """The stored payment."""
        return cls(
            id=strawberry.ID(row.id),
            method=PaymentMethod(row.method),
            status=PaymentStatus(row.status),
            amount=Money.of(DomainMoney(row.amount_minor, row.currency)),
            reference=row.reference,
            booking_id=strawberry.ID(row.booking_id),
            operation_id=strawberry.ID(row.operation_id),
            created_at=row.created_at,
            settled_at=row.settled_at,
        )
