"""Where a refund goes, and when it is there."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry

from app.domain import quotes
from app.domain.aftersales import RefundForm
from app.domain.quotes import ArrivalBasis
from app.store.tables import PaymentMethod
from resolvers.quotes import payment_back_to
from schema.enums import describe
from schema.fields import Info, answered
from schema.money import Money
from schema.payment import Payment


class RefundTarget(StrEnum):
    """Where a part of a refund goes."""

    CARD = "CARD"
    ACCOUNT = "ACCOUNT"
    VOUCHER = "VOUCHER"
    AIRLINE_CREDIT = "AIRLINE_CREDIT"


describe(
    RefundTarget,
    "Where a part of a refund goes.",
    {
        RefundTarget.CARD: "Back to the card that paid.",
        RefundTarget.ACCOUNT: "Back to the partner's account.",
        RefundTarget.VOUCHER: "To the travellers, as a voucher of the airline's.",
        RefundTarget.AIRLINE_CREDIT: "To the travellers, as a credit with the airline.",
    },
)
describe(
    ArrivalBasis,
    "Where the date comes from by which a refund is expected.",
    {
        ArrivalBasis.AT_ONCE: "The gateway gives it back itself, with the refund.",
        ArrivalBasis.PROVIDER: "The payment provider says how long a card takes.",
        ArrivalBasis.CARRIER: "The airline gives it; where it says no date, there is none.",
    },
)
_TARGETS = {RefundForm.VOUCHER: RefundTarget.VOUCHER, RefundForm.AIRLINE_CREDIT: RefundTarget.AIRLINE_CREDIT}
_PAID_BY = {PaymentMethod.CARD: RefundTarget.CARD, PaymentMethod.ON_ACCOUNT: RefundTarget.ACCOUNT}


@strawberry.type(description="Where a part of a refund goes, and when it is there.")
class RefundSource:
    """`RefundSource` of the domain."""

    source: strawberry.Private[quotes.RefundSource]
    booking_id: strawberry.Private[str]

    amount: Money = strawberry.field(description="How much.")
    form: RefundForm = strawberry.field(description="What is given back.")
    expected_by: datetime | None = strawberry.field(description="When it is there at the latest; null when not known.")
    basis: ArrivalBasis = strawberry.field(description="Where that date comes from.")

    @answered
    async def to(self, info: Info) -> RefundTarget:
        """Where it goes."""
        payment = await payment_back_to(info.context, self.booking_id, self.source)
        return _PAID_BY[PaymentMethod(payment.method)] if payment else _TARGETS[self.source.form]

    @answered
    async def payment(self, info: Info) -> Payment | None:
        """The payment that it goes back to; null for vouchers and credits of the airline's."""
        row = await payment_back_to(info.context, self.booking_id, self.source)
        return Payment.of(row) if row else None

    @classmethod
    def of(cls, source: quotes.RefundSource, booking_id: str) -> Self:
        """The domain's source."""
        return cls(
            source=source,
            booking_id=booking_id,
            amount=Money.of(source.amount),
            form=source.form,
            expected_by=source.expected_by,
            basis=source.basis,
        )
